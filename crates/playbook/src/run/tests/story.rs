//! The language of the stories: one line for each event, with the effects that follow from it.
//!
//! ```text
//! started                  => plan block           # every effect, in order; nothing means none
//! planned block            => authorise block
//! asked block 1            =>
//! answered 1 approved block => authorise block     # fingerprints of the acts named
//! intended block           => act block
//! accepted block {"a": 1}  => verify block
//! planned block ip=192.0.2.1 => illegal            # the run is unchanged then
//! steps block accepted, find succeeded
//! ```

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stanch_model::{
    ApprovalId, Observable, ObservableKind, Time,
    guard::{ApprovalState, ApprovalTerms, Decision, Reason},
    plan::{PlannedAction, StepKey},
    run::RunState,
};

use super::{graph, started, state};
use crate::run::{Effect, Run, RunEvent};

/// Plays a story, and hands back the run as it left it.
#[track_caller]
pub(super) fn check(steps: &str, story: &str) -> Run {
    let graph = graph(steps);
    let mut teller = Teller { run: Run::new(graph.clone()), actions: BTreeMap::new() };
    let mut journal = Vec::new();
    let lines = story.lines().map(|line| line.split(" #").next().unwrap().trim());
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        if let Some(wanted) = line.strip_prefix("steps ") {
            assert_eq!(teller.steps(), wanted, "line {number}: {line}");
            continue;
        }
        let (event, wanted) = line.split_once("=>").unwrap_or_else(|| panic!("{line}"));
        let event = teller.event(event.trim());
        let before = state(&teller.run);
        let at = Time::from_micros(i64::try_from(number).unwrap());
        let result = teller.run.apply(at, &event);
        let shown = match &result {
            Ok(effects) => effects.iter().map(word).collect::<Vec<_>>().join(", "),
            Err(_) => "illegal".to_owned(),
        };
        assert_eq!(shown, wanted.trim(), "line {number}: {line}\n{result:#?}");
        match result {
            Ok(effects) => {
                teller.remember(&effects);
                journal.push((at, event));
            }
            Err(_) => assert_eq!(state(&teller.run), before, "line {number}: {line}"),
        }
    }
    let mut again = Run::new(graph);
    for (at, event) in &journal {
        again.apply(*at, event).unwrap();
    }
    assert_eq!(state(&again), state(&teller.run), "the journal gives another run");
    teller.run
}

struct Teller {
    run: Run,
    actions: BTreeMap<StepKey, PlannedAction>,
}

impl Teller {
    fn remember(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Plan { key, action } = effect {
                self.actions.insert(key.clone(), (**action).clone());
            }
        }
    }

    fn steps(&self) -> String {
        let views = self.run.step_views();
        let word = |state| serde_json::to_value(state).unwrap().as_str().unwrap().to_owned();
        let shown = views.iter().map(|step| format!("{} {}", step.key, word(step.state)));
        shown.collect::<Vec<_>>().join(", ")
    }

    fn event(&self, line: &str) -> RunEvent {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let key = StepKey(first.to_owned());
        let why = if rest.is_empty() { "because" } else { rest }.to_owned();
        let json = || if rest.is_empty() { json!({}) } else { serde_json::from_str(rest).unwrap() };
        let by = "ann".to_owned();
        match word {
            "started" => started(),
            "planned" => RunEvent::Planned { action: Box::new(self.action(&key, rest)), key },
            "simulated" => RunEvent::Simulated { key },
            "read" => RunEvent::Read { key, output: json() },
            "decided" => RunEvent::Decided { key, decision: decision(rest) },
            "asked" => RunEvent::Asked { key, approval: approval(rest), plan_hash: "h".to_owned() },
            "answered" => self.answered(first, rest),
            "intended" => RunEvent::Intended { key },
            "accepted" => RunEvent::Accepted { key, output: json() },
            "verified" => RunEvent::Verified { key },
            "unverified" => RunEvent::Unverified { key, why },
            "failed" => RunEvent::Failed { key, why },
            "unsure" => RunEvent::Unsure { key, why },
            "probed" => RunEvent::Probed { key, present: rest == "present" },
            "unresolved" => RunEvent::Unresolved { key, why },
            "resolved" => RunEvent::Resolved { key, happened: rest == "happened", by },
            "timer_set" => RunEvent::TimerSet { key, due_at: Time::from_micros(1) },
            "timer_fired" => RunEvent::TimerFired { key },
            "question_asked" => RunEvent::QuestionAsked { key, due_at: Time::from_micros(1) },
            "question_answered" => RunEvent::QuestionAnswered { key, answer: rest.to_owned(), by },
            "cancelled" => RunEvent::Cancelled { by, reason: "enough".to_owned() },
            "ended" => {
                let state: RunState = serde_json::from_value(Value::from(first)).unwrap();
                RunEvent::Ended { state, note: String::new() }
            }
            other => panic!("no event is called {other}"),
        }
    }

    /// The action that a step planned, or would plan with other words for its address.
    fn action(&self, key: &StepKey, change: &str) -> PlannedAction {
        let mut action = match self.actions.get(key) {
            Some(action) => action.clone(),
            None => self.actions.values().next().expect("a plan came before").clone(),
        };
        if let Some(address) = change.strip_prefix("ip=") {
            action.target = Observable::new(ObservableKind::Ip, address);
            action.input["address"] = json!(address);
        }
        if let Some(other) = change.strip_prefix("key=") {
            action.key = StepKey(other.to_owned());
        }
        if change == "read" {
            action.effect = stanch_model::manifest::EffectClass::Read;
        }
        action
    }

    fn answered(&self, number: &str, rest: &str) -> RunEvent {
        let mut words = rest.split(' ');
        let word = words.next().unwrap();
        let (word, people) = word.split_once('*').unwrap_or((word, "1"));
        let state: ApprovalState = serde_json::from_value(Value::from(word)).unwrap();
        let fingerprints = words.map(|key| self.actions[&StepKey(key.to_owned())].fingerprint());
        RunEvent::Answered {
            approval: approval(number),
            state,
            by: "ann".to_owned(),
            people: people.parse().unwrap(),
            fingerprints: fingerprints.collect(),
        }
    }
}

pub(super) fn approval(number: &str) -> ApprovalId {
    format!("apr_{number:0>32}").parse().unwrap()
}

fn decision(word: &str) -> Decision {
    let reasons = vec![Reason { rule: "test".to_owned(), text: word.to_owned() }];
    let within = std::time::Duration::from_secs(60);
    match word {
        "allow" => Decision::Allow { reasons },
        "ask" => Decision::Ask {
            terms: ApprovalTerms { count: 1, not_requester: false, within },
            reasons,
        },
        "refuse" => Decision::Refuse { reasons },
        other => panic!("no decision is called {other}"),
    }
}

pub(super) fn word(effect: &Effect) -> String {
    let (word, key) = match effect {
        Effect::Plan { key, .. } => ("plan", key),
        Effect::Read { key, live_only: false, .. } => ("read", key),
        Effect::Read { key, live_only: true, .. } => ("live_read", key),
        Effect::Authorise { key, .. } => ("authorise", key),
        Effect::Act { key, .. } => ("act", key),
        Effect::Probe { key, .. } => ("probe", key),
        Effect::Verify { key, .. } => ("verify", key),
        Effect::Sleep { key, .. } => ("sleep", key),
        Effect::Ask { key, .. } => ("ask", key),
        Effect::End { state, .. } => {
            return format!("end {}", serde_json::to_value(state).unwrap().as_str().unwrap());
        }
    };
    format!("{word} {key}")
}
