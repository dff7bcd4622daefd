//! Where a message lies: its copies in all folders, by its Message-ID.

use std::io;

use serde_json::{Value, json};

use super::{
    session::{Session, lost},
    wire::{Token, quote},
};
use crate::{outcome::Attempt, outside};

/// Most folders of a mailbox that are looked into.
const FOLDERS_MAX: usize = 500;

/// Most copies of one message.
pub(super) const COPIES_MAX: usize = 50;

/// A copy of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) folder: String,
    /// Together with `uid` it names one message for good (RFC 9051 §2.3.1.1).
    pub(super) validity: String,
    pub(super) uid: u32,
    subject: String,
    from: String,
    date: String,
}

impl Copy {
    pub(super) fn shown(&self) -> Value {
        json!({
            "folder": self.folder, "uid": self.uid, "subject": self.subject, "from": self.from,
            "date": self.date,
        })
    }
}

/// A Message-ID without its brackets, which some tools leave out.
pub(super) fn bare(message: &str) -> &str {
    let message = message.trim();
    message.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(message)
}

/// All folders that can hold messages.
pub(super) async fn folders(session: &mut Session) -> Result<Vec<String>, Attempt> {
    let ended = session.command("LIST \"\" \"*\"").await.map_err(|error| lost(&error))?;
    let listed = ended
        .done()
        .map_err(|said| Attempt::refused(format!("the mail server lists no folders: {said}")))?;
    let folders: Vec<String> = listed.iter().filter_map(|tokens| folder(tokens)).collect();
    if folders.len() > FOLDERS_MAX {
        let why = format!("the mailbox has more than {FOLDERS_MAX} folders");
        return Err(Attempt::refused(why));
    }
    Ok(folders)
}

/// `LIST (flags) separator name`.
fn folder(tokens: &[Token]) -> Option<String> {
    let (first, rest) = tokens.split_first()?;
    let end = rest.iter().position(|token| *token == Token::Close)?;
    let (flags, rest) = rest.split_at(end);
    let holds_none = |flag: &Token| flag.is("\\Noselect") || flag.is("\\NonExistent");
    let is_folder = first.is("LIST") && !flags.iter().any(holds_none);
    is_folder.then(|| rest.get(2)?.text()).flatten()
}

/// All copies of `message` in these folders.
pub(super) async fn copies(
    session: &mut Session,
    folders: &[String],
    message: &str,
) -> Result<Vec<Copy>, Attempt> {
    let wanted = bare(message);
    let quoted = quote("the message's id", &format!("<{wanted}>")).map_err(Attempt::refused)?;
    let mut copies = Vec::new();
    for folder in folders {
        let found = in_folder(session, folder, &quoted).await.map_err(|error| lost(&error))?;
        let found = found.map_err(|said| {
            let folder = outside::quote(folder);
            Attempt::refused(format!("the mail server does not show the folder {folder}: {said}"))
        })?;
        // A server's search is for a part of the text.
        copies.extend(found.into_iter().filter(|(id, _)| bare(id) == wanted).map(|(_, copy)| copy));
        if copies.len() > COPIES_MAX {
            let why = format!("the mailbox holds more than {COPIES_MAX} messages with that id");
            return Err(Attempt::refused(why));
        }
    }
    Ok(copies)
}

type Found = Result<Vec<(String, Copy)>, String>;

/// Ids and copies in one folder, which is opened for reading only.
async fn in_folder(session: &mut Session, folder: &str, quoted: &str) -> io::Result<Found> {
    let validity = match validity(session, "EXAMINE", folder).await? {
        Ok(validity) => validity,
        Err(said) => return Ok(Err(said)),
    };
    let search = session.command(&format!("UID SEARCH HEADER MESSAGE-ID {quoted}")).await?;
    let lines = match search.done() {
        Ok(lines) => lines,
        Err(said) => return Ok(Err(said)),
    };
    let uids = numbers(&lines);
    if uids.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let list = uids.iter().take(COPIES_MAX * 2).map(u32::to_string).collect::<Vec<_>>().join(",");
    let fields = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID SUBJECT FROM DATE)]";
    let fetched = session.command(&format!("UID FETCH {list} (UID {fields})")).await?;
    Ok(fetched
        .done()
        .map(|lines| lines.iter().filter_map(|tokens| copy(tokens, folder, &validity)).collect()))
}

/// Opens a folder by `EXAMINE` or `SELECT`, and says which edition of it this is: numbers of messages
/// hold for one edition only.
pub(super) async fn validity(
    session: &mut Session,
    verb: &str,
    folder: &str,
) -> io::Result<Result<String, String>> {
    let opened = session.on_folder(verb, folder).await?;
    let numbers = opened.notes.iter().filter_map(|note| note.strip_prefix("[UIDVALIDITY "));
    let validity = numbers.filter_map(|rest| rest.split(']').next()).map(str::to_owned).next();
    let unsaid = || "it does not say which edition of the folder this is".to_owned();
    Ok(opened.done().and_then(|_| validity.ok_or_else(unsaid)))
}

fn numbers(lines: &[Vec<Token>]) -> Vec<u32> {
    let searches = lines.iter().filter(|tokens| tokens.first().is_some_and(|t| t.is("SEARCH")));
    let words = searches.flat_map(|tokens| tokens.iter().skip(1));
    words.filter_map(|token| token.text()?.parse().ok()).collect()
}

/// `n FETCH (UID 7 BODY[…] "…")`, in any order.
fn copy(tokens: &[Token], folder: &str, validity: &str) -> Option<(String, Copy)> {
    if !tokens.get(1)?.is("FETCH") {
        return None;
    }
    let after = |is: &dyn Fn(&Token) -> bool| {
        let at = tokens.iter().position(is)?;
        tokens.get(at + 1)
    };
    let uid = after(&|token| token.is("UID"))?.text()?.parse().ok()?;
    let is_body = |token: &Token| matches!(token, Token::Word(word) if word.starts_with("BODY["));
    let head = after(&is_body)?.text()?;
    let field = |name: &str| header(&head, name);
    let copy = Copy {
        folder: folder.to_owned(),
        validity: validity.to_owned(),
        uid,
        subject: field("subject"),
        from: field("from"),
        date: field("date"),
    };
    Some((field("message-id"), copy))
}

/// The first field of that name, unfolded; empty if there is none.
fn header(head: &str, name: &str) -> String {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let fields = unfolded.lines().filter_map(|line| line.split_once(':'));
    let mut found = fields.filter(|(found, _)| found.trim().eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}
