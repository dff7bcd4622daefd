//! The only way out for a script that was granted hosts: an HTTP proxy that knows `CONNECT` alone.
//!
//! It stands behind the sandbox's door, so nobody else can reach it. It looks at the grant, then at the
//! addresses that the name leads to ([`crate::egress::pin`]), and connects to those and no others. What goes
//! through it is the script's, encrypted or not; that it ends is seen to by the script's own time limit.

mod connection;
mod request;

use std::{convert::Infallible, future::pending, net, sync::Arc, time::Duration};

use stanch_sandbox::{DOOR_PORT, Door};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

use super::Grant;
use crate::{egress::Resolve, outside};

/// Connections of one script at a time; more are closed.
const CONNECTIONS_MAX: usize = 32;

/// Pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Whom a script may reach, and how names are resolved.
pub(super) struct Proxy {
    pub(super) grants: Vec<Grant>,
    pub(super) allow_private: bool,
    pub(super) resolver: Arc<dyn Resolve>,
}

/// A door, and what stands behind it.
pub(super) fn door() -> (Door, oneshot::Receiver<net::TcpListener>) {
    let (sender, receiver) = oneshot::channel();
    let door = Door::new(move |listener| {
        if sender.send(listener).is_err() {
            tracing::debug!("nobody waits for the script's door any more");
        }
    });
    (door, receiver)
}

/// How a script's programs find the proxy.
pub(super) fn environment() -> impl Iterator<Item = (String, String)> {
    let address = format!("http://127.0.0.1:{DOOR_PORT}");
    let names = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];
    names.into_iter().map(move |name| (name.to_owned(), address.clone()))
}

impl Proxy {
    /// Serves until it is dropped, which closes every connection.
    pub(super) async fn serve(self, listener: oneshot::Receiver<net::TcpListener>) -> Infallible {
        // A script that was never begun knocks at no door.
        let Ok(listener) = listener.await else { return pending().await };
        match unblocked(listener) {
            Ok(listener) => Arc::new(self).accept(&listener).await,
            Err(error) => {
                let error = outside::chain(&error);
                tracing::error!(error, "the script's door cannot be opened");
                pending().await
            }
        }
    }

    async fn accept(self: Arc<Self>, listener: &TcpListener) -> Infallible {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(ended) = connections.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a connection of a script died");
                    }
                    continue;
                }
            };
            match accepted {
                Ok((stream, _)) if connections.len() < CONNECTIONS_MAX => {
                    connections.spawn(Arc::clone(&self).connection(stream));
                }
                Ok(_) => tracing::debug!("a script opens too many connections at a time"),
                Err(error) => {
                    tracing::debug!(%error, "a script's connection came to nothing");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn connection(self: Arc<Self>, mut stream: TcpStream) {
        if let Err(error) = connection::serve(&self, &mut stream).await {
            tracing::debug!(%error, "a script's connection ended early");
        }
    }
}

fn unblocked(listener: net::TcpListener) -> std::io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
