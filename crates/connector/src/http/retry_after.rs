//! `Retry-After` (RFC 9110 §10.2.3): seconds, or a date read against the target's own clock.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Longest wait that a target may ask for.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// How long the target asks us to wait; nothing if it does not say, or says it unreadably.
pub(super) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => until(text, headers.get(DATE)?.to_str().ok()?)?,
    };
    Some(wait.min(WAIT_MAX))
}

fn until(date: &str, now: &str) -> Option<Duration> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    let date = PARSER.parse_timestamp(date).ok()?;
    let now = PARSER.parse_timestamp(now).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (text, date, expect) in [
            ("7", None, Some(7)),
            (" 0 ", None, Some(0)),
            ("999999999", None, Some(3_600)),
            ("-1", None, None),
            ("soon", Some(now), None),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(now), Some(30)),
            ("Sun, 06 Nov 1994 08:49:07 GMT", Some(now), Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", None, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            assert_eq!(read(&headers), expect.map(Duration::from_secs), "{text}");
        }
    }
}
