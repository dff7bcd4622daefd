//! What a message of sshd says.
//!
//! Each kind of message is one reader below; the comment above a reader is the form that
//! OpenSSH writes, with the peer's own text in capitals.

use super::peer::{self, Endpoint, Found};

/// The facts of one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts<'a> {
    pub(super) event: &'static str,
    pub(super) outcome: Option<&'static str>,
    pub(super) method: Option<&'a str>,
    pub(super) user: Option<&'a str>,
    pub(super) is_valid_user: Option<bool>,
    pub(super) peer: Option<Endpoint>,
    pub(super) ours: Option<Endpoint>,
    pub(super) is_preauth: bool,
    pub(super) is_ambiguous: bool,
    pub(super) repeated: Option<u64>,
}

type Reader = for<'a> fn(&'a str) -> Option<Facts<'a>>;

/// The readers; the first that understands a message has it.
const READERS: &[Reader] = &[
    attempt,
    invalid_user,
    attempts_exceeded,
    not_allowed,
    pam_failure,
    pam_session,
    received_disconnect,
    left_anchored,
    closed,
];

/// Reads one message. What no reader understands is `other`.
pub(super) fn read(message: &str) -> Facts<'_> {
    let (message, repeated) = unfold(message.trim());
    let (message, is_preauth) =
        message.strip_suffix(" [preauth]").map_or((message, false), |message| (message, true));
    let message = ["error: ", "fatal: ", "info: "]
        .iter()
        .find_map(|level| message.strip_prefix(level))
        .unwrap_or(message);
    let facts = READERS.iter().find_map(|reader| reader(message));
    let facts = facts.unwrap_or(Facts { event: "other", ..Facts::default() });
    Facts { is_preauth, repeated, ..facts }
}

/// `message repeated N times: [ MESSAGE]`, as rsyslog folds equal lines.
fn unfold(message: &str) -> (&str, Option<u64>) {
    let inner = || {
        let rest = message.strip_prefix("message repeated ")?;
        let (count, rest) = rest.split_once(" times: [")?;
        Some((rest.strip_suffix(']')?.trim(), Some(count.parse().ok()?)))
    };
    inner().unwrap_or((message, None))
}

impl<'a> Facts<'a> {
    fn of(event: &'static str, outcome: Option<&'static str>) -> Self {
        Self { event, outcome, ..Self::default() }
    }

    fn with_peer(self, found: Found<'a>) -> Self {
        match found {
            Found::One(user, peer) => {
                let (user, is_valid) = valid(user);
                Self { user: Some(user), is_valid_user: is_valid, peer: Some(peer), ..self }
            }
            Found::Ambiguous => Self { is_ambiguous: true, ..self },
            Found::Nothing => self,
        }
    }
}

/// The account in `[invalid user ]USER`; without the words the account exists.
fn valid(user: &str) -> (&str, Option<bool>) {
    let stripped = user
        .strip_prefix("invalid user")
        .and_then(|user| user.strip_prefix(' ').or_else(|| user.is_empty().then_some(user)));
    stripped.map_or((user, Some(true)), |user| (user, Some(false)))
}

/// `Failed METHOD for [invalid user ]USER from ADDRESS port N ssh2[: KEY]`
fn attempt(message: &str) -> Option<Facts<'_>> {
    let (word, rest) = message.split_once(' ')?;
    let (event, outcome) = match word {
        "Failed" => ("login_failed", Some("failure")),
        "Accepted" => ("login_accepted", Some("success")),
        "Partial" | "Postponed" => ("login_partial", None),
        _ => return None,
    };
    let (method, rest) = rest.split_once(" for ")?;
    let facts = Facts { method: Some(method), ..Facts::of(event, outcome) };
    Some(facts.with_peer(peer::between(rest, " from ")))
}

/// `Invalid user USER from ADDRESS[ port N]`
fn invalid_user(message: &str) -> Option<Facts<'_>> {
    let rest = message.strip_prefix("Invalid user ")?;
    let facts = Facts::of("invalid_user", Some("failure")).with_peer(peer::between(rest, " from "));
    Some(Facts { is_valid_user: Some(false), ..facts })
}

/// `maximum authentication attempts exceeded for [invalid user ]USER from ADDRESS port N ssh2`
fn attempts_exceeded(message: &str) -> Option<Facts<'_>> {
    let rest = message.strip_prefix("maximum authentication attempts exceeded for ")?;
    let facts = Facts::of("attempts_exceeded", Some("failure"));
    Some(facts.with_peer(peer::between(rest, " from ")))
}

