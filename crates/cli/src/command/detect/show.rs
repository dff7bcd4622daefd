//! How an alert looks: one JSON document, or a row of a table whose other rows are not known.

use serde::Serialize;
use serde_json::{Map, Value};
use stanch_detect::Detection;
use stanch_model::{
    Event, EventId, Severity, Time,
    alert::RuleRef,
    event::{Common, LogSource},
};

use crate::{output, view};

/// An alert as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    rule: &'a RuleRef,
    severity: Severity,
    techniques: &'a [String],
    count: u64,
    event: Seen<'a>,
    /// All events behind it; the last is `event`.
    events: &'a [EventId],
    matched_fields: Map<String, Value>,
    group: Map<String, Value>,
}

/// The event that completed it.
#[derive(Serialize)]
pub(super) struct Seen<'a> {
    id: EventId,
    file: &'a str,
    line: u32,
    occurred_at: Time,
    log_source: &'a LogSource,
    common: &'a Common,
}

/// The alert as `--json` prints it.
pub(super) fn row<'a>(file: &'a str, line: u32, event: &'a Event, found: &'a Detection) -> Row<'a> {
    let mut matched = Map::new();
    for (field, value) in &found.matched_fields {
        // The events of a correlation differ: then all values are kept.
        match matched.get_mut(field) {
            None => drop(matched.insert(field.clone(), value.clone())),
            Some(Value::Array(values)) => values.push(value.clone()),
            Some(one) => *one = Value::Array(vec![one.take(), value.clone()]),
        }
    }
    let group = found.group.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    let Event { id, occurred_at, log_source, common, .. } = event;
    Row {
        rule: &found.rule,
        severity: found.severity,
        techniques: &found.techniques,
        count: found.count,
        event: Seen { id: *id, file, line, occurred_at: *occurred_at, log_source, common },
        events: &found.events,
        matched_fields: matched,
        group: group.collect(),
    }
}

/// The head of the table.
pub(super) fn head() -> String {
    columns(&["TIME", "SEVERITY", "RULE", "HOST/SOURCE", "TITLE"].map(str::to_owned))
}

/// The alert as a row of the table.
pub(super) fn columns_of(event: &Event, found: &Detection) -> String {
    columns(&[
        view::time(event.occurred_at),
        found.severity.to_string(),
        found.rule.id.clone(),
        whence(&event.common),
        found.rule.title.clone(),
    ])
}

/// Host and source address, as far as they are known.
fn whence(common: &Common) -> String {
    match (&common.host, common.src_ip) {
        (Some(host), Some(ip)) => format!("{host}/{ip}"),
        (Some(host), None) => host.clone(),
        (None, Some(ip)) => ip.to_string(),
        (None, None) => "-".to_owned(),
    }
}

/// A row of fixed widths, since the rows to come are not known.
fn columns([time, severity, rule, whence, title]: &[String; 5]) -> String {
    let escape = output::visible;
    let (rule, whence) = (escape(rule), escape(whence));
    format!("{time:<20}  {severity:<8}  {rule:<36}  {whence:<24}  {title}")
}
