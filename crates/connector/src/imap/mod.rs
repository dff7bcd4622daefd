//! IMAP: one connection a call, TLS before the password, a message moved in one step.
//!
//! A message is known by its Message-ID, looked for in all folders of a mailbox, and moved by `UID MOVE`
//! (RFC 6851), which does it or does not; a server that would copy and delete is refused. Each copy is
//! moved by a command of its own, sent once. A connection that breaks after the first of them, or a time
//! that runs out then, is an outcome that nobody knows; the probe looks where the copies lie. Sent
//! twice, a move finds nothing left to move and is refused, and so changes nothing. The undo moves them
//! back to the folders that the probe saw them in before the act.
//!
//! Whose mailbox it is goes as the authorization identity of SASL PLAIN (RFC 4616), beside the name of
//! who signs in: a master user, or one that the server lets into others' mailboxes.
//!
//! The client is our own. `async-imap` was weighed: it brings a second time library, takes answers of up
//! to 512 MiB, and what it does not know of an answer it leaves to the caller's luck.

mod call;
mod find;
mod session;
mod wire;

use stanch_model::{duration, manifest::ImapCall};

use crate::{
    instance,
    outcome::Attempt,
    render::Context,
    stream::{Line, Sent},
};

/// Makes `call` at the instance and classifies what came of it.
///
/// The answer to a search is `{ messages: [{ folder, uid, subject, from, date }] }`, to a move
/// `{ moved: [{ from, to }] }`.
pub(crate) async fn run(line: Line<'_>, call: &ImapCall, context: &Context) -> Attempt {
    let place = match instance::place(line.instance, &instance::IMAP) {
        Ok(place) => place,
        Err(error) => return Attempt::refused(error.to_string()),
    };
    let sent = Sent::default();
    let whole = async {
        match call {
            ImapCall::Search(search) => call::search(&line, &place, search, context).await,
            ImapCall::Move(to_move) => call::move_(&line, &place, to_move, context, &sent).await,
        }
    };
    let timeout = duration::format(line.timeout);
    match tokio::time::timeout(line.timeout, whole).await {
        Ok(attempt) => attempt,
        Err(_) if sent.is_raised() => {
            Attempt::unclear(format!("the mail server did not answer within {timeout}"))
        }
        Err(_) => Attempt::unreachable(format!("no answer from the mail server within {timeout}")),
    }
}
