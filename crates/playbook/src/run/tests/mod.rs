//! Tests of the machine: stories told as events in and effects out, plans, random events, the journal.

mod journal;
mod plans;
mod random;
mod stories;
mod story;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Run, RunEvent};
use crate::{Graph, check, graph};

/// The graph of a playbook given by its steps.
pub(super) fn graph(steps: &str) -> Arc<Graph> {
    let text = format!("playbook: story\ntitle: A story\nmax_mode: auto\nsteps:\n{steps}");
    let catalog = check::tests::catalog::catalog();
    let (playbook, findings) = check::load(&text, &catalog);
    let playbook = playbook.unwrap_or_else(|| panic!("{findings:#?}\n{text}"));
    Arc::new(graph::compile(&playbook, &catalog).unwrap())
}

/// An alert as the stories have it.
pub(super) fn alert() -> Value {
    json!({
        "id": "alr_1", "rule": { "id": "r", "title": "a rule" }, "severity": 4, "techniques": [],
        "source": "test", "count": 1, "host": { "name": "ws-01" }, "user": { "name": "ann" },
        "src": { "ip": "203.0.113.9" }, "dst": { "ip": "", "port": 0 }, "process": { "path": "" },
        "file": { "sha256": "" }, "domain": "", "url": "", "fields": {},
        "first_seen_at": "2026-01-01T00:00:00Z", "last_seen_at": "2026-01-01T00:00:00Z",
    })
}

pub(super) fn started() -> RunEvent {
    let incident = json!({ "id": "inc_1", "title": "an incident", "severity": 4 });
    RunEvent::Started { alert: alert(), incident }
}

/// Everything in a run but the graph, which never changes.
pub(super) fn state(run: &Run) -> String {
    let Run {
        graph: _,
        started,
        alert,
        incident,
        vars,
        outputs,
        steps,
        order,
        joins,
        unknown,
        approved,
        recorded_act,
        ending,
        ended,
    } = run;
    format!(
        "{started} {alert} {incident}\n{vars:?}\n{outputs:?}\n{steps:?}\n{order:?} {joins:?} {unknown:?}\n\
         {approved:?} {recorded_act} {ending:?} {ended:?}"
    )
}
