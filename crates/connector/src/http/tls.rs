//! TLS: rustls with ring, and the host's own certificate authorities.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};
use rustls_platform_verifier::Verifier;

/// The TLS set-up, read from the host at the first call that needs it.
#[derive(Debug, Default)]
pub(super) struct Tls {
    verified: OnceLock<Result<ClientConfig, String>>,
}

impl Tls {
    /// For `https`: the certificate must lead to an authority that the host trusts.
    pub(super) fn verified(&self) -> Result<ClientConfig, String> {
        self.verified.get_or_init(load).clone()
    }

    /// For `http`, where the client still wants a set-up: one that trusts nobody.
    pub(super) fn none() -> Result<ClientConfig, String> {
        builder(&provider()).map(|builder| {
            builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        })
    }
}

/// The provider is handed in, not installed: what a process installs globally is the binary's choice.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn builder(
    provider: &Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, String> {
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))
}

fn load() -> Result<ClientConfig, String> {
    let provider = provider();
    let verifier = Verifier::new(Arc::clone(&provider)).map_err(|error| {
        format!("no certificate authorities on this host ({error}): install ca-certificates")
    })?;
    Ok(builder(&provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}
