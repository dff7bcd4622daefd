//! Reading a recording: its keys, as a manifest's are read.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;
use stanch_model::{Diagnostic, duration};

use super::{Exchange, First, Part, Recording, Setting};
use crate::manifest::{
    Findings, codes,
    shape::{self, Field, Kind, Shape},
    source::{Path, Source},
};

/// The key that a recording has if it names none.
const KEY: &str = "run_00000000000000000000000000000000/step";

const fn field(name: &'static str, kind: Kind, required: bool) -> Field {
    Field { name, kind, required }
}

const RECORDING: Shape = Shape {
    what: "a recording",
    fields: &[
        field("action", Kind::Text, true),
        field("example", Kind::Text, true),
        field("recorded", Kind::Text, true),
        field("key", Kind::Text, false),
        field("expires", Kind::Time, false),
        field("config", Kind::Map(&Kind::Json), false),
        field("exchanges", Kind::List(&Kind::Object(&EXCHANGE)), true),
    ],
};

const EXCHANGE: Shape = Shape {
    what: "an exchange",
    fields: &[
        field("part", Kind::Word(&["call", "probe", "verify", "undo", "undo_verify"]), true),
        field("first", Kind::List(&Kind::Object(&FIRST)), false),
        field("request", Kind::Json, true),
        field("response", Kind::Json, true),
        field("done", Kind::Flag, false),
    ],
};

const FIRST: Shape = Shape {
    what: "a first request",
    fields: &[field("request", Kind::Json, true), field("response", Kind::Json, true)],
};

/// As it is written; [`Recording`] is what it means.
#[derive(Deserialize)]
struct Written {
    action: String,
    example: String,
    recorded: String,
    key: Option<String>,
    expires: Option<String>,
    #[serde(default)]
    config: BTreeMap<String, Value>,
    exchanges: Vec<WrittenExchange>,
}

#[derive(Deserialize)]
struct WrittenExchange {
    part: String,
    #[serde(default)]
    first: Vec<WrittenFirst>,
    request: Value,
    response: Value,
    done: Option<bool>,
}

#[derive(Deserialize)]
struct WrittenFirst {
    request: Value,
    response: Value,
}

/// Reads a recording. It is there only if no finding is an error.
#[must_use]
pub fn read(text: &str) -> (Option<Recording>, Vec<Diagnostic>) {
    let source = match Source::read(text) {
        Ok(source) => source,
        Err(diagnostic) => return (None, vec![diagnostic]),
    };
    let mut findings = Findings { source: &source, list: Vec::new() };
    let top = Path::default();
    shape::check(&source.value, Kind::Object(&RECORDING), &top, &mut findings);
    let written: Option<Written> = match findings.list.is_empty() {
        true => serde_json::from_value(source.value.clone()).ok(),
        false => None,
    };
    for (index, exchange) in written.iter().flat_map(|w| &w.exchanges).enumerate() {
        answered(exchange, &top.key("exchanges").item(index), &mut findings);
    }
    let mut list = findings.list;
    list.sort_by_key(|diagnostic| diagnostic.span);
    match written {
        Some(written) if list.is_empty() => (Some(meant(written, source)), list),
        _ => (None, list),
    }
}

/// Checks have a yes or no; nothing else has.
fn answered(exchange: &WrittenExchange, at: &Path, findings: &mut Findings<'_>) {
    let is_check = Part::of(&exchange.part).is_some_and(Part::is_check);
    match exchange.done {
        None if is_check => findings.error_at_key(
            codes::MISSING_KEY,
            &at.key("part"),
            format!("{} is a question, and its answer is not said", exchange.part),
            "add `done: true` or `done: false`",
        ),
        Some(_) if !is_check => findings.error_at_key(
            codes::UNKNOWN_KEY,
            &at.key("done"),
            format!("{} is no question", exchange.part),
            "remove it",
        ),
        _ => {}
    }
}

fn meant(written: Written, source: Source) -> Recording {
    let expires: Option<Duration> =
        written.expires.as_deref().and_then(|text| duration::parse(text).ok());
    let exchanges = written.exchanges.into_iter().filter_map(|exchange| {
        Some(Exchange {
            part: Part::of(&exchange.part)?,
            first: exchange
                .first
                .into_iter()
                .map(|first| First { request: first.request, response: first.response })
                .collect(),
            request: exchange.request,
            response: exchange.response,
            done: exchange.done,
        })
    });
    Recording {
        action: written.action,
        example: written.example,
        recorded: written.recorded,
        setting: Setting {
            key: written.key.unwrap_or_else(|| KEY.to_owned()),
            expires,
            config: written.config,
        },
        exchanges: exchanges.collect(),
        source,
    }
}
