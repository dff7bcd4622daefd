//! Redirects: followed on one origin, where the target has not acted yet.

use reqwest::{Method, StatusCode};
use url::Url;

/// What to do with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is no redirect.
    Final,
    /// Ask there with the same method and body.
    Follow(Url),
    /// The target has not acted, and where it points is not where we go.
    Refuse(String),
    /// A redirect that does not say whether the target acted.
    Unclear(String),
}

/// Decides about an answer with `status` and perhaps `location` to `method` at `from`.
///
/// 307 and 308 say that the request is to be repeated elsewhere (RFC 9110 §15.4.8, §15.4.9). 301,
/// 302 and 303 to a request that changes something may be sent after the change.
pub(super) fn decide(
    status: StatusCode,
    method: &Method,
    from: &Url,
    location: Option<&str>,
) -> Step {
    let repeats = match status.as_u16() {
        307 | 308 => true,
        301..=303 => false,
        _ => return Step::Final,
    };
    let safe = *method == Method::GET;
    let to = location.and_then(|location| from.join(location).ok());
    let elsewhere = match to {
        Some(to) if to.origin() == from.origin() => {
            if repeats || safe {
                return Step::Follow(to);
            }
            format!("the target answered {method} with a redirect ({status})")
        }
        Some(to) => format!(
            "the target redirects to another place ({}): only {} may be reached",
            to.origin().ascii_serialization(),
            from.origin().ascii_serialization()
        ),
        None => format!("the target answered {status} without a place to go to"),
    };
    if repeats || safe { Step::Refuse(elsewhere) } else { Step::Unclear(elsewhere) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, method: &Method, location: Option<&str>, expect: &str) {
        let from = Url::parse("https://edr.example/a/b").unwrap();
        let word = match decide(StatusCode::from_u16(status).unwrap(), method, &from, location) {
            Step::Final => "final".to_owned(),
            Step::Follow(url) => url.to_string(),
            Step::Refuse(_) => "refuse".to_owned(),
            Step::Unclear(_) => "unclear".to_owned(),
        };
        assert_eq!(word, expect, "{status} {method} {location:?}");
    }

    #[test]
    fn redirects_stay_on_one_origin() {
        let (get, post) = (&Method::GET, &Method::POST);
        check(200, get, None, "final");
        check(304, get, None, "final");
        check(302, get, Some("/c"), "https://edr.example/c");
        check(302, get, Some("https://evil.example/c"), "refuse");
        check(302, get, Some("//evil.example/c"), "refuse");
        check(302, get, Some("http://edr.example/c"), "refuse");
        check(302, get, Some("https://edr.example:8443/c"), "refuse");
        check(302, get, Some("javascript:alert(1)"), "refuse");
        check(302, get, None, "refuse");
        check(307, post, Some("c"), "https://edr.example/a/c");
        check(307, post, Some("https://evil.example/"), "refuse");
        check(303, post, Some("/c"), "unclear");
        check(302, post, Some("https://evil.example/"), "unclear");
    }
}
