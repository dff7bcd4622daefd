//! A session up to the point where a command can be sent; nothing has been done by then.

use std::sync::{Arc, Mutex, PoisonError};

use russh::{
    Preferred,
    client::{self, Config, Handle},
    keys::{PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate, decode_secret_key},
};
use tokio::net::TcpStream;

use super::host_key;
use crate::{
    Secret,
    egress::{self, Resolve},
    http::not_reached,
    instance::SshAddress,
    outcome::Attempt,
    outside,
};

/// The server that a session is opened to.
pub(super) struct Server<'a> {
    pub(super) address: &'a SshAddress,
    pub(super) host_key: &'a PublicKey,
    pub(super) allow_private: bool,
}

/// Answers the server's side of the protocol: one question only, whose key it is.
pub(super) struct Pinned {
    host_key: PublicKey,
    mismatch: Arc<Mutex<Option<String>>>,
}

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        match host_key::compare(&self.host_key, shown) {
            Ok(()) => Ok(true),
            Err(why) => {
                *self.mismatch.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                Ok(false)
            }
        }
    }
}

/// Connects to the pinned addresses, checks the server's key, and signs in with ours.
pub(super) async fn open(
    resolver: &dyn Resolve,
    server: &Server<'_>,
    key: &Secret,
) -> Result<Handle<Pinned>, Attempt> {
    let key = decode_secret_key(key.expose(), None).map_err(|error| {
        Attempt::refused(format!(
            "the credential is no private key that can be used ({error}): it must be an \
             OpenSSH private key without passphrase"
        ))
    })?;
    let stream = connect(resolver, server).await?;
    let mut session = handshake(stream, server.host_key).await?;
    let hash = if key.algorithm().is_rsa() {
        session.best_supported_rsa_hash().await.map_err(|error| lost(&error))?.flatten()
    } else {
        None
    };
    let user = server.address.user.clone();
    let ours = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
    let answer = session.authenticate_publickey(user, ours).await.map_err(|error| lost(&error))?;
    if answer.success() {
        return Ok(session);
    }
    Err(Attempt::refused(format!(
        "the server does not let {} in with this key: add its public half to authorized_keys there",
        server.address.user
    )))
}

async fn connect(resolver: &dyn Resolve, server: &Server<'_>) -> Result<TcpStream, Attempt> {
    let SshAddress { host, port, .. } = server.address;
    let addresses = egress::pin(resolver, host, *port, server.allow_private)
        .await
        .map_err(|error| not_reached(&error))?;
    TcpStream::connect(&*addresses).await.map_err(|error| {
        Attempt::unreachable(format!("no connection to {host} port {port}: {error}"))
    })
}

async fn handshake(stream: TcpStream, pinned: &PublicKey) -> Result<Handle<Pinned>, Attempt> {
    let mismatch = Arc::new(Mutex::new(None));
    let config = Config {
        preferred: Preferred { key: host_key::algorithms(pinned), ..Preferred::default() },
        nodelay: true,
        ..Config::default()
    };
    let handler = Pinned { host_key: pinned.clone(), mismatch: Arc::clone(&mismatch) };
    client::connect_stream(Arc::new(config), stream, handler).await.map_err(|error| {
        let seen = mismatch.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (seen, &error) {
            (Some(why), _) => Attempt::refused(why),
            (None, russh::Error::NoCommonAlgo { .. }) => Attempt::refused(format!(
                "the server offers no key of the kind of host_key, or no cipher that is still \
                 safe: {}",
                outside::chain(&error)
            )),
            (None, _) => lost(&error),
        }
    })
}

/// The session ended before a command was sent.
fn lost(error: &russh::Error) -> Attempt {
    Attempt::unreachable(format!("no SSH session: {}", outside::chain(error)))
}
