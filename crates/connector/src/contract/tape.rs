//! What a drill said and heard, kept for a recording.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use stanch_model::duration;

use super::{Exchange, First, Part, Setting};
use crate::yaml::{self, Entry, Node};

/// Takes down what the hands say and hear, secrets struck out. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    taken: Arc<Mutex<Vec<Taped>>>,
}

/// One request and its answer, before anybody says what the answer means.
#[derive(Clone, Debug, PartialEq)]
pub struct Taped {
    /// What came before the request.
    pub first: Vec<First>,
    /// The request.
    pub request: Value,
    /// The answer.
    pub response: Value,
}

impl Tape {
    pub(crate) fn take_down(&self, taped: Taped) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(taped);
    }

    /// What was taken down since the last time.
    #[must_use]
    pub fn cut(&self) -> Vec<Taped> {
        std::mem::take(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The text of a recording, as it stands in `examples/`.
#[must_use]
pub fn recorded(
    action: &str,
    example: &str,
    of: &str,
    setting: &Setting,
    exchanges: &[Exchange],
) -> String {
    let mut entries = vec![
        Entry::new("action", action),
        Entry::new("example", example),
        Entry::new("recorded", of),
        Entry::new("key", setting.key.as_str()),
    ];
    if let Some(expires) = setting.expires {
        entries.push(Entry::new("expires", duration::format(expires)));
    }
    if !setting.config.is_empty() {
        let config = setting.config.iter().map(|(key, value)| Entry::new(key, value.clone()));
        entries.push(Entry::new("config", Node::Map(config.collect())));
    }
    let exchanges = without_repeats(exchanges).into_iter().map(exchange);
    entries.push(Entry::new("exchanges", Node::List(exchanges.collect())));
    yaml::write(&Node::Map(entries))
}

fn exchange(exchange: &Exchange) -> Node {
    let mut entries = vec![Entry::new("part", exchange.part.word())];
    if !exchange.first.is_empty() {
        let first = exchange.first.iter().map(|First { request, response }| {
            let request = Entry::new("request", request.clone());
            Node::Map(vec![request, Entry::new("response", told(response))])
        });
        entries.push(Entry::new("first", Node::List(first.collect())));
    }
    entries.push(Entry::new("request", exchange.request.clone()));
    entries.push(Entry::new("response", told(&exchange.response)));
    entries.extend(exchange.done.map(|done| Entry::new("done", done)));
    Node::Map(entries)
}

/// Without what a reader of the recording adds by itself.
fn told(response: &Value) -> Value {
    let mut response = response.clone();
    if let Value::Object(map) = &mut response {
        let is_ssh = map.contains_key("exit");
        map.retain(|name, value| match name.as_str() {
            "body" => !is_ssh && !value.is_null(),
            "etag" | "location" | "stderr" | "stdout" => *value != "",
            _ => true,
        });
    }
    response
}

/// While it waits for an effect a drill asks the same again and again: the first no is enough.
fn without_repeats(exchanges: &[Exchange]) -> Vec<&Exchange> {
    let mut kept: Vec<&Exchange> = Vec::new();
    for exchange in exchanges {
        let is_repeat = kept.last().is_some_and(|last| {
            last.part == exchange.part && last.done == Some(false) && exchange.done == Some(false)
        });
        if !is_repeat || exchange.part == Part::Probe {
            kept.push(exchange);
        }
    }
    kept
}
