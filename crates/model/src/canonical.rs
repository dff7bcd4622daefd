//! Canonical JSON (RFC 8785) and SHA-256 over it: plan hashes, manifest digests, the audit chain.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A value that has no canonical form (a map with keys that are no strings, a NaN).
#[derive(Debug, thiserror::Error)]
#[error("value has no canonical JSON form")]
pub struct Error(#[from] serde_json::Error);

/// RFC 8785 text of `value`.
///
/// # Errors
/// A value that JSON cannot express.
pub fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json_canonicalizer::to_string(value).map_err(Error)
}

/// SHA-256 over the RFC 8785 text, in lower-case hexadecimal.
///
/// # Errors
/// A value that JSON cannot express.
pub fn sha256(value: &impl Serialize) -> Result<String, Error> {
    Ok(sha256_bytes(json(value)?.as_bytes()))
}

/// SHA-256 of bytes, in lower-case hexadecimal.
#[must_use]
pub fn sha256_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    #[test]
    fn key_order_does_not_change_the_hash() {
        let a: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":[1.0,"é"]}"#).unwrap();
        let b: serde_json::Value = serde_json::from_str(r#"{"a":[1,"\u00e9"],"b":1}"#).unwrap();
        assert_eq!(super::json(&a).unwrap(), r#"{"a":[1,"é"],"b":1}"#);
        assert_eq!(super::sha256(&a).unwrap(), super::sha256(&b).unwrap());
    }
}
