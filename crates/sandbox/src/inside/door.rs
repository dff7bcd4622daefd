//! The door: a listener on the loopback address of this network namespace, handed to the outside.
//!
//! A socket belongs to the namespace in which it was made, so the outside accepts connections that nobody
//! else can make.

use std::{
    io::{self, IoSlice},
    mem::MaybeUninit,
    net::{Ipv4Addr, TcpListener},
    os::{fd::AsFd as _, unix::net::UnixStream},
    path::Path,
};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use crate::DOOR_PORT;

pub(super) fn hand_over(path: &Path) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, DOOR_PORT))?;
    let to = UnixStream::connect(path)?;
    let descriptors = [listener.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(&to, &[IoSlice::new(b"d")], &mut ancillary, SendFlags::empty())?;
    Ok(())
}
