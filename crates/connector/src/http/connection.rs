//! Whether a connection stood: the line between "nothing was sent" and "it may have arrived".

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures::{FutureExt, future::BoxFuture};
use tower::{Layer, Service};

/// Raised when TCP and TLS are through, before the first byte of the request.
#[derive(Clone, Debug, Default)]
pub(super) struct Connected(Arc<AtomicBool>);

impl Connected {
    /// Whether a request may have been sent.
    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Back to "nothing was sent", for the next hop of a redirect that the target did not act on.
    pub(super) fn lower(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl<S> Layer<S> for Connected {
    type Service = Watched<S>;
    fn layer(&self, connector: S) -> Watched<S> {
        Watched { connector, connected: self.clone() }
    }
}

/// A connector that raises the flag.
#[derive(Clone, Debug)]
pub(super) struct Watched<S> {
    connector: S,
    connected: Connected,
}

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, destination: R) -> Self::Future {
        let connected = self.connected.clone();
        let connecting = self.connector.call(destination);
        connecting
            .map(move |result| {
                if result.is_ok() {
                    connected.0.store(true, Ordering::SeqCst);
                }
                result
            })
            .boxed()
    }
}
