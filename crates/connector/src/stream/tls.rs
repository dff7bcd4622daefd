//! TLS for these connections: the system's authorities, or those in the instance's `ca_file`.

use std::{io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Duplex, connect::Line};
use crate::{instance, outcome::Attempt, outside};

/// Longest file of authorities, in bytes; Debian's bundle of all has 220 KB.
const CA_BYTES_MAX: u64 = 1024 * 1024;

/// Shakes hands with `host`, whose certificate must be good for that name.
pub(super) async fn secure(
    inner: Box<dyn Duplex>,
    line: &Line<'_>,
    host: &str,
) -> Result<TlsStream<Box<dyn Duplex>>, Attempt> {
    let refused = |why: String| Attempt::refused(instance::error(line.instance, why).to_string());
    let config = match &line.instance.ca_file {
        Some(path) => own(path).await.map_err(refused)?,
        None => line.client.tls().map_err(refused)?,
    };
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| refused(format!("`{host}` is no name for a certificate: {error}")))?;
    TlsConnector::from(Arc::new(config)).connect(name, inner).await.map_err(|error| {
        let why = format!("no TLS with {host}: {}", outside::chain(&error));
        match error.kind() {
            // What rustls itself found wrong; the rest is the network's.
            io::ErrorKind::InvalidData => Attempt::refused(format!(
                "{why}; if the server's certificate is from an authority of your own, name that \
                 by `ca_file: PATH`"
            )),
            _ => Attempt::unreachable(why),
        }
    })
}

async fn own(path: &str) -> Result<ClientConfig, String> {
    let cannot = |error: String| format!("ca_file `{path}` cannot be used: {error}");
    let length = tokio::fs::metadata(path).await.map_err(|error| cannot(error.to_string()))?.len();
    if length > CA_BYTES_MAX {
        return Err(cannot("it is longer than 1 MiB".to_owned()));
    }
    let text = tokio::fs::read(path).await.map_err(|error| cannot(error.to_string()))?;
    let mut authorities = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| cannot(error.to_string()))?;
        authorities.add(certificate).map_err(|error| cannot(error.to_string()))?;
    }
    if authorities.is_empty() {
        return Err(cannot("it holds no certificate in PEM form".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(authorities)
        .with_no_client_auth())
}
