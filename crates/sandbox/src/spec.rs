//! What is to be run, and with which rights.

use std::{collections::BTreeMap, fmt, net::TcpListener, path::PathBuf};

use crate::{Layer, Limits};

/// The port of the door on the loopback address inside.
pub const DOOR_PORT: u16 = 3128;

/// A program, what it gets, and what it may.
#[derive(Debug)]
pub struct Spec {
    /// An absolute path.
    pub program: PathBuf,
    /// Its arguments, as they are: no shell reads them.
    pub arguments: Vec<String>,
    /// A file that it can read as `../NAME` from where it starts.
    pub file: Option<File>,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
    /// Its environment, beside `PATH`, `HOME`, `TMPDIR` and `LANG`. Nothing of ours is inherited.
    pub environment: BTreeMap<String, String>,
    /// Folders and files that it can read beside the system's programs and libraries.
    pub read_only: Vec<PathBuf>,
    /// Whom it can reach.
    pub network: Network,
    /// When it is stopped.
    pub limits: Limits,
    /// Layers without which it must not run, beside those that are always required.
    pub requires: Vec<Layer>,
}

/// A file for one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// A plain name, without `/`.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Whom a program can reach.
#[derive(Debug)]
pub enum Network {
    /// Nobody.
    None,
    /// Whoever stands behind the door, and nobody else. Needs bubblewrap.
    Door(Door),
}

/// Takes the listener on 127.0.0.1:[`DOOR_PORT`] inside; what is accepted there are the program's only
/// connections.
pub struct Door(Box<dyn FnOnce(TcpListener) + Send>);

impl Door {
    /// A door behind which `take` stands. It is called once, before the program begins, on the thread that
    /// watches it: it must not block.
    #[must_use]
    pub fn new(take: impl FnOnce(TcpListener) + Send + 'static) -> Self {
        Self(Box::new(take))
    }

    pub(crate) fn open(self, listener: TcpListener) {
        (self.0)(listener);
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Door")
    }
}
