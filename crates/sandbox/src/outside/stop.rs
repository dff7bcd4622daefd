//! Telling a run from another thread that nobody wants to know any more.

use std::io::{self, PipeReader, PipeWriter};

/// As long as it lives, the run goes on; drop it to stop the run.
#[derive(Debug)]
pub struct StopHandle {
    _alive: PipeWriter,
}

/// Given to [`crate::Sandbox::run`].
#[derive(Debug)]
pub struct StopSignal(PipeReader);

/// A handle and its signal.
///
/// # Errors
/// No descriptor to spare.
pub fn stop() -> io::Result<(StopHandle, StopSignal)> {
    let (reader, writer) = io::pipe()?;
    Ok((StopHandle { _alive: writer }, StopSignal(reader)))
}

impl StopSignal {
    /// Becomes readable when the handle is gone.
    pub(super) fn pipe(&self) -> &PipeReader {
        &self.0
    }
}
