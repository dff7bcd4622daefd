//! One conversation with a mail server: protected, signed in, one command after the other.

use std::io;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::wire::{self, Answer, Part, Status, Token, quote};
use crate::{
    instance::{self, Place},
    outcome::Attempt,
    outside,
    stream::{Line, Security, Stream, open},
};

/// Longest answer, in bytes, literals included: the head of a mail with a thousand addresses.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Most pieces in the answers to one command: 20,000 folders, or as many numbers as a search may give.
const TOKENS_MAX: usize = 100_000;

/// A session that has signed in.
pub(super) struct Session {
    stream: Stream,
    next: u32,
}

/// How a command ended: what the server sent meanwhile, and its verdict.
pub(super) struct Ended {
    data: Vec<Vec<Token>>,
    /// What it said beside it: `[UIDVALIDITY 17] …`.
    pub(super) notes: Vec<String>,
    pub(super) status: Status,
    pub(super) said: String,
}

impl Ended {
    /// The data, if the command was done; else what the server said.
    pub(super) fn done(self) -> Result<Vec<Vec<Token>>, String> {
        match self.status {
            Status::Ok => Ok(self.data),
            Status::No | Status::Bad | Status::Bye => Err(outside::quote(&self.said)),
        }
    }
}

impl Session {
    /// Connects and signs in, into the mailbox of `owner` if one is named; nothing was changed by then,
    /// whatever happens.
    pub(super) async fn open(line: &Line<'_>, place: &Place, owner: &str) -> Result<Self, Attempt> {
        let mut session = Self { stream: open(line, place).await?, next: 1 };
        session.greeting().await?;
        if place.security == Security::Upgrade {
            session = session.start_tls(line, place).await?;
        }
        session.sign_in(line, owner).await?;
        session.can_move().await?;
        Ok(session)
    }

    async fn greeting(&mut self) -> Result<(), Attempt> {
        match self.hear().await.map_err(|error| lost(&error))? {
            Answer::Note { status: Status::Ok, .. } => Ok(()),
            Answer::Note { said, .. } => {
                let said = outside::quote(&said);
                Err(Attempt::unreachable(format!("the mail server turns us away: {said}")))
            }
            _ => Err(lost(&garbled())),
        }
    }

    async fn start_tls(mut self, line: &Line<'_>, place: &Place) -> Result<Self, Attempt> {
        let ended = self.command("STARTTLS").await.map_err(|error| lost(&error))?;
        ended.done().map_err(|said| {
            Attempt::refused(format!(
                "the server does not go over to TLS: {said}; use imaps://, or set up TLS there"
            ))
        })?;
        let stream = self.stream.secure(line, &place.host).await?;
        Ok(Self { stream, ..self })
    }

    /// SASL PLAIN (RFC 4616): who signs in, and in whose mailbox, stand apart, so that no address can
    /// become another account's name.
    async fn sign_in(&mut self, line: &Line<'_>, owner: &str) -> Result<(), Attempt> {
        let user = instance::user(line.instance);
        let password = line.secret.map(|secret| secret.expose()).unwrap_or_default();
        let refused =
            |why: String| Attempt::refused(instance::error(line.instance, why).to_string());
        if password.trim().is_empty() || user.is_empty() {
            let why = "nobody signs in: `user` and `credential` must both be there";
            return Err(refused(why.to_owned()));
        }
        if [user, password, owner].iter().any(|part| part.contains('\0')) {
            return Err(refused("a name or the password holds a NUL".to_owned()));
        }
        let sent = self.say("AUTHENTICATE PLAIN").await.map_err(|error| lost(&error))?;
        match self.hear().await.map_err(|error| lost(&error))? {
            Answer::GoOn => {}
            Answer::Ended { said, .. } => {
                let said = outside::quote(&said);
                let why = format!("the mail server lets nobody in by password here: {said}");
                return Err(Attempt::refused(why));
            }
            _ => return Err(lost(&garbled())),
        }
        let plain = BASE64_STANDARD.encode(format!("{owner}\0{user}\0{password}"));
        self.stream.send(format!("{plain}\r\n").as_bytes()).await.map_err(|error| lost(&error))?;
        let ended = self.end_of(&sent).await.map_err(|error| lost(&error))?;
        let for_now = ended.said.contains("[UNAVAILABLE]") || ended.status == Status::Bye;
        ended.done().map(drop).map_err(|said| {
            let whose = if owner.is_empty() { String::new() } else { format!(" for {owner}") };
            let why = format!("the mail server does not let {user} in{whose}: {said}");
            if for_now { Attempt::unreachable(why) } else { Attempt::refused(why) }
        })
    }

