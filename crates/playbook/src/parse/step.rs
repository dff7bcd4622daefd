//! Steps: what kind each is, which keys belong to it, and what they hold.

use std::time::Duration;

use stanch_expression::suggest;

use super::{
    STEPS_MAX,
    reader::{Fields, Reader},
    value,
    yaml::Yaml,
};
use crate::{
    ast::{Approve, Ask, Do, End, If, OnError, Spanned, Step, StepKind},
    check::codes,
};

/// The kinds, and the keys that belong to each besides `id`.
const KINDS: [(&str, &[&str]); 7] = [
    ("do", &["with", "on_error", "expires", "approve"]),
    ("if", &["then", "else"]),
    ("parallel", &[]),
    ("ask", &["options", "within", "otherwise"]),
    ("wait", &[]),
    ("set", &[]),
    ("end", &["note"]),
];

/// Kinds that the language will have.
const LATER: [&str; 7] = ["script", "switch", "for_each", "while", "call", "try", "repeat"];

/// No step takes longer, and nothing stays without a look for longer.
const LONGEST: Duration = Duration::from_secs(90 * 86_400);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

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
    let scalar = reader.scalar(yaml, "`id`", "write a name, as in `id: find`")?;
    reader
        .name(&scalar.text, scalar.span, "step id", false)
        .then(|| Spanned { value: scalar.text.clone(), span: scalar.span })
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
            let later = keys.clone().find(|key| LATER.contains(&key.name.as_str()));
            if let Some(key) = later {
                let message = format!("`{}` steps are not supported yet", key.name);
                reader.error(codes::NO_KIND, key.span, message, suggest::list(&kinds));
                return None;
            }
            let slip = keys.filter(|key| key.name != "id").find_map(|key| {
                suggest::nearest(&key.name, kinds.iter().copied()).map(|near| (key, near))
            });
            let (span, help) = match slip {
                Some((key, near)) => (key.span, format!("did you mean `{near}`?")),
                None => (fields.span, suggest::list(&kinds)),
            };
            reader.error(codes::NO_KIND, span, "this step does nothing: it has no kind", help);
        }
        [(first, _), (second, _), ..] => {
            let span = fields.key(second).map_or(fields.span, |key| key.span);
            let message = format!("a step is either `{first}` or `{second}`");
            reader.error(codes::NO_KIND, span, message, "make two steps of it");
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
        reader.error(codes::UNKNOWN_KEY, key.span, message, help);
    }
}

fn read_kind(reader: &mut Reader<'_>, fields: Fields<'_>, word: &str) -> Option<StepKind> {
    let yaml = fields.get(word)?;
    Some(match word {
        "do" => StepKind::Do(read_do(reader, fields, yaml)?),
        "if" => StepKind::If(read_if(reader, fields, yaml)?),
        "parallel" => {
            let help = "write a list of at least two steps; each branch is one step";
            let branches = reader.list(yaml, "`parallel`", help)?;
            if branches.len() < 2 {
                let span = fields.key(word).map_or(fields.span, |key| key.span);
                let message = "`parallel` has fewer than two branches";
                reader.error(
                    codes::ONE_BRANCH,
                    span,
                    message,
                    "add a branch, or write the step alone",
                );
            }
            StepKind::Parallel(branches.iter().filter_map(|b| read(reader, b)).collect())
        }
        "ask" => StepKind::Ask(read_ask(reader, fields, yaml)?),
        "wait" => StepKind::Wait(reader.duration(yaml, "`wait`", SECOND, LONGEST)?),
        "set" => StepKind::Set(read_set(reader, yaml)?),
        _ => StepKind::End(read_end(reader, fields, yaml)?),
    })
}

fn read_do(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<Do> {
    let help = "name a capability or an action, as in `edr.isolate_host`";
    let name = reader.scalar(yaml, "`do`", help);
    let name = name.map(|scalar| Spanned { value: scalar.text.clone(), span: scalar.span });
    let with = fields.get("with").map(|yaml| {
        let with = reader.map(yaml, "`with`", "write `with: { input: value }`");
        with.map(|with| value::entries(reader, with.entries)).unwrap_or_default()
    });
    let expires =
        fields.get("expires").map(|yaml| reader.duration(yaml, "`expires`", MINUTE, LONGEST));
    let approve = fields.get("approve").map(|yaml| read_approve(reader, yaml));
    let words = [("fail", OnError::Fail), ("continue", OnError::Continue)];
    let on_error = fields.get("on_error").map(|yaml| reader.word(yaml, "`on_error`", &words));
    Some(Do {
        name: name?,
        with: with.unwrap_or_default(),
        expires: expires.flatten(),
        approve: approve.flatten(),
        on_error: on_error.flatten().unwrap_or_default(),
    })
}

fn read_approve(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Approve> {
    const COUNT_MAX: u32 = 10;
    let fields = reader.map(yaml, "`approve`", "write `approve: { count: 1, within: 15m }`")?;
    reader.unknown_keys(fields, "`approve`", &["count", "within"]);
    let within =
        fields.get("within").map(|yaml| reader.duration(yaml, "`within`", MINUTE, LONGEST));
    let count = match fields.get("count") {
        None => 1,
        Some(yaml) => {
            let help = "write how many people have to say yes, from 1 to 10";
            let scalar = reader.scalar(yaml, "`count`", help)?;
            let count = scalar.text.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count));
            if count.is_none() {
                let message = format!("`count` is never `{}`", scalar.text);
                reader.error(codes::UNKNOWN_WORD, scalar.span, message, help);
            }
            count?
        }
    };
    let within = within.flatten().map(|within| within.value);
    Some(Approve { count, within, span: fields.span })
}

