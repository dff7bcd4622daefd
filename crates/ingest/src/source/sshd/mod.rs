//! OpenSSH's log: who tried to get in, from where, and whether it worked.
//!
//! Besides the syslog fields (`message`, `hostname`, …) an event has:
//!
//! | field | meaning |
//! |---|---|
//! | `event` | `login_failed`, `login_accepted`, `login_partial`, `invalid_user`, `user_not_allowed`, `attempts_exceeded`, `authentication_failed` (PAM), `connection_opened`, `connection_closed`, `protocol_error`, `session_opened`, `session_closed`, `other` |
//! | `outcome` | `success` or `failure`, where the line says so |
//! | `user`, `valid_user` | the account named, and whether it exists, where the line says so |
//! | `src_ip`, `src_port` | the peer |
//! | `dst_ip`, `dst_port` | our side, where the line says so |
//! | `method` | `password`, `publickey`, `keyboard-interactive/pam`, … |
//! | `preauth` | `true` if it happened before a login |
//! | `repeated` | how often, where the syslog daemon folded equal lines into one |
//! | `address_ambiguous` | `true` if the line names several peers and no one can say which is real; then there is no `src_ip` |
//!
//! One failed attempt for an unknown account is two lines (`invalid_user`, then `login_failed`):
//! a rule that counts attempts counts `login_failed` alone.
//!
//! The user name is the attacker's text and may hold ` from 192.0.2.1 port 22 ssh2`. The peer is
//! therefore read where sshd itself wrote it (see `message.rs`); who is blocked depends on it.
//! `common.user` is set for accounts that exist, not for names that somebody guessed.
//!
//! Lines of other programs in the same file (sudo, cron) are read as plain syslog.
//!
//! Spec: `auth.c`, `packet.c` and `sshd-session.c` of OpenSSH portable; sshd(8); RFC 3164.

mod message;
mod peer;

#[cfg(test)]
mod tests;

use stanch_model::{Time, event::Common};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::Error,
    fields::Fields,
    record::Record,
    syslog_line::{self, Envelope},
};
use message::Facts;

/// The names of OpenSSH's server processes; since 9.8 a session has a process of its own.
pub(super) const PROGRAMS: &[&str] = &["sshd", "sshd-session", "sshd-auth"];

/// OpenSSH's server.
pub(super) struct Sshd;

impl Source for Sshd {
    fn name(&self) -> &'static str {
        "sshd"
    }

    fn title(&self) -> &'static str {
        "OpenSSH server log"
    }

    fn spec(&self) -> &'static str {
        "https://man.openbsd.org/sshd.8"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        // The envelope is opened only for lines that name the program at all.
        !record.looks_like_json()
            && record.text().contains("sshd")
            && Envelope::open(record.text(), Time::default()).is_some_and(|e| is_sshd(&e))
    }

    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error> {
        let envelope = Envelope::open(record.text(), received_at)
            .ok_or_else(|| syslog_line::no_header(self.name(), record.text()))?;
        if !is_sshd(&envelope) {
            return Ok(syslog_line::plain(&envelope));
        }
        Ok(read(&envelope))
    }
}

/// What the server said.
pub(super) fn read(envelope: &Envelope) -> Draft {
    let facts = message::read(&envelope.message);
    Draft {
        occurred_at: envelope.occurred_at,
        log_source: log_source("linux", Some("sshd"), &[]),
        fields: fields(envelope, &facts).finish(),
        common: common(envelope, &facts),
        product_alert: None,
    }
}

fn is_sshd(envelope: &Envelope) -> bool {
    envelope.appname.as_deref().is_some_and(|name| PROGRAMS.contains(&name))
}

fn fields(envelope: &Envelope, facts: &Facts<'_>) -> Fields {
    let mut fields = envelope.fields();
    fields.set("event", facts.event);
    fields.set_some("outcome", facts.outcome);
    fields.set_some("user", facts.user);
    fields.set_some("valid_user", facts.is_valid_user);
    fields.set_some("method", facts.method);
    if let Some(peer) = facts.peer {
        fields.set("src_ip", peer.ip.to_string());
        fields.set_some("src_port", peer.port);
    }
    if let Some(ours) = facts.ours {
        fields.set("dst_ip", ours.ip.to_string());
        fields.set_some("dst_port", ours.port);
    }
    fields.set_some("preauth", facts.is_preauth.then_some(true));
    fields.set_some("repeated", facts.repeated);
    fields.set_some("address_ambiguous", facts.is_ambiguous.then_some(true));
    fields
}

fn common(envelope: &Envelope, facts: &Facts<'_>) -> Common {
    let exists = facts.is_valid_user != Some(false);
    Common {
        host: envelope.hostname.clone(),
        user: facts.user.filter(|user| exists && !user.is_empty()).map(str::to_owned),
        src_ip: facts.peer.map(|peer| peer.ip),
        dst_ip: facts.ours.map(|ours| ours.ip),
        dst_port: facts.ours.and_then(|ours| ours.port),
        ..Common::default()
    }
}
