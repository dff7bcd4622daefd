//! The messages of the mailbox.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{answer::Answer, state::Stamp, switch::Switch};

/// Longest message id, in bytes (RFC 5322 §2.1.1: a line has at most 998).
const ID_BYTES_MAX: usize = 998;

/// Messages by id.
pub(crate) struct Mailbox {
    messages: BTreeMap<String, Message>,
}

#[derive(Clone)]
struct Message {
    mailbox: String,
    subject: String,
    quarantined: Switch,
}

impl Message {
    fn view(&self, id: &str) -> Value {
        json!({
            "id": id,
            "state": if self.quarantined.on { "quarantined" } else { "delivered" },
            "mailbox": self.mailbox,
            "subject": self.subject,
            "key": self.quarantined.key,
            "since": self.quarantined.since,
        })
    }
}

impl Mailbox {
    /// A few messages, good and bad.
    pub(crate) fn seeded() -> Self {
        let seeds = [
            ("m-0001", "finance", "Overdue invoice, please open the attachment"),
            ("m-0002", "sales", "Your parcel is waiting"),
            ("m-0003", "operations", "Your password ends today"),
            ("m-0004", "finance", "Minutes of Monday's meeting"),
        ];
        let messages =
            seeds.map(|(id, department, subject)| (id.to_owned(), message(department, subject)));
        Self { messages: messages.into() }
    }

    /// One message; with `enrol` every id has one.
    pub(crate) fn show(&self, id: &str, enrol: bool) -> Result<Answer, Answer> {
        let message = self.find(id, enrol)?;
        Ok(Answer::ok(message.view(id)))
    }

    /// All seeded messages, and others that were acted on.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.messages.iter().map(|(id, message)| message.view(id)).collect()
    }

    /// Quarantines a message, or puts it back.
    pub(crate) fn turn(
        &mut self,
        id: &str,
        quarantine: bool,
        enrol: bool,
        stamp: &Stamp<'_>,
    ) -> Result<Answer, Answer> {
        let mut message = self.find(id, enrol)?;
        let mut told = message.clone();
        told.quarantined.turn(quarantine, &Stamp { effective_at: Some(stamp.at), ..*stamp });
        message.quarantined.turn(quarantine, stamp);
        let answer = Answer::ok(told.view(id));
        self.messages.insert(id.to_owned(), message);
        Ok(answer)
    }

    fn find(&self, id: &str, enrol: bool) -> Result<Message, Answer> {
        if id.len() > ID_BYTES_MAX {
            let error = format!("a message id has at most {ID_BYTES_MAX} bytes");
            return Err(Answer::unreadable(error));
        }
        let found = self.messages.get(id).cloned();
        found
            .or_else(|| enrol.then(|| message("unknown", "A message nobody has read")))
            .ok_or_else(|| Answer::unknown("message", id))
    }
}

fn message(department: &str, subject: &str) -> Message {
    Message {
        mailbox: format!("{department}@practice.example"),
        subject: subject.to_owned(),
        quarantined: Switch::default(),
    }
}
