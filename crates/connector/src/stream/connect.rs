//! From an instance to an open connection; nothing has been said by then.

use std::time::Duration;

use stanch_model::manifest::Instance;
use tokio::net::TcpStream;

use super::{Stream, tls};
use crate::{
    Secret,
    egress::{self, EgressError},
    http::{Client, not_reached},
    instance::Place,
    outcome::Attempt,
};

/// What a call over one of these protocols needs.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) client: &'a Client,
    pub(crate) instance: &'a Instance,
    pub(crate) secret: Option<&'a Secret>,
    /// For everything, from the look-up of the name to the last byte.
    pub(crate) timeout: Duration,
}

/// How the line is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain at first; TLS before anything of worth is said.
    Upgrade,
    /// Not at all.
    Plain,
}

/// Connects to the pinned addresses of `place`, and speaks TLS where it comes first.
pub(crate) async fn open(line: &Line<'_>, place: &Place) -> Result<Stream, Attempt> {
    let allow_private = line.instance.allow_private;
    let addresses = egress::pin(line.client.resolver(), &place.host, place.port, allow_private)
        .await
        .map_err(|error: EgressError| not_reached(&error))?;
    if place.security == Security::Plain
        && let Some(outside) = addresses.iter().find(|address| !egress::is_inside(address.ip()))
    {
        return Err(Attempt::refused(format!(
            "{} is outside ({}): talking to it without TLS would tell the password to everybody \
             on the way; remove `plaintext: true`",
            place.host,
            outside.ip()
        )));
    }
    let stream = TcpStream::connect(&*addresses).await.map_err(|error| {
        let (host, port) = (&place.host, place.port);
        Attempt::unreachable(format!("no connection to {host} port {port}: {error}"))
    })?;
    stream.set_nodelay(true).map_err(|error| Attempt::unreachable(error.to_string()))?;
    let stream = Stream::new(stream);
    match place.security {
        Security::Tls => stream.secure(line, &place.host).await,
        Security::Upgrade | Security::Plain => Ok(stream),
    }
}

impl Stream {
    /// Goes on under TLS. What the server sent ahead of it came in the clear, and is refused.
    pub(crate) async fn secure(self, line: &Line<'_>, host: &str) -> Result<Self, Attempt> {
        if !self.ahead.is_empty() {
            return Err(Attempt::refused(
                "the server sent more in the clear than it was asked for before TLS began: \
                 somebody on the way may have put it there",
            ));
        }
        tls::secure(self.inner, line, host).await.map(Self::new)
    }
}
