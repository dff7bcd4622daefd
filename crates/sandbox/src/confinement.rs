//! What the outside tells the inside, as the one argument of `sandbox-exec`.
//!
//! It holds no secret: arguments can be read by everybody on the host.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Limits;

/// Written to standard output when every right is taken away. What comes after it is the program's.
pub(crate) const MARK: &[u8] = b"stanch: confined\n";

/// The answer to the mark, before what the program reads. Without it the program is never begun.
pub(crate) const GO: &[u8] = b"\n";

/// What a started `sandbox-exec` is for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Task {
    /// Enforce one layer on yourself, and see whether it holds.
    Check(Checked),
    /// Take every right away from yourself, and become the program.
    Become(Box<Confinement>),
}

/// Layers that a child can enforce on itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Checked {
    Landlock,
    Seccomp,
    Rlimits,
}

/// The program and its rights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Confinement {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Where it starts, and the only folder it can write to.
    pub(crate) tmp: PathBuf,
    /// Folders and files that it can read, and run programs from.
    pub(crate) read: Vec<PathBuf>,
    pub(crate) limits: Limits,
    /// Landlock's ABI, as it was found out at the start.
    pub(crate) landlock: i32,
    /// Threads that count against [`Limits::processes`] and are not the program's.
    pub(crate) others: u64,
    /// The user to become, where that was not done from outside.
    pub(crate) user: Option<u32>,
    /// The process that must be the parent, unless there is a PID namespace.
    pub(crate) parent: Option<i32>,
    /// The namespaces of the outside, of which none may be ours; empty without bubblewrap.
    pub(crate) outside: Vec<PathBuf>,
    /// Whether the program runs as the same user and in the same file system as Stanch.
    pub(crate) shares_user: bool,
    /// Where the listener of the door is handed over.
    pub(crate) door: Option<PathBuf>,
}

/// The namespaces that bubblewrap makes anew.
pub(crate) const NAMESPACES: [&str; 4] = ["mnt", "pid", "net", "ipc"];

/// The namespaces of this process.
pub(crate) fn namespaces() -> std::io::Result<Vec<PathBuf>> {
    NAMESPACES.iter().map(|name| std::fs::read_link(format!("/proc/self/ns/{name}"))).collect()
}
