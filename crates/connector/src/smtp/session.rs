//! One conversation with a mail relay (RFC 5321), up to the moment where it takes the mail over.

use std::io;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::message::{Envelope, data};
use crate::{
    instance::{self, Place},
    outcome::Attempt,
    outside,
    stream::{Line, Security, Sent, Stream, open},
};

/// Longest line of a reply, in bytes; the standard says 512.
const LINE_BYTES_MAX: usize = 2 * 1024;

/// Most lines of one reply.
const LINES_MAX: usize = 100;

/// What the relay answers.
#[derive(Clone, Debug)]
struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl Reply {
    fn said(&self) -> String {
        format!("{} {}", self.code, outside::quote(&self.lines.join(" ")))
    }

    /// Whether one of its lines offers `word`, with one of `with` behind it.
    fn offers(&self, word: &str, with: &str) -> bool {
        self.lines.iter().any(|line| {
            let mut words = line.split([' ', '=']);
            words.next().is_some_and(|first| first.eq_ignore_ascii_case(word))
                && (with.is_empty() || words.any(|found| found.eq_ignore_ascii_case(with)))
        })
    }

    /// The reply, if its code is the one that was hoped for; else why not. The first digit says whether
    /// it is for good (§4.2.1).
    fn expect(self, code: u16, what: &str) -> Result<Self, Attempt> {
        if self.code == code {
            return Ok(self);
        }
        let why = format!("the relay {what}: {}", self.said());
        Err(if self.code / 100 == 4 { Attempt::unreachable(why) } else { Attempt::refused(why) })
    }
}

pub(super) struct Session {
    stream: Stream,
}

impl Session {
    /// Connects, and signs in where the instance names somebody; nothing was sent by then.
    pub(super) async fn open(
        line: &Line<'_>,
        place: &Place,
        domain: &str,
    ) -> Result<Self, Attempt> {
        let mut session = Self { stream: open(line, place).await? };
        session.hear().await.map_err(|error| lost(&error))?.expect(220, "turns us away")?;
        let mut offered = session.hello(domain).await?;
        if place.security == Security::Upgrade {
            if !offered.offers("STARTTLS", "") {
                let why = "the relay does not go over to TLS; use smtps://, or set up TLS there";
                return Err(Attempt::refused(why));
            }
            session.ask("STARTTLS").await?.expect(220, "does not go over to TLS")?;
            session = Self { stream: session.stream.secure(line, &place.host).await? };
            offered = session.hello(domain).await?;
        }
        if !instance::user(line.instance).is_empty() {
            session.sign_in(line, &offered).await?;
        }
        Ok(session)
    }

    async fn hello(&mut self, domain: &str) -> Result<Reply, Attempt> {
        self.ask(&format!("EHLO {domain}")).await?.expect(250, "does not greet back")
    }

    /// PLAIN where it is offered, else LOGIN, which Exchange has instead.
    async fn sign_in(&mut self, line: &Line<'_>, offered: &Reply) -> Result<(), Attempt> {
        let user = instance::user(line.instance);
        let password = line.secret.map(|secret| secret.expose()).unwrap_or_default();
        if password.trim().is_empty() || user.contains('\0') || password.contains('\0') {
            let why = "`user` signs in with a password: it must be there, and hold no NUL";
            return Err(Attempt::refused(instance::error(line.instance, why).to_string()));
        }
        let what = format!("does not let {user} in");
        if offered.offers("AUTH", "PLAIN") {
            let plain = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
            return self.ask(&format!("AUTH PLAIN {plain}")).await?.expect(235, &what).map(drop);
        }
        if !offered.offers("AUTH", "LOGIN") {
            return Err(Attempt::refused("the relay lets nobody in by password here"));
        }
        self.ask("AUTH LOGIN").await?.expect(334, &what)?;
        self.ask(&BASE64_STANDARD.encode(user)).await?.expect(334, &what)?;
        self.ask(&BASE64_STANDARD.encode(password)).await?.expect(235, &what).map(drop)
    }

    /// Hands a mail over. From its first byte on nobody knows, until the relay has said that it has it:
    /// before, it must forget it if the connection breaks (§4.1.1.4); whether it did is its secret.
    pub(super) async fn send(&mut self, mail: &Envelope, sent: &Sent) -> Result<(), Attempt> {
        let from = &mail.from;
        self.ask(&format!("MAIL FROM:<{from}>")).await?.expect(250, "takes nothing from us")?;
        for to in &mail.to {
            let what = format!("takes nothing for {}", outside::quote(to));
            let reply = self.ask(&format!("RCPT TO:<{to}>")).await?;
            // 251: it will go to another address (§3.4).
            if reply.code != 251 {
                reply.expect(250, &what)?;
            }
        }
        self.ask("DATA").await?.expect(354, "does not take the mail")?;
        sent.raise();
        let broke = |error: io::Error| {
            Attempt::unclear(format!("the connection broke: {}", outside::chain(&error)))
        };
        self.stream.send(&data(&mail.bytes)).await.map_err(broke)?;
        self.hear().await.map_err(broke)?.expect(250, "does not take the mail").map(drop)
    }

    /// Says good-bye. The mail is taken over, so nothing depends on its arrival.
    pub(super) async fn close(mut self) {
        if let Err(error) = self.stream.send(b"QUIT\r\n").await {
            tracing::debug!(%error, "the relay had closed the connection already");
        }
    }

    async fn ask(&mut self, command: &str) -> Result<Reply, Attempt> {
        let exchange = async {
            self.stream.send(format!("{command}\r\n").as_bytes()).await?;
            self.hear().await
        };
        exchange.await.map_err(|error| lost(&error))
    }

    async fn hear(&mut self) -> io::Result<Reply> {
        let garbled =
            || io::Error::new(io::ErrorKind::InvalidData, "the relay's answer is no SMTP");
        let mut reply = Reply { code: 0, lines: Vec::new() };
        while reply.lines.len() < LINES_MAX {
            let line = self.stream.line(LINE_BYTES_MAX).await?;
            let line = String::from_utf8_lossy(&line).into_owned();
            let (digits, rest) = line.split_at_checked(3).ok_or_else(garbled)?;
            let code: u16 = digits.parse().ok().ok_or_else(garbled)?;
            let is_first = reply.lines.is_empty();
            if !(200..600).contains(&code) || (!is_first && code != reply.code) {
                return Err(garbled());
            }
            reply.code = code;
            let goes_on = rest.starts_with('-');
            if !goes_on && !rest.is_empty() && !rest.starts_with(' ') {
                return Err(garbled());
            }
            reply.lines.push(rest.trim_start_matches(['-', ' ']).to_owned());
            if !goes_on {
                return Ok(reply);
            }
        }
        Err(garbled())
    }
}

/// The connection ended before the mail was sent.
fn lost(error: &io::Error) -> Attempt {
    Attempt::unreachable(format!("no answer from the relay: {}", outside::chain(error)))
}
