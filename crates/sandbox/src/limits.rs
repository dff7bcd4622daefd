//! Limits of one run: all of them are in force, whatever else the host has.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const MIB: u64 = 1024 * 1024;

/// When a program is stopped. Memory, CPU time and processes are those of the whole tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// From its start, when all rights are gone, to its end.
    pub wall: Duration,
    /// Time on a processor; a part of a second counts as a whole one.
    pub cpu: Duration,
    /// Memory in use, and the address space of each process, in bytes.
    pub memory_bytes: u64,
    /// Standard output, in bytes.
    pub output_bytes: usize,
    /// Standard error, in bytes.
    pub error_bytes: usize,
    /// Processes and threads at a time.
    pub processes: u64,
    /// Open files of each process.
    pub files: u64,
    /// Longest file, in bytes.
    pub file_bytes: u64,
    /// Everything in the temporary folder together, in bytes.
    pub tmp_bytes: u64,
}

impl Default for Limits {
    /// For a script that reads a few values and answers with a few more.
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(20),
            cpu: Duration::from_secs(20),
            memory_bytes: 512 * MIB,
            output_bytes: 256 * 1024,
            error_bytes: 64 * 1024,
            processes: 32,
            files: 128,
            file_bytes: 64 * MIB,
            tmp_bytes: 64 * MIB,
        }
    }
}

impl Limits {
    /// CPU time as the kernel counts it.
    pub(crate) fn cpu_seconds(&self) -> u64 {
        self.cpu.as_secs().saturating_add(u64::from(self.cpu.subsec_nanos() > 0)).max(1)
    }
}
