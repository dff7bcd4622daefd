//! `on`: what starts a playbook by itself.

use stanch_expression::suggest;
use stanch_yaml::Yaml;

use super::reader::{Fields, Reader};
use crate::{
    ast::{PER_HOUR, PER_HOUR_MAX, Spanned, Trigger, TriggerKind},
    check::codes,
};

/// The kinds of triggers.
const KINDS: [&str; 6] = ["alert", "incident", "finding", "mail", "schedule", "webhook"];

const HELP: &str = "write `on: { alert: \"alert.severity >= SEVERITY.high\" }`";

pub(super) fn read(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Trigger> {
    let fields = reader.map(yaml, "`on`", HELP)?;
    let mut known = KINDS.to_vec();
    known.extend(["per_hour", "time_zone"]);
    reader.unknown_keys(fields, "`on`", &known);
    let per_hour = fields.get("per_hour");
    let per_hour = per_hour.map(|yaml| reader.number(yaml, "`per_hour`", 1, PER_HOUR_MAX));
    let kind = kind(reader, fields)?;
    let per_hour = per_hour.flatten().map_or(PER_HOUR, |per_hour| per_hour.value);
    Some(Trigger { kind, per_hour, span: fields.span })
}

fn kind(reader: &mut Reader<'_>, fields: Fields<'_>) -> Option<TriggerKind> {
    let found: Vec<&str> = KINDS.into_iter().filter(|kind| fields.get(kind).is_some()).collect();
    let word = match found.as_slice() {
        [word] => *word,
        [] => {
            let help = format!("add one; {}", suggest::list(&KINDS));
            let message = "`on` does not say what starts it";
            reader.error_with(codes::BAD_TRIGGER, fields.span, message, help, |edit| {
                edit.add_key(fields.span, "alert", "\"alert.severity >= SEVERITY.high\"")
            });
            return None;
        }
        [first, second, ..] => {
            let span = fields.key(second).map_or(fields.span, |key| key.span);
            let message = format!("a trigger is either `{first}` or `{second}`");
            let help = "remove one of both";
            reader.error_with(codes::BAD_TRIGGER, span, message, help, |e| e.remove_key(span));
            return None;
        }
    };
    let zone = fields.key("time_zone").filter(|_| word != "schedule");
    if let Some(key) = zone {
        let help = "remove it, or write `schedule:` instead";
        let message = "only a schedule has a `time_zone`";
        reader.error_with(codes::BAD_TRIGGER, key.span, message, help, |edit| {
            edit.remove_key(key.span)
        });
    }
    let yaml = fields.get(word)?;
    let what = format!("`{word}`");
    Some(match word {
        "schedule" => schedule(reader, fields, yaml)?,
        "webhook" => {
            let help = "write its name, as in `webhook: scanner-done`";
            TriggerKind::Webhook(reader.named(yaml, &what, help, "name of a webhook", true)?)
        }
        "incident" => TriggerKind::Incident(reader.expression(yaml, &what)?),
        "finding" => TriggerKind::Finding(reader.expression(yaml, &what)?),
        "mail" => TriggerKind::Mail(reader.expression(yaml, &what)?),
        _ => TriggerKind::Alert(reader.expression(yaml, &what)?),
    })
}

fn schedule(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<TriggerKind> {
    let help = "write five fields: minute, hour, day, month, weekday, as in `0 7 * * mon-fri`";
    let cron = reader.text(yaml, "`schedule`", help);
    let time_zone = fields.get("time_zone").map(|yaml| {
        reader.text(yaml, "`time_zone`", "write a name, as in `time_zone: Europe/Berlin`")
    });
    Some(TriggerKind::Schedule { cron: cron?, time_zone: flatten(time_zone)? })
}

/// What may be absent but, if there, has to be sound.
fn flatten<T>(found: Option<Option<Spanned<T>>>) -> Option<Option<Spanned<T>>> {
    match found {
        None => Some(None),
        Some(found) => found.map(Some),
    }
}
