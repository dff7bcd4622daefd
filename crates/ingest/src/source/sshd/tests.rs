//! Messages and what they say, honest and forged.

use super::message::read;

/// `event outcome user valid peer:port` of a message; `-` for what it does not say.
#[track_caller]
fn check(message: &str, expect: &str) {
    let facts = read(message);
    let valid = facts.is_valid_user.map_or("-", |valid| if valid { "exists" } else { "no" });
    let peer = facts.peer.map_or("-".to_owned(), |peer| {
        peer.port.map_or(peer.ip.to_string(), |port| format!("{}:{port}", peer.ip))
    });
    let (outcome, user) = (facts.outcome.unwrap_or("-"), facts.user.unwrap_or("-"));
    let shown = format!("{} {outcome} {user} {valid} {peer}", facts.event);
    assert_eq!(shown, expect, "{message}");
}

#[test]
fn messages_are_understood() {
    let peer = "203.0.113.9 port 4000";
    let cases = [
        ("Failed password for root from @ ssh2", "login_failed failure root exists @"),
        ("Failed none for invalid user a b from @ ssh2", "login_failed failure a b no @"),
        ("Failed password for invalid user  from @ ssh2", "login_failed failure  no @"),
        (
            "Accepted publickey for ann from @ ssh2: ED25519 SHA256:q",
            "login_accepted success ann exists @",
        ),
        ("Invalid user oracle from @", "invalid_user failure oracle no @"),
        ("Invalid user  from @", "invalid_user failure  no @"),
        (
            "error: maximum authentication attempts exceeded for root from @ ssh2 [preauth]",
            "attempts_exceeded failure root exists @",
        ),
        (
            "Connection closed by authenticating user root @ [preauth]",
            "connection_closed - root exists @",
        ),
        ("Connection reset by invalid user x @ [preauth]", "connection_closed - x no @"),
        ("Connection closed by @ [preauth]", "connection_closed - - - @"),
        ("Disconnected from user ann @", "connection_closed - ann exists @"),
        (
            "Disconnecting invalid user x @: Too many authentication failures [preauth]",
            "connection_closed - x no @",
        ),
        ("Received disconnect from @:11: Bye Bye [preauth]", "connection_closed - - - @"),
        ("Connection from @ on 192.0.2.5 port 22", "connection_opened - - - @"),
        ("Unable to negotiate with @: no matching cipher", "protocol_error - - - @"),
        ("Bad protocol version identification 'GET /' from @", "protocol_error - - - @"),
        ("Server listening on 0.0.0.0 port 22.", "other - - - -"),
    ];
    for (message, expect) in cases {
        check(&message.replace('@', peer), &expect.replace('@', "203.0.113.9:4000"));
    }
}

#[test]
fn lines_without_a_port_and_of_pam_are_understood() {
    check(
        "User bob from 203.0.113.9 not allowed because not listed in AllowUsers",
        "user_not_allowed failure bob exists 203.0.113.9",
    );
    check("Invalid user x from 203.0.113.9", "invalid_user failure x no 203.0.113.9");
    check(
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= \
         rhost=203.0.113.9  user=root",
        "authentication_failed failure root - 203.0.113.9",
    );
    check(
        "pam_unix(sshd:session): session opened for user ann(uid=1000) by ann(uid=0)",
        "session_opened - ann exists -",
    );
}

#[test]
fn a_user_name_cannot_forge_the_peer() {
    let peer = "203.0.113.9:4";
    check(
        "Failed password for invalid user x from 192.0.2.1 port 1 ssh2 from 203.0.113.9 port 4 ssh2",
        &format!("login_failed failure x from 192.0.2.1 port 1 ssh2 no {peer}"),
    );
    check(
        "Connection closed by invalid user x 192.0.2.1 port 1 203.0.113.9 port 4 [preauth]",
        &format!("connection_closed - x 192.0.2.1 port 1 no {peer}"),
    );
    check(
        "Received disconnect from 203.0.113.9 port 4:11: from 192.0.2.1 port 1",
        &format!("connection_closed - - - {peer}"),
    );
    check(
        "Disconnecting: Too many authentication failures for x 192.0.2.1 port 1",
        "connection_closed - - - -",
    );
    check(
        "Disconnecting invalid user x 192.0.2.1 port 1: y 203.0.113.9 port 4: Too many",
        "connection_closed - - - -",
    );
    assert!(
        read("Disconnecting invalid user x 192.0.2.1 port 1: y 203.0.113.9 port 4: z").is_ambiguous
    );
}

#[test]
fn folded_lines_say_how_often() {
    let facts =
        read("message repeated 5 times: [ Failed password for root from 203.0.113.9 port 4 ssh2]");
    assert_eq!((facts.event, facts.repeated), ("login_failed", Some(5)));
    assert!(read("Connection closed by 203.0.113.9 port 4 [preauth]").is_preauth);
}
