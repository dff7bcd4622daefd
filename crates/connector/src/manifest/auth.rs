//! How the credential is shown, and what one account may ask.

use stanch_model::manifest::{Auth, AuthScheme, Manifest, Transport};

use super::{Findings, codes, source::Path};

/// Headers that a credential cannot be shown in: they say how the request is read.
const HEADERS_KEPT: [&str; 8] = [
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "te",
    "transfer-encoding",
];

pub(super) fn check(manifest: &Manifest, top: &Path, findings: &mut Findings<'_>) {
    let at = top.key("auth");
    if manifest.transport != Transport::Http {
        if manifest.auth != Auth::default() {
            let message = "only HTTP has a choice of how a credential is shown";
            findings.error_at_key(codes::AUTH, &at, message, "remove it");
        }
    } else {
        auth(&manifest.auth, &at, findings);
    }
    quota(manifest, &top.key("quota"), findings);
}

fn auth(auth: &Auth, at: &Path, findings: &mut Findings<'_>) {
    let is_named = matches!(auth.scheme, AuthScheme::Header | AuthScheme::Query);
    match &auth.name {
        None if is_named => findings.error_at_key(
            codes::AUTH,
            at,
            "it is not said which header or parameter shows the credential",
            "add `name:`",
        ),
        Some(_) if !is_named => findings.error_at_key(
            codes::AUTH,
            &at.key("name"),
            "this scheme has no name",
            "remove it, or write `scheme: header` or `scheme: query`",
        ),
        Some(name) if auth.scheme == AuthScheme::Header && !is_header(name) => findings.error(
            codes::AUTH,
            &at.key("name"),
            format!("`{}` cannot show a credential", crate::outside::quote(name)),
            "name a header that is there for that: `Authorization`, `X-Api-Key`",
        ),
        _ => {}
    }
    let Some(prefix) = &auth.prefix else { return };
    if auth.scheme != AuthScheme::Header || prefix.chars().any(|c| !matches!(c, ' '..='~')) {
        findings.error_at_key(
            codes::AUTH,
            &at.key("prefix"),
            "a prefix is visible ASCII that stands before the credential in a header",
            "remove it, or write `scheme: header`",
        );
    }
}

/// Whether a header can show a credential.
pub(crate) fn is_header(name: &str) -> bool {
    reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
        && !HEADERS_KEPT.contains(&name.to_ascii_lowercase().as_str())
}

fn quota(manifest: &Manifest, at: &Path, findings: &mut Findings<'_>) {
    for (index, quota) in manifest.quota.iter().enumerate() {
        let at = at.item(index);
        let before = manifest.quota.iter().take(index);
        if quota.count == 0 {
            let message = "quota lets nothing through";
            findings.error(codes::QUOTA, &at.key("count"), message, "raise it");
        } else if before.filter(|other| other.per == quota.per).count() > 0 {
            let message = "there is a quota for this period already";
            findings.error(codes::QUOTA, &at.key("per"), message, "keep one of the two");
        }
    }
    if !manifest.quota.is_empty() && manifest.transport == Transport::Builtin {
        let message = "what the engine answers has no quota";
        findings.error_at_key(codes::QUOTA, at, message, "remove it");
    }
}
