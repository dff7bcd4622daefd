//! One conversation with a directory: protected, signed in, one request after the other.

use std::io;

use super::{
    attribute::Entry,
    ber, code,
    message::{self, Answer, Change, Ended, Search},
};
use crate::{
    instance::{self, Place},
    outcome::Attempt,
    outside,
    stream::{Line, Security, Sent, Stream, open},
};

/// Longest message, in bytes; an account's entry has a few thousand.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// A session that has signed in.
pub(super) struct Session {
    stream: Stream,
    next: u32,
}

impl Session {
    /// Connects and signs in; nothing was changed by then, whatever happens.
    pub(super) async fn open(line: &Line<'_>, place: &Place) -> Result<Self, Attempt> {
        let mut session = Self { stream: open(line, place).await?, next: 1 };
        if place.security == Security::Upgrade {
            session = session.start_tls(line, place).await?;
        }
        session.bind(line).await?;
        Ok(session)
    }

    async fn start_tls(mut self, line: &Line<'_>, place: &Place) -> Result<Self, Attempt> {
        let how = self.ask(message::start_tls(), 0x78).await.map_err(|error| lost(&error))?;
        if how.code != 0 {
            return Err(Attempt::refused(format!(
                "the server does not go over to TLS: {how}; use ldaps://, or set up TLS there"
            )));
        }
        let stream = self.stream.secure(line, &place.host).await?;
        Ok(Self { stream, ..self })
    }

    /// A bind without a password would be anonymous at many servers, and still succeed (RFC 4513
    /// §5.1.2), so there is none.
    async fn bind(&mut self, line: &Line<'_>) -> Result<(), Attempt> {
        let password = line.secret.map(|secret| secret.expose()).unwrap_or_default();
        let user = instance::user(line.instance);
        if password.trim().is_empty() || user.is_empty() {
            let why = "nobody signs in: `user` and `credential` must both be there";
            return Err(Attempt::refused(instance::error(line.instance, why).to_string()));
        }
        let how =
            self.ask(message::bind(user, password), 0x61).await.map_err(|error| lost(&error))?;
        let why = || format!("the directory does not let {user} in: {how}");
        match code::verdict(how.code) {
            code::Verdict::Done => Ok(()),
            code::Verdict::Refused => Err(Attempt::refused(why())),
            code::Verdict::Later | code::Verdict::Unclear => Err(Attempt::unreachable(why())),
        }
    }

    /// The entries that a search finds; an error is one of the connection.
    pub(super) async fn search(&mut self, search: &Search<'_>) -> io::Result<(Vec<Entry>, Ended)> {
        let id = self.say(search.request()).await?;
        let mut entries = Vec::new();
        loop {
            match self.hear(id).await? {
                Answer::Found(entry) => entries.push(entry),
                Answer::Ended { of: 0x65, how } => return Ok((entries, how)),
                Answer::Ended { .. } => return Err(garbled()),
                Answer::Other => {}
            }
        }
    }

    /// Changes one entry. From the first byte on nobody knows, until the server has answered.
    pub(super) async fn modify(
        &mut self,
        name: &str,
        changes: &[Change],
        sent: &Sent,
    ) -> io::Result<Ended> {
        sent.raise();
        self.ask(message::modify(name, changes), 0x67).await
    }

    /// Says good-bye. The answer is here already, so nothing depends on its arrival.
    pub(super) async fn close(mut self) {
        let goodbye = message::envelope(self.next, ber::value(message::UNBIND, &[]));
        if let Err(error) = self.stream.send(&goodbye).await {
            tracing::debug!(%error, "the directory had closed the connection already");
        }
    }

    async fn ask(&mut self, request: Vec<u8>, answered_by: u8) -> io::Result<Ended> {
        let id = self.say(request).await?;
        loop {
            match self.hear(id).await? {
                Answer::Ended { of, how } if of == answered_by => return Ok(how),
                Answer::Other => {}
                Answer::Ended { .. } | Answer::Found(_) => return Err(garbled()),
            }
        }
    }

    async fn say(&mut self, request: Vec<u8>) -> io::Result<u32> {
        let id = self.next;
        self.next += 1;
        self.stream.send(&message::envelope(id, request)).await?;
        Ok(id)
    }

    /// The next message. Only one request is ever under way, so one of another number is the server's
    /// notice that it ends the conversation (§4.4), or nonsense.
    async fn hear(&mut self, id: u32) -> io::Result<Answer> {
        let head = self.stream.bytes(2).await?;
        let (Some(&ber::SEQUENCE), Some(&first)) = (head.first(), head.get(1)) else {
            return Err(garbled());
        };
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let digits = ber::digits(first).ok_or_else(garbled)?;
            ber::big_endian(&self.stream.bytes(digits).await?)
        };
        if length > MESSAGE_BYTES_MAX {
            let why = "the directory sent a message of more than 1 MiB";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let content = self.stream.bytes(length).await?;
        match message::answer(&content).ok_or_else(garbled)? {
            (found, answer) if found == id => Ok(answer),
            (0, Answer::Ended { how, .. }) => {
                let why = format!("the directory ended the conversation: {how}");
                Err(io::Error::new(io::ErrorKind::ConnectionAborted, why))
            }
            _ => Err(garbled()),
        }
    }
}

fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the server's answer is no LDAP")
}

/// The connection ended before anything was changed.
pub(super) fn lost(error: &io::Error) -> Attempt {
    Attempt::unreachable(format!("no answer from the directory: {}", outside::chain(error)))
}
