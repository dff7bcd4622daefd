//! Whether an IMAP call could be sent at all.

use serde_json::Value;
use stanch_model::manifest::ImapCall;

use super::{Findings, codes, source::Path};

pub(super) fn check(call: &ImapCall, at: &Path, findings: &mut Findings<'_>) {
    let (at, message) = match call {
        ImapCall::Search(search) => (at.key("search"), &search.message),
        ImapCall::Move(to_move) => (at.key("move"), &to_move.message),
    };
    if message.trim().is_empty() {
        let help = "write whose id it is, such as `${{ input.message }}`";
        findings.error(codes::REQUEST, &at.key("message"), "no message is named", help);
    }
    if let ImapCall::Move(to_move) = call
        && !is_somewhere(&to_move.to)
    {
        findings.error(
            codes::REQUEST,
            &at.key("to"),
            "no folder is named to move it to",
            "write a folder's name, or a list of them",
        );
    }
}

fn is_somewhere(to: &Value) -> bool {
    let is_name = |value: &Value| value.as_str().is_some_and(|name| !name.trim().is_empty());
    match to {
        Value::Array(list) => !list.is_empty() && list.iter().all(is_name),
        one => is_name(one),
    }
}
