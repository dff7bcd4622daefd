//! Formats that begin with a mark of their own and may come behind a syslog header (CEF, LEEF).

use stanch_model::Time;

use super::Envelope;

/// What stands where the message would be, to see whether a header is a header and nothing else.
const PROBE: &str = "x";

/// The program of a header that names none: without one the grammar of RFC 3164 finds no host.
const PROGRAM: &str = "p";

/// A payload, and the header it came behind.
pub(crate) struct Carried<'a> {
    /// The header, if there is one; its message is [`PROBE`].
    pub(crate) envelope: Option<Envelope>,
    /// From the mark on.
    pub(crate) payload: &'a str,
}

/// The payload that begins with `mark`: at the start of `line`, or right behind a syslog header.
/// A mark inside somebody's message is that message's text and begins nothing.
pub(crate) fn carried<'a>(line: &'a str, mark: &str, received_at: Time) -> Option<Carried<'a>> {
    let (head, payload) = line.split_at_checked(line.find(mark)?)?;
    let head = head.trim_end_matches('\u{feff}');
    if head.is_empty() {
        return Some(Carried { envelope: None, payload });
    }
    // RFC 5424 with nothing after the host, which LEEF's guide allows, is read without its `1`.
    let short = head.split_once(">1 ").map(|(priority, rest)| format!("{priority}>{rest}"));
    let mut heads = std::iter::once(head.to_owned()).chain(short);
    let envelope = heads.find_map(|head| bare(&head, received_at))?;
    Some(Carried { envelope: Some(envelope), payload })
}

/// The envelope of a header with nothing behind it.
fn bare(head: &str, received_at: Time) -> Option<Envelope> {
    let open = |tail: &str| {
        let envelope = Envelope::open(&format!("{head}{tail}"), received_at);
        envelope.filter(|envelope| envelope.message == PROBE)
    };
    let nameless = || {
        let envelope = open(&format!("{PROGRAM}: {PROBE}"))?;
        let is_probe = envelope.appname.as_deref() == Some(PROGRAM);
        is_probe.then_some(Envelope { appname: None, ..envelope })
    };
    // `web01 sshd: x` has a program; `fw01 x` would be read as a program without a host.
    nameless().or_else(|| open(PROBE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expect: Option<(&str, &str)>) {
        let received_at = "2026-11-24T10:00:00Z".parse().unwrap();
        let found = carried(line, "CEF:", received_at).map(|carried| {
            let head = carried.envelope.map_or("none".to_owned(), |e| {
                let time = e.occurred_at.map_or("-".to_owned(), |time| time.to_string());
                let show = |text: Option<String>| text.unwrap_or("-".to_owned());
                format!("{time} {} {}", show(e.hostname), show(e.appname))
            });
            (head, carried.payload.to_owned())
        });
        let expect = expect.map(|(head, payload)| (head.to_owned(), payload.to_owned()));
        assert_eq!(found, expect, "{line}");
    }

    #[test]
    fn headers_are_told_from_messages() {
        check("CEF:0|a", Some(("none", "CEF:0|a")));
        check("<134>CEF:0|a", Some(("- - -", "CEF:0|a")));
        check("Nov 24 09:08:07 fw01 CEF:0|a", Some(("2026-11-24T09:08:07Z fw01 -", "CEF:0|a")));
        check(
            "<134>Nov 24 09:08:07 fw01 agent[7]: CEF:0|a",
            Some(("2026-11-24T09:08:07Z fw01 agent", "CEF:0|a")),
        );
        check(
            "<134>1 2026-11-24T09:08:07Z fw01 agent 7 - - CEF:0|a",
            Some(("2026-11-24T09:08:07Z fw01 agent", "CEF:0|a")),
        );
        check(
            "<134>1 2026-11-24T09:08:07Z fw01 CEF:0|a",
            Some(("2026-11-24T09:08:07Z fw01 -", "CEF:0|a")),
        );
        check(
            "2026-11-24T09:08:07+00:00 fw01 CEF:0|a",
            Some(("2026-11-24T09:08:07Z fw01 -", "CEF:0|a")),
        );
        check("Nov 24 09:08:07 web01 sshd[1]: Invalid user CEF:0|a", None);
        check("a line with CEF:0|a", None);
        check("nothing", None);
    }
}
