//! The codes of what keeps secrets from being opened: one table, for messages and docs.

/// One kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `SC0001`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $help:literal;)+) => {
        $(pub(super) const $name: &str = $code;)+

        /// All codes, in order.
        pub const CODES: &[Code] = &[$(Code { code: $code, title: $title, help: $help }),+];
    };
}

codes! {
    REFERENCE = "SC0001", "`secrets.key` names no key",
        "Write `file:PATH`, `env:NAME`, `passphrase:file:PATH` or `passphrase:env:NAME`.";
    UNREADABLE = "SC0002", "the key cannot be read",
        "Set the variable, or put the file where `secrets.key` says, readable for the user that Stanch runs as.";
    EXPOSED = "SC0003", "the key's file is open to others",
        "`chmod 600` it, and make a new key (`stanch secret rotate-key`) if somebody may have read it.";
    MALFORMED = "SC0004", "what was read is no key",
        "A key is 64 hexadecimal digits (`openssl rand -hex 32`); a passphrase has at least 16 characters.";
    WRONG_KEY = "SC0005", "the secrets are sealed under another key",
        "Put the key back that they were sealed under, or name it under `secrets.previous`. If it is lost, forget the secrets (`stanch secret remove --all --data DIR`) and set them anew.";
    DAMAGED = "SC0006", "a sealed value does not open",
        "The key is right, so the store was changed or damaged: set the secret anew, and look for the cause.";
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_numbered_without_gaps() {
        for (index, code) in CODES.iter().enumerate() {
            assert_eq!(code.code, format!("SC{:04}", index + 1));
            assert!(!code.title.ends_with('.') && code.help.ends_with('.'), "{code:?}");
        }
    }
}
