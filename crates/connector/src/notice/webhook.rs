//! Webhooks: a JSON document posted to an address, signed with a secret that both sides know.
//!
//! The signature covers the moment and the body, so that neither can be changed, and an old delivery cannot be
//! sent again as a new one: `X-Stanch-Signature: v1=HEX`, where HEX is HMAC-SHA-256 (RFC 2104) under the secret over
//! the value of `X-Stanch-Timestamp`, a full stop, and the body as it was sent. docs/webhooks.md says it for
//! whoever receives them.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use sha2::Sha256;
use url::Url;

use super::NoticeError;
use crate::{
    Secrets,
    http::{Client, Request},
};

/// How long a delivery may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Shortest secret, in bytes: 128 bits, if it was drawn as hexadecimal.
const SECRET_BYTES_MIN: usize = 32;

/// Where deliveries go.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// `https://…`; plain `http://` for addresses inside alone.
    pub url: Url,
    /// Reference to the secret.
    pub secret: String,
    /// Whether addresses inside may be reached.
    pub allow_private: bool,
}

/// One delivery.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The same for each repetition.
    pub id: &'a str,
    /// The moment at which it is sent, in seconds since 1970 UTC.
    pub at_s: i64,
    /// The document.
    pub body: &'a [u8],
}

impl Webhook {
    /// The address as somebody wrote it.
    ///
    /// # Errors
    /// What is no address of a web server, or holds a password.
    pub fn address(text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
            return Err(format!("`{text}`: write https://HOST/PATH, or http:// for a host inside"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "a webhook's URL holds credentials: the signature says who it is".to_owned()
            );
        }
        Ok(url)
    }

    /// Posts a delivery.
    ///
    /// # Errors
    /// A secret that is not there or too short; no connection; a status that is no success.
    pub async fn post(
        &self,
        client: &Client,
        secrets: &Secrets,
        delivery: Delivery<'_>,
    ) -> Result<(), NoticeError> {
        let secret = secrets.resolve(&self.secret).await;
        let secret = secret.map_err(|error| NoticeError::later(error.to_string()))?;
        if secret.expose().len() < SECRET_BYTES_MIN {
            return Err(NoticeError::refused(format!(
                "the secret of a webhook has at least {SECRET_BYTES_MIN} bytes"
            )));
        }
        let signed = signature(secret.expose().as_bytes(), delivery.at_s, delivery.body);
        let request = Request {
            after_first: false,
            method: Method::POST,
            url: self.url.clone(),
            headers: headers(&delivery, &signed)?,
            body: Some(delivery.body.to_vec()),
            accept: Vec::new(),
            allow_private: self.allow_private,
            timeout: TIMEOUT,
        };
        Ok(client.deliver(&request).await?)
    }
}

fn headers(delivery: &Delivery<'_>, signature: &str) -> Result<HeaderMap, NoticeError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [
        ("x-stanch-notice", delivery.id.to_owned()),
        ("x-stanch-timestamp", delivery.at_s.to_string()),
        ("x-stanch-signature", signature.to_owned()),
    ] {
        let value = HeaderValue::from_str(&value)
            .map_err(|_bad| NoticeError::refused(format!("{name} cannot be a header")))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// `v1=HEX` over the moment and the body.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn signature(secret: &[u8], at_s: i64, body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret).expect("invariant: HMAC takes keys of any length");
    mac.update(at_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_the_moment_and_the_body() {
        // Computed with `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`.
        let secret = b"0123456789abcdef0123456789abcdef";
        let signed = signature(secret, 1_700_000_000, br#"{"a":1}"#);
        assert_eq!(signed, "v1=f05f2539e3ae1c49aec5f8cfdad75ef6b06480b133973ffbb7ec9e18827af177");
        for other in [
            signature(secret, 1_700_000_001, br#"{"a":1}"#),
            signature(secret, 1_700_000_000, br#"{"a":2}"#),
            signature(b"0123456789abcdef0123456789abcdeF", 1_700_000_000, br#"{"a":1}"#),
        ] {
            assert_ne!(signed, other);
        }
    }

    #[test]
    fn an_address_is_one_of_a_web_server() {
        for (text, fits) in [
            ("https://chat.corp.example/hooks/1?room=2", true),
            ("http://127.0.0.1:9/x", true),
            ("ftp://chat.corp.example", false),
            ("https://user:secret@chat.corp.example", false),
            ("chat.corp.example", false),
            ("file:///etc/passwd", false),
            ("https://", false),
        ] {
            assert_eq!(Webhook::address(text).is_ok(), fits, "{text}");
        }
    }
}
