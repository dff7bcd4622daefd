//! The other side of the door: takes the listener that the inside made.

use std::{
    io::{self, IoSliceMut},
    mem::MaybeUninit,
    net::TcpListener,
    os::{fd::OwnedFd, unix::net::UnixListener},
    path::{Path, PathBuf},
};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

/// A socket that waits for the listener. It can be reached by the program's folder only.
#[derive(Debug)]
pub(super) struct Waiting(UnixListener);

impl Waiting {
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("door")
    }

    pub(super) fn at(folder: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(Self::path(folder))?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Becomes readable when the inside has knocked.
    pub(super) fn socket(&self) -> &UnixListener {
        &self.0
    }

    /// Takes what the inside hands over: it connects and sends in one go, before it goes on.
    pub(super) fn take(&self) -> io::Result<TcpListener> {
        let (from, _) = self.0.accept()?;
        from.set_nonblocking(false)?;
        from.set_read_timeout(Some(std::time::Duration::from_secs(1)))?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let flags = RecvFlags::CMSG_CLOEXEC;
        recvmsg(&from, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, flags)?;
        let mut descriptors = ancillary.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        });
        let descriptor: Option<OwnedFd> = descriptors.next().and_then(|mut found| found.next());
        let descriptor = descriptor.ok_or_else(|| io::Error::other("no listener came"))?;
        Ok(TcpListener::from(descriptor))
    }
}
