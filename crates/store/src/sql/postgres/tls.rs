//! TLS to the database: rustls with ring; the host's own certificate authorities, or the one named.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    client::danger::ServerCertVerifier,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;

/// What opens TLS connections; names and chains are always verified.
pub(super) fn connector(authorities: Option<&Path>) -> Result<MakeRustlsConnect, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match authorities {
        Some(path) => named(path, &provider)?,
        None => Arc::new(Verifier::new(Arc::clone(&provider)).map_err(|error| {
            Error::Address(format!(
                "no certificate authorities on this host ({error}): install ca-certificates, or \
                 name the database's own with sslrootcert=FILE"
            ))
        })?),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Address(format!("TLS cannot be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn named(
    path: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let unusable = |why: String| {
        Error::Address(format!(
            "sslrootcert={} cannot be used ({why}): name a file of PEM certificates",
            path.display()
        ))
    };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    let builder = rustls::client::WebPkiServerVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::clone(provider),
    );
    let verifier = builder.build().map_err(|error| unusable(error.to_string()))?;
    Ok(verifier)
}
