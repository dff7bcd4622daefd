//! A manifest's search or move, filled in and carried out.

use std::io;

use serde_json::{Value, json};
use stanch_model::manifest::{ImapMove, ImapSearch};

use super::{
    find::{self, Copy},
    session::{Session, lost},
    wire::{Status, quote},
};
use crate::{
    instance::Place,
    outcome::Attempt,
    outside,
    render::Context,
    stream::{Line, Sent},
};

pub(super) async fn search(
    line: &Line<'_>,
    place: &Place,
    call: &ImapSearch,
    context: &Context,
) -> Attempt {
    let (mailbox, message, named) =
        match filled(&call.mailbox, &call.message, &call.folders, context) {
            Ok(filled) => filled,
            Err(why) => return Attempt::refused(why),
        };
    let mut session = match Session::open(line, place, &mailbox).await {
        Ok(session) => session,
        Err(attempt) => return attempt,
    };
    match look(&mut session, &named, &[], &message).await {
        Ok((copies, _)) => {
            session.close().await;
            let messages: Vec<Value> = copies.iter().map(Copy::shown).collect();
            Attempt::Answered(json!({ "messages": messages }))
        }
        Err(attempt) => attempt,
    }
}

pub(super) async fn move_(
    line: &Line<'_>,
    place: &Place,
    call: &ImapMove,
    context: &Context,
    sent: &Sent,
) -> Attempt {
    let read = filled(&call.mailbox, &call.message, &call.from, context)
        .and_then(|filled| Ok((filled, targets(&context.json(&call.to)?)?)));
    let ((mailbox, message, from), to) = match read {
        Ok(read) => read,
        Err(why) => return Attempt::refused(why),
    };
    let mut session = match Session::open(line, place, &mailbox).await {
        Ok(session) => session,
        Err(attempt) => return attempt,
    };
    let prepared = prepare(&mut session, &from, &to, &message).await;
    let copies = match prepared {
        Ok(copies) => copies,
        Err(attempt) => return attempt,
    };
    let mut moved = Vec::new();
    // Where there are fewer folders than copies, the last one takes the rest.
    let targets = to.iter().chain(std::iter::repeat(to.last().unwrap_or(&message)));
    for (copy, target) in copies.iter().zip(targets) {
        match move_one(&mut session, copy, target, sent).await {
            Ok(()) => moved.push(json!({ "from": copy.folder, "to": target })),
            // What was moved before this one is moved.
            Err(Attempt::NotDone { why, .. }) if !moved.is_empty() => return Attempt::unclear(why),
            Err(attempt) => return attempt,
        }
    }
    session.close().await;
    Attempt::Answered(json!({ "moved": moved }))
}

type Filled = (String, String, Vec<String>);

fn filled(
    mailbox: &str,
    message: &str,
    folders: &[String],
    context: &Context,
) -> Result<Filled, String> {
    let folders: Result<Vec<String>, String> =
        folders.iter().map(|text| context.text(text)).collect();
    Ok((context.text(mailbox)?, context.text(message)?, folders?))
}

/// Where to move: one folder, or one for each copy.
fn targets(to: &Value) -> Result<Vec<String>, String> {
    let text = |value: &Value| {
        let name = value.as_str().ok_or_else(|| "a folder's name is no text".to_owned())?;
        quote("a folder's name", name).map(|_| name.to_owned())
    };
    let targets = match to {
        Value::Array(list) => list.iter().map(text).collect::<Result<Vec<_>, _>>()?,
        one => vec![text(one)?],
    };
    if targets.is_empty() {
        Err("no folder is named to move it to".to_owned())
    } else {
        Ok(targets)
    }
}

/// The copies in `named`, or in all folders but `left_out`; and all folders that there are.
async fn look(
    session: &mut Session,
    named: &[String],
    left_out: &[String],
    message: &str,
) -> Result<(Vec<Copy>, Vec<String>), Attempt> {
    let all = find::folders(session).await?;
    let within = |folder: &&String| {
        if named.is_empty() { !left_out.contains(folder) } else { named.contains(folder) }
    };
    let folders: Vec<String> = all.iter().filter(within).cloned().collect();
    Ok((find::copies(session, &folders, message).await?, all))
}

/// Finds what is to be moved, and sees to it that there is a folder to move it to.
async fn prepare(
    session: &mut Session,
    from: &[String],
    to: &[String],
    message: &str,
) -> Result<Vec<Copy>, Attempt> {
    let (copies, folders) = look(session, from, to, message).await?;
    if copies.is_empty() {
        let id = outside::quote(message);
        return Err(Attempt::refused(format!("the mailbox has no message {id} to move")));
    }
    for folder in to.iter().filter(|folder| !folders.contains(folder)) {
        let created = session.on_folder("CREATE", folder).await.map_err(|error| lost(&error))?;
        // Two of us may have found it missing at the same time.
        if created.status != Status::Ok && !created.said.contains("[ALREADYEXISTS]") {
            let (folder, said) = (outside::quote(folder), outside::quote(&created.said));
            return Err(Attempt::refused(format!(
                "there is no folder {folder}, and none can be made: {said}"
            )));
        }
    }
    Ok(copies)
}

/// Moves one copy. From the command on nobody knows, until the server has answered.
async fn move_one(
    session: &mut Session,
    copy: &Copy,
    target: &str,
    sent: &Sent,
) -> Result<(), Attempt> {
    let shown = outside::quote(&copy.folder);
    let opened =
        find::validity(session, "SELECT", &copy.folder).await.map_err(|error| lost(&error))?;
    match opened {
        Ok(validity) if validity == copy.validity => {}
        Ok(_) => {
            let why = format!("the folder {shown} was made anew meanwhile");
            return Err(Attempt::unreachable(why));
        }
        Err(said) => {
            let why = format!("the mail server does not open the folder {shown}: {said}");
            return Err(Attempt::refused(why));
        }
    }
    sent.raise();
    let command = format!("UID MOVE {}", copy.uid);
    let broke = |error: io::Error| {
        Attempt::unclear(format!("the connection broke: {}", outside::chain(&error)))
    };
    let ended = session.on_folder(&command, target).await.map_err(broke)?;
    // A move of one message is done or not (RFC 6851 §3.3).
    ended.done().map(drop).map_err(|said| {
        let target = outside::quote(target);
        Attempt::refused(format!(
            "the mail server does not move it from {shown} to {target}: {said}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_moved_somewhere_or_nowhere() {
        for (to, expect) in [
            (json!("Quarantine"), Some(vec!["Quarantine"])),
            (json!(["INBOX", "a/b"]), Some(vec!["INBOX", "a/b"])),
            (json!([]), None),
            (json!(""), None),
            (json!("a\r\nb"), None),
            (json!(["INBOX", 1]), None),
            (json!(null), None),
        ] {
            let found = targets(&to).ok();
            let found =
                found.as_ref().map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found, expect, "{to}");
        }
    }
}
