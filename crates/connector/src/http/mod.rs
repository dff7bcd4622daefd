//! The guarded HTTP client: one host, pinned addresses, bounded time and bytes.
//!
//! Every call opens a connection of its own, made to addresses that were resolved once and
//! checked ([`crate::egress::pin`]). A connection that was kept open could be one that the
//! target has closed meanwhile, and then nobody could say whether the request arrived.

mod connection;
mod exchange;
mod path;
mod redirect;
mod retry_after;
mod tls;

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{Method, header::HeaderMap};
use url::Url;

use crate::egress::{Resolve, SystemResolver};

pub(crate) use exchange::not_reached;
pub(crate) use path::{join, segment};

/// Longest answer, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Most redirects that are followed, all on one origin.
pub const REDIRECTS_MAX: usize = 3;

/// The guarded client. Cheap to clone; clones share the TLS set-up.
#[derive(Clone)]
pub struct Client {
    resolver: Arc<dyn Resolve>,
    tls: Arc<tls::Tls>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new(Arc::new(SystemResolver))
    }
}

impl Client {
    /// A client that asks `resolver` for addresses.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver, tls: Arc::new(tls::Tls::default()) }
    }

    /// The resolver, for the other transports.
    pub(crate) fn resolver(&self) -> &dyn Resolve {
        &*self.resolver
    }
}

/// One request, complete but for the connection.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// `Authorization` among them, marked sensitive.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    /// Statuses that mean accepted; 2xx if empty.
    pub(crate) accept: Vec<u16>,
    pub(crate) allow_private: bool,
    /// For everything: resolving, connecting, redirects, and the last byte of the answer.
    pub(crate) timeout: Duration,
}
