//! The codes of Sigma rules (`SG`) and of their test files (`TS`): what each means and how to mend it.

use stanch_model::{Diagnostic, Level, Span};

/// One row of the table; `docs/reference/codes.md` is written from it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `SG0003`.
    pub id: &'static str,
    /// Whether it stops the load.
    pub level: Level,
    /// What it means.
    pub title: &'static str,
    /// How to mend it.
    pub help: &'static str,
}

/// Characters that a message may have; it quotes what somebody wrote.
const MESSAGE_CHARS_MAX: usize = 400;

impl Code {
    /// A finding of this code. The message becomes one line without control characters, since it quotes the
    /// file and is shown on terminals.
    pub(crate) fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let message: String = message.into().chars().map(plain).take(MESSAGE_CHARS_MAX).collect();
        Diagnostic { level: self.level, ..Diagnostic::error(self.id, span, message, self.help) }
    }

    /// A finding of this code with a help that knows more than the table.
    pub(crate) fn helped(
        &self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { help: help.into(), ..self.at(span, message) }
    }
}

macro_rules! codes {
    ($($name:ident = $id:literal $level:ident, $title:literal, $help:literal;)+) => {
        $(pub(crate) const $name: Code =
            Code { id: $id, level: Level::$level, title: $title, help: $help };)+

        /// Every code, in order.
        pub const ALL: &[&Code] = &[$(&$name),+];
    };
}

codes! {
    YAML = "SG0001" Error, "the text is no YAML that rules are written in",
        "mend the YAML at this place; anchors, aliases, tags and doubled keys are not read";
    NOT_A_RULE = "SG0002" Error, "the document is no Sigma document",
        "a document has `detection`, `correlation` or `filter` at its top level";
    MISSING = "SG0003" Error, "a key that every such document needs is missing",
        "add the key";
    SHAPE = "SG0004" Error, "a value has another shape or word than the key takes",
        "write the value as Sigma Specification 2.1 has it";
    MISSPELT = "SG0005" Warning, "a key that Sigma does not know looks like one that it knows",
        "correct the key, or rename it if it is one of your own";
    UNKNOWN_KEY = "SG0006" Error, "a key that would not be obeyed",
        "remove the key; here Sigma has no keys of one's own";
    ACTION = "SG0007" Error, "collection actions are not read",
        "write each rule out in a document of its own, separated by `---`";
    ENGINE_KEY = "SG0008" Error, "keys that steer another engine are not obeyed here",
        "remove the key";
    DUPLICATE = "SG0009" Error, "two documents share an id or a name",
        "give this document an id of its own (a random UUID)";
    LOGSOURCE = "SG0010" Error, "the log source names nothing to route by",
        "name at least one of `product`, `service` and `category`";
    TOO_LARGE = "SG0011" Error, "the file is larger or deeper nested than a rule file may be",
        "split the file";
    TECHNIQUE = "SG0012" Warning, "a tag that should name an ATT&CK technique does not",
        "write `attack.t1059` or `attack.t1059.001`";
    NO_ID = "SG0013" Warning, "a correlation has no id; its alerts go by its name or title",
        "add `id:` with a random UUID (version 4)";
    METADATA = "SG0014" Warning, "metadata that nothing depends on cannot be read",
        "write the key as Sigma Specification 2.1 has it";
    CONDITION = "SG0021" Error, "the condition cannot be read",
        "use selections joined by `and`, `or`, `not`, `1 of NAME*`, `all of them`; count with a correlation rule";
    UNDEFINED = "SG0022" Error, "the condition names a selection that is not there",
        "define the selection, or correct its name in the condition";
    UNUSED = "SG0023" Warning, "a selection is defined but no condition names it",
        "name the selection in the condition, or remove it";
    TIMEFRAME = "SG0024" Error, "`timeframe` in a detection is not obeyed",
        "write a correlation rule with `timespan`";
    EMPTY = "SG0025" Error, "a selection or list is empty",
        "give it at least one value";
    MODIFIER = "SG0030" Error, "unknown modifier",
        "use a modifier of the Sigma modifiers appendix";
    COMBINATION = "SG0031" Error, "these modifiers cannot stand together",
        "keep one operator for each field";
    VALUE = "SG0032" Error, "the value does not fit the modifier",
        "write a value that the modifier can take";
    REGEX = "SG0033" Error, "the regular expression cannot be compiled",
        "mend the expression; look-around and back references are not supported";
    PLACEHOLDER = "SG0034" Error, "a placeholder has no values here",
        "write the values in place of the placeholder and drop `expand`";
    CORRELATION_TYPE = "SG0040" Error, "unknown type of correlation",
        "use event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile or value_median";
    TIMESPAN = "SG0041" Error, "the time span cannot be read",
        "write a number and one of s, m, h, d, w: `5m`";
    THRESHOLD = "SG0042" Error, "the condition of the correlation cannot be run",
        "write a comparison, such as `gte: 10`; value types also need `field`";
    DANGLING = "SG0043" Error, "a document refers to a rule that is not there",
        "load the rule with it, or correct the id or name";
    CYCLE = "SG0044" Error, "correlations refer to each other in a circle, or in too long a chain",
        "break the circle: a correlation may stand on at most nine others";
    ALIAS = "SG0045" Error, "an alias names a rule that the correlation does not list",
        "list the rule under `rules`, or correct the alias";
    FILTER_OF = "SG0051" Error, "`of` in the condition of a filter would reach into the filtered rule",
        "name the selections of the filter one by one";
    REFUSED = "SG0099" Error, "the evaluator cannot run the document",
        "rewrite the part that the message names";
    TEST_SHAPE = "TS0101" Error, "the test file of a rule cannot be read",
        "write a list of cases with `name`, `events` and `match`";
    TEST_RULE = "TS0102" Error, "the rule under test is refused",
        "mend the rule first";
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_unique_and_in_order() {
        let ids: Vec<_> = super::ALL.iter().map(|code| code.id).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
    }
}
