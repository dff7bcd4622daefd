//! Why a program was not run, or not watched to its end.

use std::{io, path::PathBuf};

use crate::Layer;

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A layer that the program requires is not enforced on this host.
    #[error("{layer} is missing on this host: {why}")]
    Missing {
        /// Which.
        layer: Layer,
        /// What was tried, and what came of it.
        why: String,
    },
    /// The network was asked for where it cannot be limited.
    #[error("access to the network cannot be limited on this host: {why}")]
    Network {
        /// What is missing.
        why: String,
    },
    /// All layers are there, but a program did not come through them when that was tried.
    #[error("no program runs in the sandbox on this host: {why}")]
    Unusable {
        /// What was tried, and what came of it.
        why: String,
    },
    /// The process runs as root and has no other user to become.
    #[error("root has no user id to spare for the program: {why}")]
    NoUser {
        /// What was looked at.
        why: String,
    },
    /// The program is not there.
    #[error("{} cannot be run", path.display())]
    Program {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What the program needs could not be put in place.
    #[error("{what}")]
    Prepare {
        /// What was tried.
        what: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The rights could not be taken away, so the program was not begun.
    #[error("the sandbox refused before the program began: {why}")]
    Refused {
        /// In its own words.
        why: String,
    },
    /// The program was lost from sight; it was killed, but may have done something before.
    #[error("the program could not be watched to its end")]
    Lost(#[source] io::Error),
}

impl Error {
    /// Whether the program may have begun. If not, it is certain that nothing happened.
    #[must_use]
    pub const fn may_have_begun(&self) -> bool {
        matches!(self, Self::Lost(_))
    }
}
