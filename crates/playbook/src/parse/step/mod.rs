//! Steps: what kind each is, which keys belong to it, and what they hold.

mod act;
mod flow;
mod people;

use std::time::Duration;

use stanch_expression::suggest;
use stanch_yaml::Yaml;

use super::{
    STEPS_MAX,
    reader::{Fields, Reader},
};
use crate::{
    ast::{OnError, Spanned, Step, StepKind},
    check::codes,
};

/// The kinds, and the keys that belong to each besides `id`.
const KINDS: [(&str, &[&str]); 13] = [
    ("do", &["with", "retry", "timeout", "default", "on_error", "expires", "approve"]),
    (
        "script",
        &[
            "code", "with", "output", "effect", "target", "network", "retry", "timeout", "default",
            "on_error", "approve",
        ],
    ),
    ("if", &["then", "else"]),
    ("switch", &["cases", "else"]),
    ("parallel", &["until"]),
    ("for_each", &["as", "width", "limit", "steps", "on_error"]),
    ("while", &["turns", "steps", "on_error"]),
    ("call", &["with", "on_error"]),
    ("wait", &[]),
    ("ask", &["options", "form", "within", "otherwise", "by"]),
    ("set", &[]),
    ("try", &["on_error"]),
    ("end", &["note"]),
];

/// No step takes longer, and nothing stays without a look for longer.
pub(super) const LONGEST: Duration = Duration::from_secs(90 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);
const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);

const STEPS_HELP: &str = "write a list: each step on a line of its own, after `- `";

/// A list of at least one step. Steps that cannot be read are left out; the finding says so.
pub(super) fn read_all(reader: &mut Reader<'_>, yaml: &Yaml, what: &str) -> Option<Vec<Step>> {
    let items = reader.list(yaml, what, STEPS_HELP)?;
    if items.is_empty() {
        let help = "add a step; to do nothing write `- end: succeeded`";
        reader.error(codes::WRONG_SHAPE, yaml.span(), format!("{what} holds no step"), help);
    }
    Some(items.iter().filter_map(|item| read(reader, item)).collect())
}

/// The steps below a key that has to be there.
fn block(reader: &mut Reader<'_>, fields: Fields<'_>, key: &str, owner: &str) -> Option<Vec<Step>> {
    let help = format!("add `{key}:` with at least one step");
    let yaml = reader.required(fields, key, owner, &help)?;
    read_all(reader, yaml, &format!("`{key}`"))
}

fn read(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Step> {
    let fields = reader.map(yaml, "a step", "write `- do: ACTION`, or another kind of step")?;
    reader.steps = reader.steps.saturating_add(1);
    if reader.steps > STEPS_MAX {
        if reader.steps == STEPS_MAX.saturating_add(1) {
            let message = format!("playbook has more than {STEPS_MAX} steps");
            reader.error(codes::TOO_LARGE, fields.span, message, "split it into several playbooks");
        }
        return None;
    }
    let id = fields.get("id").and_then(|yaml| read_id(reader, yaml));
    let (word, own) = kind_of(reader, fields)?;
    own_keys(reader, fields, word, own);
    let kind = read_kind(reader, fields, word)?;
    Some(Step { id, span: fields.span, kind })
}

fn read_id(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Spanned<String>> {
    reader.named(yaml, "`id`", "write a name, as in `id: find`", "step id", false)
}

/// The one kind that a step has.
fn kind_of(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
) -> Option<(&'static str, &'static [&'static str])> {
    let kinds: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
    let found: Vec<_> = KINDS.iter().filter(|(word, _)| fields.get(word).is_some()).collect();
    match found.as_slice() {
        [(word, own)] => return Some((word, own)),
        [] => {
            let keys = fields.entries.iter().map(|(key, _)| key);
            let slip = keys.filter(|key| key.name != "id").find_map(|key| {
                suggest::nearest(&key.name, kinds.iter().copied()).map(|near| (key, near))
            });
            let (span, help) = match slip {
                Some((key, near)) => (key.span, format!("did you mean `{near}`?")),
                None => (fields.span, suggest::list(&kinds)),
            };
            let message = "this step does nothing: it has no kind";
            reader.error_with(codes::NO_KIND, span, message, help, |edit| {
                slip.and_then(|(key, near)| edit.rename_key(key.span, near))
            });
        }
        [(first, _), (second, _), ..] => {
            let span = fields.key(second).map_or(fields.span, |key| key.span);
            let message = format!("a step is either `{first}` or `{second}`");
            let help = "make two steps of it";
            reader.error_with(codes::NO_KIND, span, message, help, |edit| edit.remove_key(span));
        }
    }
    None
}

/// Keys that are unknown, or belong to another kind.
fn own_keys(reader: &mut Reader<'_>, fields: Fields<'_>, word: &str, own: &[&str]) {
    let mut known = vec!["id", word];
    known.extend(own);
    for (key, _) in fields.entries {
        let name = key.name.as_str();
        if known.contains(&name) {
            continue;
        }
        let other = KINDS.iter().find(|(_, keys)| keys.contains(&name));
        let help = match other {
            Some((other, _)) => format!("`{name}` belongs to `{other}` steps; remove it"),
            None => suggest::help(name, known.iter().copied()),
        };
        let message = format!("a `{word}` step has no key `{name}`");
        let near = suggest::nearest(name, known.iter().copied());
        let near = near.filter(|near| other.is_none() && fields.get(near).is_none());
        reader.error_with(codes::UNKNOWN_KEY, key.span, message, help, |edit| match near {
            Some(near) => edit.rename_key(key.span, near),
            None => edit.remove_key(key.span),
        });
    }
}

fn read_kind(reader: &mut Reader<'_>, fields: Fields<'_>, word: &str) -> Option<StepKind> {
    let yaml = fields.get(word)?;
    Some(match word {
        "do" => StepKind::Do(act::read_do(reader, fields, yaml)?),
        "script" => StepKind::Script(act::read_script(reader, fields, yaml)?),
        "if" => StepKind::If(flow::read_if(reader, fields, yaml)?),
        "switch" => StepKind::Switch(flow::read_switch(reader, fields, yaml)?),
        "parallel" => StepKind::Parallel(flow::read_parallel(reader, fields, yaml)?),
        "for_each" => StepKind::ForEach(flow::read_for_each(reader, fields, yaml)?),
        "while" => StepKind::While(flow::read_while(reader, fields, yaml)?),
        "call" => StepKind::Call(act::read_call(reader, fields, yaml)?),
        "wait" => StepKind::Wait(people::read_wait(reader, yaml)?),
        "ask" => StepKind::Ask(people::read_ask(reader, fields, yaml)?),
        "set" => StepKind::Set(flow::read_set(reader, yaml)?),
        "try" => StepKind::Try(flow::read_try(reader, fields, yaml)?),
        _ => StepKind::End(flow::read_end(reader, fields, yaml)?),
    })
}

fn on_error(reader: &mut Reader<'_>, fields: Fields<'_>) -> OnError {
    let words = [("fail", OnError::Fail), ("continue", OnError::Continue)];
    let found = fields.get("on_error").map(|yaml| reader.word(yaml, "`on_error`", &words));
    found.flatten().unwrap_or_default()
}
