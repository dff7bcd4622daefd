//! How this program starts itself again.

use std::{io, path::PathBuf, process::Command};

/// The running program, whatever has become of its file since.
const SELF: &str = "/proc/self/exe";

/// Starts `sandbox-exec`.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// Words before the task.
    words: Vec<String>,
}

impl Launcher {
    /// The running program, started again with these words before the task: its `main` must give what
    /// follows them to [`crate::enter`] before it does anything else.
    #[must_use]
    pub fn this_program(words: &[&str]) -> Self {
        Self { words: words.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// As a child of this process.
    pub(crate) fn command(&self) -> Command {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the crate that starts child processes"
        )]
        let mut command = Command::new(SELF);
        command.args(&self.words);
        command
    }

    /// The program's file, for a child that sees another file system.
    pub(super) fn file() -> io::Result<PathBuf> {
        std::env::current_exe()
    }

    pub(super) fn words(&self) -> &[String] {
        &self.words
    }
}