fn read_if(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<If> {
    let condition = reader.expression(yaml, "`if`");
    let help = "add `then:` with at least one step";
    let then = reader.required(fields, "then", "this `if`", help);
    let then = then.and_then(|yaml| read_all(reader, yaml, "`then`"));
    let otherwise = fields.get("else").map(|yaml| read_all(reader, yaml, "`else`"));
    Some(If {
        condition: condition?,
        then: then?,
        otherwise: otherwise.flatten().unwrap_or_default(),
    })
}

fn read_ask(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<Ask> {
    let what = "this question";
    let text = reader.template(yaml, "`ask`");
    let help = "add the answers to choose from: `options: [yes, no]`";
    let options = reader.required(fields, "options", what, help);
    let options = options.and_then(|yaml| read_options(reader, yaml));
    let help = "add how long it stands: `within: 1h`";
    let within = reader.required(fields, "within", what, help);
    let within = within.and_then(|yaml| reader.duration(yaml, "`within`", MINUTE, LONGEST));
    let help = "add the answer if nobody answers: `otherwise: OPTION`";
    let otherwise = reader.required(fields, "otherwise", what, help);
    let otherwise = otherwise.and_then(|yaml| read_option(reader, yaml, "`otherwise`"));
    let (options, otherwise) = (options?, otherwise?);
    if !options.iter().any(|option| option.value == otherwise.value) {
        let message = format!("`{}` is none of the options", otherwise.value);
        let help = suggest::help(&otherwise.value, options.iter().map(|o| o.value.as_str()));
        reader.error(codes::BAD_OPTIONS, otherwise.span, message, help);
    }
    Some(Ask { text: text?, options, within: within?, otherwise })
}

fn read_options(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Vec<Spanned<String>>> {
    const OPTIONS_MAX: usize = 20;
    let items = reader.list(yaml, "`options`", "write `options: [yes, no]`")?;
    if !(2..=OPTIONS_MAX).contains(&items.len()) {
        let message = format!("a question has 2 to {OPTIONS_MAX} options, not {}", items.len());
        reader.error(codes::BAD_OPTIONS, yaml.span(), message, "write `options: [yes, no]`");
    }
    let options: Vec<Spanned<String>> =
        items.iter().filter_map(|item| read_option(reader, item, "an option")).collect();
    for (index, option) in options.iter().enumerate() {
        if options.iter().take(index).any(|earlier| earlier.value == option.value) {
            let message = format!("option `{}` is given twice", option.value);
            reader.error(codes::BAD_OPTIONS, option.span, message, "remove one");
        }
    }
    Some(options)
}

fn read_option(reader: &mut Reader<'_>, yaml: &Yaml, what: &str) -> Option<Spanned<String>> {
    let scalar = reader.scalar(yaml, what, "write a short text")?;
    Some(Spanned { value: scalar.text.clone(), span: scalar.span })
}

fn read_set(
    reader: &mut Reader<'_>,
    yaml: &Yaml,
) -> Option<Vec<(Spanned<String>, crate::ast::Arg)>> {
    let fields = reader.map(yaml, "`set`", "write `set: { name: value }`")?;
    if fields.entries.is_empty() {
        let help = "write `set: { name: value }`";
        reader.error(codes::WRONG_SHAPE, fields.span, "`set` names no value", help);
    }
    for (key, _) in fields.entries {
        reader.name(&key.name, key.span, "name of a variable", false);
    }
    Some(value::entries(reader, fields.entries))
}

fn read_end(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<End> {
    let succeeded = reader.word(yaml, "`end`", &[("succeeded", true), ("failed", false)]);
    let note = fields.get("note").map(|yaml| reader.template(yaml, "`note`"));
    Some(End { succeeded: succeeded?, note: note.flatten() })
}
