//! One connection of a script: its head, its target, and the bytes between them.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::TcpStream,
    time::timeout,
};

use super::{
    Proxy,
    request::{HEAD_BYTES_MAX, HEAD_END, Refusal, wanted},
};
use crate::egress;

/// Time for the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Time for a connection to the target.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn serve(proxy: &Proxy, stream: &mut TcpStream) -> io::Result<()> {
    let target = match head(stream).await? {
        Some(head) => connect(proxy, &head).await,
        None => Err(Refusal::new("431 Request Header Fields Too Large", "the head is too long")),
    };
    match target {
        Ok(mut target) => {
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            copy_bidirectional(stream, &mut target).await.map(drop)
        }
        Err(Refusal { status, why }) => {
            tracing::info!(status, why, "a script was not let through");
            let length = why.len() + 1;
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{why}\n"
            );
            stream.write_all(head.as_bytes()).await?;
            stream.shutdown().await
        }
    }
}

/// The head, and nothing of what follows it: a client waits for the answer.
async fn head(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let read = async {
        while head.len() < HEAD_BYTES_MAX {
            head.push(stream.read_u8().await?);
            if head.ends_with(HEAD_END) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    match timeout(HEAD_WITHIN, read).await {
        Ok(is_whole) => is_whole.map(|is_whole: bool| is_whole.then_some(head)),
        Err(late) => Err(late.into()),
    }
}

/// Connects to what the head asks for, if it may be reached.
async fn connect(proxy: &Proxy, head: &[u8]) -> Result<TcpStream, Refusal> {
    let grant = wanted(head, &proxy.grants)?;
    let (host, port) = (grant.host.as_str(), grant.port);
    let addresses = egress::pin(&*proxy.resolver, host, port, proxy.allow_private).await;
    let addresses = addresses.map_err(|error| {
        let status = if error.is_temporary() { "502 Bad Gateway" } else { "403 Forbidden" };
        Refusal::new(status, error.to_string())
    })?;
    let gone = |why: String| Refusal::new("502 Bad Gateway", format!("{host}:{port}: {why}"));
    match timeout(CONNECT_WITHIN, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(gone(crate::outside::chain(&error))),
        Err(_) => {
            Err(Refusal::new("504 Gateway Timeout", format!("{host}:{port} does not answer")))
        }
    }
}
