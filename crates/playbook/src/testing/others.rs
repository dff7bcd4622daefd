//! What else a case answers: scripts, called playbooks, people, signals, and time.

use serde_json::{Value, json};
use stanch_model::{RunId, Time, duration, guard::Mode, plan::StepKey, run::RunState};

use super::{driver::Driver, result::RowKind};
use crate::{
    graph::NodeKind,
    run::{Asked, RunEvent, ScriptJob},
};

impl Driver<'_> {
    /// What the fixtures say that a script writes.
    pub(super) fn wrote(&mut self, key: &StepKey) -> Result<Value, String> {
        let none = || Err(format!("no answer: the case has none for the script `{key}`"));
        self.said(key).unwrap_or_else(none)
    }

    pub(super) fn script(&mut self, key: &StepKey, job: &ScriptJob) {
        let acts = job.action.target.is_some();
        let wrote = self.wrote(key);
        let event = match wrote {
            Ok(output) if acts => RunEvent::Accepted { key: key.clone(), output },
            Ok(output) => RunEvent::Read { key: key.clone(), output },
            Err(why) => RunEvent::Failed { key: key.clone(), why },
        };
        let outcome = match &event {
            RunEvent::Failed { why, .. } => format!("failed: {why}"),
            _ => "ran".to_owned(),
        };
        if acts {
            self.came_of(key, &outcome);
        } else {
            let name = job.interpreter.word();
            self.reads.push(job.action.name.clone());
            self.row(key, RowKind::Script, name, None, outcome);
        }
        self.happened(&event);
    }

    /// A called playbook is not run here: the case says what it comes to.
    pub(super) fn called(&mut self, key: StepKey, playbook: &str) {
        let said = self.said(&key);
        if self.mode == Mode::Shadow && said.is_none() {
            self.row(&key, RowKind::Call, playbook, None, "recorded only".to_owned());
            return self.happened(&RunEvent::Simulated { key });
        }
        let none = || Err(format!("no answer: the case has none for the call `{key}`"));
        let (state, note, outputs) = match said.unwrap_or_else(none) {
            Ok(Value::Object(outputs)) => (RunState::Succeeded, String::new(), outputs),
            Ok(_) => (RunState::Succeeded, String::new(), serde_json::Map::new()),
            Err(why) => (RunState::Failed, why, serde_json::Map::new()),
        };
        let outcome =
            if note.is_empty() { "succeeded".to_owned() } else { format!("failed: {note}") };
        self.row(&key, RowKind::Call, playbook, None, outcome);
        let run: RunId = format!("{}_{:032x}", RunId::PREFIX, self.rows.len())
            .parse()
            .expect("invariant: prefix and 32 hexadecimal digits are an id");
        let digest = String::new();
        self.happened(&RunEvent::ChildStarted { key: key.clone(), run, digest });
        self.happened(&RunEvent::ChildEnded { key, state, note, outputs, recorded: false });
    }

    pub(super) fn sleep(&mut self, key: StepKey, due_at: Time) {
        let pause = (due_at - self.agenda.now).unsigned_abs();
        let node = self.agenda.run.graph().node_of(&key.0).map(|node| &node.kind);
        let outcome = match node {
            Some(NodeKind::Wait { .. }) => duration::format(pause),
            _ => format!("{} until the next try", duration::format(pause)),
        };
        self.row(&key, RowKind::Wait, "wait", None, outcome);
        self.happened(&RunEvent::TimerSet { key: key.clone(), due_at });
        self.at(due_at, &key.clone(), RunEvent::TimerFired { key });
    }

    pub(super) fn listen(&mut self, key: &StepKey, signal: &str, due_at: Time) {
        let said = self.said(key);
        self.happened(&RunEvent::Listening { key: key.clone(), due_at });
        let (outcome, at, event) = match said {
            Some(Ok(Value::Object(data))) => {
                let by = "somebody".to_owned();
                ("it came", self.agenda.now, RunEvent::Signalled { key: key.clone(), data, by })
            }
            _ => ("it did not come", due_at, RunEvent::TimerFired { key: key.clone() }),
        };
        self.row(key, RowKind::Wait, signal, None, outcome.to_owned());
        self.at(at, key, event);
    }

    pub(super) fn question(&mut self, key: &StepKey, question: Asked) {
        let due_at = self.agenda.now.plus(question.within);
        self.happened(&RunEvent::QuestionAsked { key: key.clone(), due_at });
        let (answer, by) = match &question.form {
            Some(_) => self.form(key),
            None => self.decision(key, question),
        };
        let at = if by == "expiry" { due_at } else { self.agenda.now };
        self.at(at, key, answer);
    }

    fn decision(&mut self, key: &StepKey, question: Asked) -> (RunEvent, &'static str) {
        let (answer, by) = match self.option(key, &question.options) {
            Some(answer) => (answer, "a person"),
            None => (question.otherwise, "expiry"),
        };
        self.row(key, RowKind::Ask, "ask", None, format!("{answer}, said {by}"));
        let event = RunEvent::QuestionAnswered { key: key.clone(), answer, by: by.to_owned() };
        (event, by)
    }

    fn form(&mut self, key: &StepKey) -> (RunEvent, &'static str) {
        let lapsed = (RunEvent::FormLapsed { key: key.clone() }, "expiry");
        let event = match self.said(key) {
            Some(Ok(Value::Object(values))) => {
                RunEvent::FormAnswered { key: key.clone(), values, by: "a person".to_owned() }
            }
            _ => lapsed.0.clone(),
        };
        if let Err(illegal) = self.agenda.run.admits(&event) {
            self.differ(format!("answers: `{key}`: {}", illegal.why));
            return lapsed;
        }
        let (outcome, by) = match &event {
            RunEvent::FormAnswered { values, .. } => {
                (format!("{}, said a person", json!(values)), "a person")
            }
            _ => ("nobody filled it in".to_owned(), "expiry"),
        };
        self.row(key, RowKind::Ask, "form", None, outcome);
        (event, by)
    }
}
