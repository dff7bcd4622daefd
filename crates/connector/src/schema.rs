//! JSON Schema 2020-12 of inputs and outputs: offline, formats checked, unknown formats refused.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// Builds a validator. Nothing is fetched; `format: ip` is an IPv4 or IPv6 address.
///
/// # Errors
/// What is wrong with the schema, in the library's words.
pub fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(PatternOptions::regex())
        .with_format("ip", |text: &str| text.parse::<std::net::IpAddr>().is_ok())
        .build(schema)
        .map_err(|error| format!("{error}"))
}

/// Checks `value` against `schema`.
///
/// # Errors
/// The first thing that does not fit, and where; or what is wrong with the schema.
pub fn check(schema: &Value, value: &Value) -> Result<(), String> {
    validator(schema)?.validate(value).map_err(|error| {
        let place = error.instance_path().to_string();
        let place = place.trim_start_matches('/');
        let what = crate::outside::quote(&error.to_string());
        if place.is_empty() { what } else { format!("`{place}`: {what}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_ip_is_an_ip_and_nothing_is_fetched() {
        let schema = json!({ "type": "object", "properties": { "address": { "type": "string", "format": "ip" } } });
        for (address, ok) in [
            ("1.2.3.4", true),
            ("2001:db8::1", true),
            ("1.2.3.4 }; flush ruleset", false),
            ("0.0.0.0/0", false),
            ("", false),
        ] {
            assert_eq!(check(&schema, &json!({ "address": address })).is_ok(), ok, "{address}");
        }
        let error = check(&schema, &json!({ "address": "x" })).unwrap_err();
        assert!(error.contains("`address`"), "{error}");
        assert!(validator(&json!({ "$ref": "http://127.0.0.1:1/x" })).is_err());
        assert!(validator(&json!({ "type": "string", "format": "no-such-format" })).is_err());
    }
}
