//! What came of a run.

use std::fmt;

use crate::Limits;

/// What came of a program that may have begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// What it wrote, at most [`Limits::output_bytes`].
    pub stdout: Vec<u8>,
    /// What it complained about, at most [`Limits::error_bytes`].
    pub stderr: Vec<u8>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Exited(i32),
    /// By a signal that was not ours.
    Signalled(i32),
    /// It reached a limit, and was stopped with everything that it had started.
    Stopped(Limit),
    /// The caller did not want to know any more.
    Cancelled,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::wall`].
    Wall,
    /// [`Limits::cpu`].
    Cpu,
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::output_bytes`].
    Output,
    /// [`Limits::error_bytes`].
    Error,
    /// [`Limits::processes`].
    Processes,
    /// [`Limits::file_bytes`].
    FileSize,
    /// [`Limits::tmp_bytes`], or too many or too deeply nested files in the temporary folder.
    Tmp,
}

impl Limit {
    /// In plain words, with the figure.
    #[must_use]
    pub fn explain(self, limits: &Limits) -> String {
        match self {
            Self::Wall => format!("it did not end within {:?}", limits.wall),
            Self::Cpu => format!("it used more than {} s of CPU time", limits.cpu_seconds()),
            Self::Memory => format!("it used more than {}", bytes(limits.memory_bytes)),
            Self::Output => format!("it wrote more than {} bytes of output", limits.output_bytes),
            Self::Error => format!("it wrote more than {} bytes of errors", limits.error_bytes),
            Self::Processes => format!("it ran more than {} processes", limits.processes),
            Self::FileSize => format!("it wrote a file of more than {}", bytes(limits.file_bytes)),
            Self::Tmp => {
                format!(
                    "its temporary files are too many, or more than {}",
                    bytes(limits.tmp_bytes)
                )
            }
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "ended with status {status}"),
            Self::Signalled(signal) => write!(f, "killed by signal {signal}"),
            Self::Stopped(limit) => write!(f, "stopped at the limit {limit:?}"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

fn bytes(count: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if count >= MIB && count.is_multiple_of(MIB) {
        format!("{} MiB", count / MIB)
    } else {
        format!("{count} bytes")
    }
}
