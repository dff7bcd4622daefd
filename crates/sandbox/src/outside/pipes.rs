//! The program's standard streams, read and written without waiting.

use std::{
    fs::File,
    io::{self, ErrorKind, Read as _, Write as _},
    os::fd::OwnedFd,
};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::confinement::GO;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Reads a stream up to a limit.
#[derive(Debug)]
pub(super) struct Sink {
    /// Gone when the stream has ended.
    pipe: Option<File>,
    bytes: Vec<u8>,
    max: usize,
}

/// Writes a text as the program takes it, once it may begin.
#[derive(Debug)]
pub(super) struct Feed<'a> {
    /// Gone when all is written, or nobody reads any more.
    pipe: Option<File>,
    rest: &'a [u8],
    has_begun: bool,
}

impl Sink {
    pub(super) fn new(pipe: Option<impl Into<OwnedFd>>, max: usize) -> io::Result<Self> {
        let pipe = pipe.ok_or_else(|| io::Error::other("a stream is missing"))?;
        Ok(Self { pipe: Some(unblocked(pipe.into())?), bytes: Vec::new(), max })
    }

    pub(super) fn pipe(&self) -> Option<&File> {
        self.pipe.as_ref()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether more came than may be.
    pub(super) fn is_over(&self) -> bool {
        self.bytes.len() > self.max
    }

    /// Takes what is there now. Stops one byte over the limit.
    pub(super) fn take(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK];
        while let Some(pipe) = &mut self.pipe
            && self.bytes.len() <= self.max
        {
            match pipe.read(&mut chunk) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    let room = (self.max + 1).saturating_sub(self.bytes.len());
                    let taken = chunk.get(..count.min(room)).unwrap_or_default();
                    self.bytes.extend_from_slice(taken);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What was read, up to the limit.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.max);
        self.bytes
    }
}

impl<'a> Feed<'a> {
    pub(super) fn new(pipe: Option<impl Into<OwnedFd>>, text: &'a [u8]) -> io::Result<Self> {
        let pipe = pipe.ok_or_else(|| io::Error::other("standard input is missing"))?;
        Ok(Self { pipe: Some(unblocked(pipe.into())?), rest: text, has_begun: false })
    }

    /// What there is to be written to, now.
    pub(super) fn pipe(&self) -> Option<&File> {
        self.pipe.as_ref().filter(|_| self.has_begun)
    }

    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Lets the program begin. An empty pipe has room for that.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        self.has_begun = true;
        if let Some(pipe) = &mut self.pipe {
            pipe.write_all(GO)?;
        }
        self.give()
    }

    /// Gives what the program takes now. One that reads nothing has its reasons.
    pub(super) fn give(&mut self) -> io::Result<()> {
        while let Some(pipe) = self.pipe.as_mut().filter(|_| !self.rest.is_empty()) {
            match pipe.write(self.rest) {
                Ok(count) => self.rest = self.rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => self.rest = &[],
                Err(error) => return Err(error),
            }
        }
        if self.rest.is_empty() {
            self.pipe = None;
        }
        Ok(())
    }
}

fn unblocked(pipe: OwnedFd) -> io::Result<File> {
    let flags = fcntl_getfl(&pipe)?;
    fcntl_setfl(&pipe, flags | OFlags::NONBLOCK)?;
    Ok(File::from(pipe))
}