    /// A server without MOVE would copy and delete, with two moments to break in between.
    async fn can_move(&mut self) -> Result<(), Attempt> {
        let ended = self.command("CAPABILITY").await.map_err(|error| lost(&error))?;
        let lines = ended.done().map_err(Attempt::refused)?;
        let can = lines.iter().flatten().any(|token| token.is("MOVE") || token.is("IMAP4rev2"));
        if can {
            return Ok(());
        }
        Err(Attempt::refused("the mail server cannot move messages in one step (RFC 6851)"))
    }

    /// Sends a command and hears it out.
    pub(super) async fn command(&mut self, command: &str) -> io::Result<Ended> {
        let tag = self.say(command).await?;
        self.end_of(&tag).await
    }

    /// The same with a folder's name behind it.
    pub(super) async fn on_folder(&mut self, command: &str, folder: &str) -> io::Result<Ended> {
        let folder = quote("a folder's name", folder)
            .map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        self.command(&format!("{command} {folder}")).await
    }

    /// Says good-bye. The answer is here already, so nothing depends on its arrival.
    pub(super) async fn close(mut self) {
        if let Err(error) = self.say("LOGOUT").await {
            tracing::debug!(%error, "the mail server had closed the connection already");
        }
    }

    async fn say(&mut self, command: &str) -> io::Result<String> {
        let tag = format!("a{}", self.next);
        self.next += 1;
        self.stream.send(format!("{tag} {command}\r\n").as_bytes()).await?;
        Ok(tag)
    }

    async fn end_of(&mut self, tag: &str) -> io::Result<Ended> {
        let (mut data, mut notes, mut tokens_left) = (Vec::new(), Vec::new(), TOKENS_MAX);
        loop {
            match self.hear().await? {
                Answer::Ended { tag: found, status, said } if found == tag => {
                    return Ok(Ended { data, notes, status, said });
                }
                Answer::Data(tokens) => {
                    tokens_left = tokens_left.checked_sub(tokens.len()).ok_or_else(too_much)?;
                    data.push(tokens);
                }
                Answer::Note { status: Status::Bye, said } => {
                    let why = format!(
                        "the mail server ended the conversation: {}",
                        outside::quote(&said)
                    );
                    return Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
                }
                Answer::Note { said, .. } => notes.push(said),
                Answer::Ended { .. } | Answer::GoOn => return Err(garbled()),
            }
        }
    }

    async fn hear(&mut self) -> io::Result<Answer> {
        let mut line = wire::Line::default();
        let mut left = ANSWER_BYTES_MAX;
        loop {
            let plain = self.stream.line(left).await?;
            left = left.saturating_sub(plain.len());
            let literal = wire::literal(&plain);
            line.parts.push(Part::Plain(plain));
            let Some(length) = literal else { break };
            if length > left {
                let why = "the mail server sent an answer of more than 256 KiB";
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            line.parts.push(Part::Literal(self.stream.bytes(length).await?));
            left = left.saturating_sub(length);
        }
        line.read().ok_or_else(garbled)
    }
}

fn too_much() -> io::Error {
    let why = "the mail server's answer has more than 100,000 parts";
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the server's answer is no IMAP")
}

/// The connection ended before anything was changed.
pub(super) fn lost(error: &io::Error) -> Attempt {
    let why = format!("no answer from the mail server: {}", outside::chain(error));
    // What we did not even send.
    match error.kind() {
        io::ErrorKind::InvalidInput => Attempt::refused(error.to_string()),
        _ => Attempt::unreachable(why),
    }
}
