//! What the journals of earlier runs for an alert have on record: what each read and act came back with.

use std::collections::BTreeMap;

use serde_json::Value;
use stanch_model::{
    canonical,
    plan::{PlannedAction, StepKey},
};

use crate::{graph::SCRIPT, run::RunEvent};

/// What was answered, by action and input.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    answers: BTreeMap<String, Result<Value, String>>,
}

impl Recorded {
    /// Adds the journal of a run. Of two answers to the same question that of the earlier run stays: add the oldest
    /// journal first.
    pub fn add<'e>(&mut self, journal: impl IntoIterator<Item = &'e RunEvent>) {
        let mut planned: BTreeMap<&StepKey, &PlannedAction> = BTreeMap::new();
        let mut came: BTreeMap<String, Result<Value, String>> = BTreeMap::new();
        for event in journal {
            let answer = match event {
                RunEvent::Planned { key, action } => {
                    planned.insert(key, action);
                    continue;
                }
                RunEvent::Read { output, .. }
                | RunEvent::Accepted { output, .. }
                | RunEvent::Found { output, .. } => Ok(output.clone()),
                RunEvent::Failed { why, .. } => Err(why.clone()),
                _ => continue,
            };
            // Of several tries the last one counts.
            if let Some(action) = event.key().and_then(|key| planned.get(key)) {
                came.insert(question(action), answer);
            }
        }
        for (question, answer) in came {
            self.answers.entry(question).or_insert(answer);
        }
    }

    /// What an action came back with: the same one, with the same input.
    pub(super) fn answer(&self, action: &PlannedAction) -> Option<&Result<Value, String>> {
        if self.answers.is_empty() {
            return None;
        }
        self.answers.get(&question(action))
    }
}

/// What makes two actions the same question, whatever the playbook and the instance. A script is what its text
/// is.
fn question(action: &PlannedAction) -> String {
    let script = (action.connector == SCRIPT).then_some(&action.manifest_digest);
    let what = (&action.connector, &action.action, &action.input, &action.part, script);
    canonical::sha256(&what).expect("invariant: an action is JSON")
}
