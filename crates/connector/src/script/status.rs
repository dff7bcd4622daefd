//! What scripts find on this host, for the log at the start and for `stanch sandbox status`.

use std::{fmt, path::PathBuf};

use stanch_model::manifest::Interpreter;
use stanch_sandbox::Layers;

/// Layers and interpreters of this host.
#[derive(Clone, Debug)]
pub struct Status {
    /// What was enforced when it was tried.
    pub layers: Layers,
    /// Where each interpreter is, or where it was looked for.
    pub interpreters: Vec<(Interpreter, Result<PathBuf, String>)>,
}

impl Status {
    /// Whether scripts are run at all.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let layers = &self.layers;
        layers.landlock.is_ok()
            && layers.seccomp.is_ok()
            && layers.rlimits.is_ok()
            && layers.whole.is_ok()
    }
}

impl fmt::Display for Status {
    /// `landlock ABI 7, seccomp, rlimits, bubblewrap 0.8.0; python, bash; no powershell`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.layers)?;
        if let Err(why) = &self.layers.whole {
            return write!(f, "; no script is run ({why})");
        }
        let mut separator = "; ";
        for (interpreter, found) in &self.interpreters {
            if found.is_ok() {
                write!(f, "{separator}{}", interpreter.word())?;
                separator = ", ";
            }
        }
        for (interpreter, found) in &self.interpreters {
            if found.is_err() {
                write!(f, "; no {}", interpreter.word())?;
            }
        }
        Ok(())
    }
}
