//! The codes of everything that a script can come to beside its answer.

/// One kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `SB0001`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What to do.
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
    LAYER = "SB0001", "a layer of the sandbox is missing on this host",
        "`stanch sandbox status` says which, and why. Landlock needs Linux 5.13 or newer with `landlock` among the kernel's security modules; bubblewrap is a package.";
    NETWORK = "SB0002", "access to the network cannot be limited on this host",
        "A script that reaches others needs bubblewrap and Landlock ABI 4 (Linux 6.7).";
    INTERPRETER = "SB0003", "the interpreter is not installed",
        "Install it where it is looked for: the message says where.";
    START = "SB0004", "the script could not be started",
        "Nothing of it has run. The message says what was tried; the scratch folder must be one that other users can pass, such as `/tmp`.";
    GRANT = "SB0005", "a grant that names no host",
        "Write `HOST:PORT`.";
    LIMIT = "SB0006", "the script reached a limit and was stopped",
        "Everything that it had started was ended with it. Let it do less at a time, or give the step a longer timeout.";
    FAILED = "SB0007", "the script ended with an error",
        "Its first line of complaint is in the message. Status 75 says that nothing was done for now, 77 that nothing was done for good.";
    OUTPUT = "SB0008", "the output of the script is no JSON object",
        "Write one JSON object to standard output, and everything else to standard error.";
    NONE = "SB0009", "scripts are not run here",
        "The program that hosts the engine has set up no sandbox.";
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_numbered_without_gaps() {
        for (index, code) in CODES.iter().enumerate() {
            assert_eq!(code.code, format!("SB{:04}", index + 1));
            assert!(!code.title.ends_with('.') && code.help.ends_with('.'), "{code:?}");
        }
    }
}
