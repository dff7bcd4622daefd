//! SMTP: one connection a mail, TLS before the password, handed over once.
//!
//! A mail is done when the relay has taken it over; what becomes of it then cannot be asked, so there is
//! neither verify nor undo. A connection that breaks after the text began to flow, or a time that runs out
//! then, is an outcome that nobody knows; a person decides whether to send it again. It would then be the
//! same mail: the Message-ID comes from the idempotency key. Everything before that certainly sent nothing.
//!
//! The mail itself is put together by `lettre`, which knows how headers are encoded and folded. Its
//! transport is not used: it resolves names itself, and does not tell a break before the text from one
//! after it.

mod message;
mod session;

use serde_json::{Value, json};
use stanch_model::{duration, manifest::SmtpCall};

pub use message::Mail;

use crate::{
    instance,
    outcome::Attempt,
    render::Context,
    stream::{Line, Sent},
};
use session::Session;

/// Sends what a manifest says.
pub(crate) async fn run(line: Line<'_>, call: &SmtpCall, context: &Context, key: &str) -> Attempt {
    let filled = context.text(&call.from).and_then(|from| {
        let to = recipients(&context.json(&call.to)?)?;
        Ok((
            from,
            Mail { to, subject: context.text(&call.subject)?, text: context.text(&call.text)? },
        ))
    });
    match filled {
        Ok((from, mail)) => send(line, &from, &mail, key).await,
        Err(why) => Attempt::refused(why),
    }
}

/// Sends `mail`. The answer is `{ message_id }`.
pub(crate) async fn send(line: Line<'_>, from: &str, mail: &Mail, key: &str) -> Attempt {
    let composed = instance::place(line.instance, &instance::SMTP)
        .map_err(|error| error.to_string())
        .and_then(|place| Ok((place, message::compose(from, mail, key)?)));
    let (place, envelope) = match composed {
        Ok(composed) => composed,
        Err(why) => return Attempt::refused(why),
    };
    let sent = Sent::default();
    let whole = async {
        let mut session = Session::open(&line, &place, &envelope.domain).await?;
        session.send(&envelope, &sent).await?;
        session.close().await;
        Ok(())
    };
    let timeout = duration::format(line.timeout);
    match tokio::time::timeout(line.timeout, whole).await {
        Ok(Ok(())) => Attempt::Answered(json!({ "message_id": envelope.id })),
        Ok(Err(attempt)) => attempt,
        Err(_) if sent.is_raised() => {
            Attempt::unclear(format!("the relay did not answer within {timeout}"))
        }
        Err(_) => Attempt::unreachable(format!("no answer from the relay within {timeout}")),
    }
}

/// One address, or a list of them.
fn recipients(to: &Value) -> Result<Vec<String>, String> {
    let text = |value: &Value| {
        value.as_str().map(str::to_owned).ok_or_else(|| "an address is no text".to_owned())
    };
    match to {
        Value::Array(list) => list.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}
