//! Tests of the machine: stories told as events in and effects out, plans, random events, the journal.

mod journal;
mod language;
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
    whole(&format!("max_mode: auto\nsteps:\n{steps}"))
}

/// The graph of a playbook given by everything after its title.
pub(super) fn whole(rest: &str) -> Arc<Graph> {
    let text = format!("playbook: story\ntitle: A story\n{rest}");
    let catalog = check::tests::catalog::catalog();
    let (playbook, findings) = crate::parse::parse(&text);
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
    RunEvent::started(alert(), json!({ "id": "inc_1", "title": "an incident", "severity": 4 }))
}

/// Everything in a run but the graph, which never changes.
pub(super) fn state(run: &Run) -> String {
    let Run {
        graph: _,
        began_at,
        given,
        frames,
        steps,
        index,
        open,
        groups,
        draining,
        approved,
        inherited,
        recorded_act,
        planning,
        ending,
        due,
        ended,
        outputs,
    } = run;
    format!(
        "{began_at:?} {given:?}\n{frames:?}\n{steps:?}\n{index:?} {open:?} {groups:?} {draining:?}\n\
         {approved:?} {inherited:?} {recorded_act} {planning} {ending:?} {due:?} {ended:?} {outputs:?}"
    )
}
