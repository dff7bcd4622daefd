//! Syslog listeners: UDP (RFC 5426), TCP with octet counting or line feeds (RFC 6587).

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{Intake, Source};
use crate::Error;

/// Longest message, in bytes; a longer one is cut there. RFC 5424 §6.1 asks for 2,048 at least.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// How many senders one TCP listener serves at the same time.
const SENDERS_MAX: usize = 256;

/// UDP or TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyslogProtocol {
    /// One message a datagram; what is lost on the way is lost.
    Udp,
    /// A stream; a sender is slowed by its window.
    Tcp,
}

/// Where to listen, and as whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogOptions {
    /// UDP or TCP.
    pub protocol: SyslogProtocol,
    /// Address and port.
    pub listen: SocketAddr,
    /// As whose events.
    pub source: Source,
}

/// Binds and serves until `shutdown`; returns the address it is bound to.
///
/// # Errors
/// An address that cannot be bound, with what was tried.
pub async fn listen(
    intake: Intake,
    options: SyslogOptions,
    tasks: &mut JoinSet<Result<(), Error>>,
    shutdown: CancellationToken,
) -> Result<SocketAddr, Error> {
    let refused = |error: std::io::Error| {
        Error::Content(format!("cannot listen for syslog on {}: {error}", options.listen))
    };
    let bound = match options.protocol {
        SyslogProtocol::Udp => {
            let socket = UdpSocket::bind(options.listen).await.map_err(refused)?;
            let bound = socket.local_addr().map_err(refused)?;
            tasks.spawn(serve_udp(intake, options.source.clone(), socket, shutdown));
            bound
        }
        SyslogProtocol::Tcp => {
            let listener = TcpListener::bind(options.listen).await.map_err(refused)?;
            let bound = listener.local_addr().map_err(refused)?;
            tasks.spawn(serve_tcp(intake, options.source.clone(), listener, shutdown));
            bound
        }
    };
    Ok(bound)
}

async fn serve_udp(
    intake: Intake,
    source: Source,
    socket: UdpSocket,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let mut buffer = vec![0_u8; MESSAGE_BYTES_MAX];
    loop {
        let size = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            received = socket.recv_from(&mut buffer) => match received {
                Ok((size, _sender)) => size,
                Err(_) => continue,
            },
        };
        deliver(&intake, &source, buffer.get(..size).unwrap_or_default()).await?;
    }
}

async fn serve_tcp(
    intake: Intake,
    source: Source,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let mut senders = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            Some(ended) = senders.join_next() => {
                if let Ok(Err(Error::Poisoned)) = ended {
                    return Err(Error::Poisoned);
                }
            }
            accepted = listener.accept(), if senders.len() < SENDERS_MAX => {
                if let Ok((stream, _sender)) = accepted {
                    senders.spawn(serve_sender(intake.clone(), source.clone(), stream));
                }
            }
        }
    }
}

async fn serve_sender(intake: Intake, source: Source, stream: TcpStream) -> Result<(), Error> {
    let mut reader = BufReader::new(stream);
    while let Ok(Some(message)) = next_message(&mut reader).await {
        deliver(&intake, &source, &message).await?;
    }
    Ok(())
}

/// RFC 6587: `LENGTH SP MESSAGE` if it begins with a digit other than zero, else up to a line feed.
async fn next_message(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let first = match reader.fill_buf().await?.first() {
        Some(first) => *first,
        None => return Ok(None),
    };
    let limit = u64::try_from(MESSAGE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut message = Vec::new();
    if first.is_ascii_digit() && first != b'0' {
        let mut length = Vec::new();
        reader.take(8).read_until(b' ', &mut length).await?;
        let length = std::str::from_utf8(&length).ok().and_then(|text| text.trim().parse().ok());
        let Some(length) = length.filter(|length: &u64| *length <= limit) else { return Ok(None) };
        reader.take(length).read_to_end(&mut message).await?;
    } else {
        reader.take(limit).read_until(b'\n', &mut message).await?;
    }
    Ok(Some(message))
}

async fn deliver(intake: &Intake, source: &Source, message: &[u8]) -> Result<(), Error> {
    match intake.stream(source, message).await {
        Ok(_) => Ok(()),
        Err(Error::Poisoned) => Err(Error::Poisoned),
        Err(error) => {
            tracing::warn!(source = %source.name, %error, "a syslog message was not taken");
            Ok(())
        }
    }
}
