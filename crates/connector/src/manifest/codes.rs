//! The codes of everything that is refused in a manifest: one table, for checker, docs and UI.

/// One kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `CN0001`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// Why it is refused.
    pub why: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $why:literal;)+) => {
        $(pub(super) const $name: &str = $code;)+

        /// All codes, in order.
        pub const CODES: &[Code] = &[$(Code { code: $code, title: $title, why: $why }),+];
    };
}

codes! {
    UNREADABLE = "CN0001", "the file is no YAML mapping",
        "Anchors, tags and doubled keys are refused as well: each reader would see another file.";
    UNKNOWN_KEY = "CN0002", "a key that means nothing",
        "A misspelt key would be skipped in silence, and the manifest would not do what it says.";
    MISSING_KEY = "CN0003", "a key that must be there",
        "There is no default that would be right for every target.";
    WRONG_TYPE = "CN0004", "a value of the wrong kind",
        "Words, numbers and durations have one spelling each.";
    NAME = "CN0005", "a name that steps cannot use",
        "Names stand in `do: CONNECTOR.ACTION` and in expressions: lower case letters, digits and `_`.";
    TRANSPORT = "CN0006", "a call that does not fit the transport",
        "One connector reaches its target in one way.";
    REQUEST = "CN0007", "a request that could not be sent",
        "Method, path, headers, statuses and command have the forms that the target's protocol has.";
    EXPRESSION = "CN0008", "an expression that cannot be read",
        "It would fail in the middle of an incident.";
    VARIABLE = "CN0009", "a variable that is not there",
        "Which variables there are depends on when the expression is evaluated.";
    SCHEMA = "CN0010", "a schema that cannot check anything",
        "Inputs and outputs are objects with a JSON Schema 2020-12 that stands on its own.";
    TARGET = "CN0011", "an act whose target is not named",
        "The guard decides by target: without one it would have to refuse every act.";
    VERIFY = "CN0012", "an act that nobody could see done",
        "Accepted is not done: the target is asked until the effect is seen.";
    UNDO = "CN0013", "an undo that does not fit the effect",
        "Reversible means that the manifest says how, and how to see that it is gone.";
    KEY = "CN0014", "an idempotency key that is never sent",
        "A target can recognise a key only if it gets it.";
    RETURNS = "CN0015", "outputs that do not fit the schema",
        "What is not returned cannot be checked, and steps after this one would read it.";
    PROBE = "CN0016", "an unknown outcome that could never be resolved",
        "After a crash an act is looked up in the target, or repeated if that is safe, or put before a person.";
    EXAMPLE = "CN0017", "an example that does not fit the schemas",
        "Examples are documentation and the answers of tests: they must be true.";
    TIMING = "CN0018", "a time that cannot work",
        "A question needs time for an answer, and an end.";
    EXPIRY = "CN0019", "a native expiry that the target is not told",
        "The target can lift the act by itself only if the request carries `ttl_seconds`.";
    NO_EXAMPLE = "CN0020", "an action without an example",
        "Without one it has no documentation, no plan answer and no contract test.";
    TYPES = "CN0021", "an expression that cannot work with its data",
        "A property that no schema has, or a text where a number is needed, fails at every call.";
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_numbered_without_gaps() {
        for (index, code) in CODES.iter().enumerate() {
            assert_eq!(code.code, format!("CN{:04}", index + 1));
            assert!(!code.title.ends_with('.') && code.why.ends_with('.'), "{code:?}");
        }
    }
}
