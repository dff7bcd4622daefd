//! Paths and queries: what an input brings can fill a segment or a value, never make one.

use std::fmt::Write as _;

use url::Url;

/// `value` as one segment of a path or one value of a query: percent-encoded down to the
/// unreserved characters (RFC 3986 §2.3).
pub(crate) fn segment(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("invariant: a String takes all that is written");
        }
    }
    text
}

/// The URL of `path` below `base`.
///
/// Refused are segments that climb (`.`, `..`, encoded or not) or are empty: an input that
/// renders to nothing would otherwise address the collection instead of its member.
pub(crate) fn join(base: &Url, path: &str) -> Result<Url, String> {
    let (route, _query) = path.split_once('?').unwrap_or((path, ""));
    let Some(segments) = route.strip_prefix('/') else {
        return Err(format!("the path `{path}` does not begin with `/`"));
    };
    for segment in segments.split('/') {
        if segment.is_empty() && !segments.is_empty() {
            return Err("a part of the path is empty: is an input missing?".to_owned());
        }
        if is_dots(segment) {
            return Err("an input is `.` or `..`, which would leave the path".to_owned());
        }
    }
    let prefix = base.as_str().trim_end_matches('/');
    let joined = Url::parse(&format!("{prefix}{path}"))
        .map_err(|error| format!("the path gives no URL: {error}"))?;
    if joined.origin() != base.origin() || joined.fragment().is_some() {
        return Err("the path leads away from base_url".to_owned());
    }
    Ok(joined)
}

/// What the URL standard takes for `.` or `..`.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: (&str, &str), input: &str, expect: Result<&str, ()>) {
        let base = Url::parse("https://edr.example/api/").unwrap();
        let path = format!("{}{}{}", template.0, segment(input), template.1);
        let joined = join(&base, &path);
        match expect {
            Ok(url) => assert_eq!(joined.unwrap().as_str(), url, "{input}"),
            Err(()) => assert!(joined.is_err(), "{input}: {joined:?}"),
        }
    }

    #[test]
    fn an_input_fills_one_segment() {
        let hosts = ("/hosts/", "/isolation");
        let at = |text: &str| format!("https://edr.example/api/hosts/{text}/isolation");
        for (input, encoded) in [
            ("h-1", "h-1"),
            ("../../admin", "..%2F..%2Fadmin"),
            ("a/b", "a%2Fb"),
            ("a?x=1#f", "a%3Fx%3D1%23f"),
            ("%2e%2e", "%252e%252e"),
            ("2001:db8::1", "2001%3Adb8%3A%3A1"),
            ("a\\b", "a%5Cb"),
            ("ü\r\n", "%C3%BC%0D%0A"),
            ("@evil.example", "%40evil.example"),
        ] {
            check(hosts, input, Ok(&at(encoded)));
        }
        for input in ["", ".", ".."] {
            check(hosts, input, Err(()));
        }
    }

    #[test]
    fn an_input_fills_one_value_of_a_query() {
        let query = ("/hosts?name=", "&limit=1");
        check(query, "a&admin=1", Ok("https://edr.example/api/hosts?name=a%26admin%3D1&limit=1"));
        check(query, "", Ok("https://edr.example/api/hosts?name=&limit=1"));
        let base = Url::parse("https://edr.example").unwrap();
        assert!(join(&base, "//evil.example/x").is_err());
        assert!(join(&base, "@evil.example/x").is_err());
        assert!(join(&base, "/x#fragment").is_err());
        assert_eq!(join(&base, "/").unwrap().as_str(), "https://edr.example/");
    }
}