/// `User USER from ADDRESS not allowed because REASON`: the account exists, so its name is ours.
fn not_allowed(message: &str) -> Option<Facts<'_>> {
    let rest = message.strip_prefix("User ")?;
    let (rest, _reason) = rest.rsplit_once(" not allowed because ")?;
    let facts = Facts::of("user_not_allowed", Some("failure"));
    Some(facts.with_peer(peer::between(rest, " from ")))
}

/// `pam_unix(sshd:auth): authentication failure; … rhost=ADDRESS  user=USER`
fn pam_failure(message: &str) -> Option<Facts<'_>> {
    let rest = pam(message, "(sshd:auth): ")?;
    let rest = rest.strip_prefix("authentication failure; ")?;
    let value = |name: &str| {
        let word = rest.split(' ').find_map(|word| word.strip_prefix(name));
        word.filter(|value| !value.is_empty())
    };
    let ip = value("rhost=").and_then(stanch_model::observable::address);
    Some(Facts {
        user: value("user="),
        peer: ip.map(|ip| Endpoint { ip, port: None }),
        ..Facts::of("authentication_failed", Some("failure"))
    })
}

/// `pam_unix(sshd:session): session opened for user USER[(uid=N)] by …`
fn pam_session(message: &str) -> Option<Facts<'_>> {
    let rest = pam(message, "(sshd:session): ")?;
    let (event, rest) = rest
        .strip_prefix("session opened for user ")
        .map(|rest| ("session_opened", rest))
        .or_else(|| Some(("session_closed", rest.strip_prefix("session closed for user ")?)))?;
    let user = rest.split([' ', '(']).next()?;
    Some(Facts { user: Some(user), is_valid_user: Some(true), ..Facts::of(event, None) })
}

fn pam<'a>(message: &'a str, service: &str) -> Option<&'a str> {
    let (module, rest) = message.split_once(service)?;
    (module.starts_with("pam_") && !module.contains(' ')).then_some(rest)
}

/// `Received disconnect from ADDRESS port N:CODE: TEXT`
fn received_disconnect(message: &str) -> Option<Facts<'_>> {
    let rest = message.strip_prefix("Received disconnect from ")?;
    let (peer, _text) = peer::at_start(rest)?;
    Some(Facts { peer: Some(peer), ..Facts::of("connection_closed", None) })
}

/// Messages in which the address stands before all text of the peer.
fn left_anchored(message: &str) -> Option<Facts<'_>> {
    if let Some(rest) = message.strip_prefix("Connection from ") {
        let (peer, rest) = peer::at_start(rest)?;
        let ours = rest.strip_prefix(" on ").and_then(peer::at_start).map(|(ours, _)| ours);
        return Some(Facts { peer: Some(peer), ours, ..Facts::of("connection_opened", None) });
    }
    let prefixes = [
        "Did not receive identification string from ",
        "Unable to negotiate with ",
        "banner exchange: Connection from ",
        "Timeout before authentication for connection from ",
        "Timeout before authentication for ",
        "Protocol major versions differ for ",
    ];
    if let Some(rest) = prefixes.iter().find_map(|prefix| message.strip_prefix(prefix)) {
        let (peer, _) = peer::at_start(rest)?;
        return Some(Facts { peer: Some(peer), ..Facts::of("protocol_error", None) });
    }
    // `Bad protocol version identification 'TEXT' from ADDRESS port N`
    let rest = message.strip_prefix("Bad protocol version identification ")?;
    let (_text, peer) = peer::at_end(rest)?;
    Some(Facts { peer: Some(peer), ..Facts::of("protocol_error", None) })
}

/// `Connection closed by [authenticating user |invalid user |user ]USER ADDRESS port N[: REASON]`
///
/// `Disconnecting: Too many authentication failures for USER` of old releases names no peer, and
/// the user's text ends it.
fn closed(message: &str) -> Option<Facts<'_>> {
    let facts = Facts::of("connection_closed", None);
    if message.starts_with("Disconnecting: ") {
        return Some(facts);
    }
    let prefixes =
        ["Connection closed by ", "Connection reset by ", "Disconnected from ", "Disconnecting "];
    let rest = prefixes.iter().find_map(|prefix| message.strip_prefix(prefix))?;
    if let Some((peer, _)) = peer::at_start(rest) {
        return Some(Facts { peer: Some(peer), ..facts });
    }
    let user = ["authenticating user ", "user "].iter().find_map(|word| rest.strip_prefix(word));
    let found = match (user, rest.strip_prefix("invalid user ")) {
        (Some(user), _) => peer::between(user, " "),
        (None, Some(_)) => peer::between(rest, " "),
        (None, None) => Found::Nothing,
    };
    Some(facts.with_peer(found))
}
