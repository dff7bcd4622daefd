//! Connections of the protocols that are not HTTP: pinned addresses, TLS unless plaintext was said aloud,
//! bounded bytes.
//!
//! The address is looked up once and checked as for HTTP ([`crate::egress`]). Without TLS only
//! inside addresses are talked to, and only where the instance says `plaintext: true`: a password
//! goes over the line. What was read before an upgrade to TLS is not read on after it.

mod connect;
mod tls;

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

pub(crate) use connect::{Line, Security, open};

/// Most bytes that are read from one connection.
pub(crate) const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes that are taken from the connection at a time.
const CHUNK: usize = 8 * 1024;

/// Raised just before a request goes out that changes something.
#[derive(Debug, Default)]
pub(crate) struct Sent(AtomicBool);

impl Sent {
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the request may have reached the server.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection.
pub(crate) struct Stream {
    inner: Box<dyn Duplex>,
    /// Read, and not asked for yet.
    ahead: Vec<u8>,
    /// How many bytes may still come.
    left: usize,
}

impl Stream {
    fn new(inner: impl Duplex + 'static) -> Self {
        Self { inner: Box::new(inner), ahead: Vec::new(), left: READ_BYTES_MAX }
    }

    /// Sends all of `bytes`.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes).await?;
        self.inner.flush().await
    }

    /// Says that nothing more will be sent.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.inner.shutdown().await
    }

    /// The next `count` bytes.
    pub(crate) async fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        if count > self.left.saturating_add(self.ahead.len()) {
            return Err(too_much());
        }
        while self.ahead.len() < count {
            self.more().await?;
        }
        let rest = self.ahead.split_off(count);
        Ok(std::mem::replace(&mut self.ahead, rest))
    }

    /// The next line without its end, CR LF or LF.
    pub(crate) async fn line(&mut self, bytes_max: usize) -> io::Result<Vec<u8>> {
        let mut looked = 0;
        loop {
            let found = self.ahead.iter().skip(looked).position(|byte| *byte == b'\n');
            if let Some(end) = found.map(|at| at + looked).filter(|end| *end <= bytes_max) {
                let rest = self.ahead.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.ahead, rest);
                line.truncate(end);
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            looked = self.ahead.len();
            if looked > bytes_max {
                let why = format!("the server sent a line of more than {bytes_max} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        let mut chunk = [0_u8; CHUNK];
        let room = chunk.get_mut(..self.left.min(CHUNK)).unwrap_or_default();
        if room.is_empty() {
            return Err(too_much());
        }
        let read = self.inner.read(room).await?;
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the server closed the connection",
            ));
        }
        self.ahead.extend(room.iter().take(read));
        self.left = self.left.saturating_sub(read);
        Ok(())
    }
}

fn too_much() -> io::Error {
    let why = format!("the server sent more than {} MiB", READ_BYTES_MAX / 1024 / 1024);
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(bytes: &[u8]) -> Stream {
        let (near, mut far) = tokio::io::duplex(bytes.len().max(1));
        far.write_all(bytes).await.unwrap();
        Stream::new(near)
    }

    #[tokio::test]
    async fn lines_and_bytes_are_cut_where_they_end() {
        let mut stream = of(b"one\r\ntwo\nabcde\r\n").await;
        assert_eq!(stream.line(3).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(stream.line(4).await.unwrap(), b"one");
        assert_eq!(stream.line(100).await.unwrap(), b"two");
        assert_eq!(stream.bytes(3).await.unwrap(), b"abc");
        assert_eq!(stream.line(100).await.unwrap(), b"de");
        assert_eq!(stream.line(100).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn no_more_is_read_than_allowed() {
        let (near, mut far) = tokio::io::duplex(CHUNK);
        let flood =
            tokio::spawn(async move { while far.write_all(&[b'x'; CHUNK]).await.is_ok() {} });
        let mut stream = Stream::new(near);
        assert!(stream.bytes(READ_BYTES_MAX + 1).await.is_err(), "refused before it is read");
        assert_eq!(stream.bytes(READ_BYTES_MAX).await.unwrap().len(), READ_BYTES_MAX);
        let error = stream.bytes(1).await.unwrap_err();
        assert!(error.to_string().contains("more than 4 MiB"), "{error}");
        drop(stream);
        flood.await.unwrap();
    }
}
