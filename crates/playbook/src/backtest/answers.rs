//! What reads, scripts and acts of the past are answered with, and on what that rests.

use serde_json::{Map, Value, json};
use stanch_model::{
    manifest::ActionManifest,
    plan::{PlannedAction, StepKey},
};

use super::{
    Basis,
    driver::{Driver, NotKnown},
};
use crate::graph::NodeKind;

const NO_EXAMPLE: &str = "no earlier run asked it, and its manifest has no example";

/// What was answered.
type Answer = Result<Value, String>;

impl Driver<'_> {
    /// What a read or a script that only reads came back with.
    pub(super) fn read_answer(
        &mut self,
        key: &StepKey,
        action: &PlannedAction,
    ) -> Result<Answer, NotKnown> {
        if self.manifest(key).is_some_and(|manifest| manifest.own_books) {
            return Ok(Ok(json!({})));
        }
        if let Some(answer) = self.given.recorded.answer(action) {
            let answer = answer.clone();
            self.rests(key, Basis::Recorded);
            return Ok(answer);
        }
        if let Some(output) = self.given.around.ours(action) {
            self.rests(key, Basis::Ours);
            return Ok(Ok(output));
        }
        self.made_up(key, action).map(Ok)
    }

    /// What an act came back with; it succeeds here.
    pub(super) fn act_answer(
        &mut self,
        key: &StepKey,
        action: &PlannedAction,
    ) -> Result<Value, NotKnown> {
        if let Some(Ok(output)) = self.given.recorded.answer(action) {
            let output = output.clone();
            self.rests(key, Basis::Recorded);
            return Ok(output);
        }
        self.made_up(key, action)
    }

    /// Nothing where nobody reads it, else what the manifest has as an example.
    fn made_up(&mut self, key: &StepKey, action: &PlannedAction) -> Result<Value, NotKnown> {
        let nothing = Value::Object(Map::new());
        if !self.is_read(key) && self.takes(key, &nothing) {
            return Ok(nothing);
        }
        let example = self.manifest(key).and_then(|manifest| {
            let same = manifest.examples.iter().find(|example| example.input == action.input);
            same.or(manifest.examples.first()).map(|example| example.output.clone())
        });
        let Some(output) = example else {
            let (name, why) = match self.manifest(key) {
                Some(_) => (action.name.clone(), NO_EXAMPLE),
                None => {
                    let node = self.agenda.run.node_of(key);
                    let id = node.map_or(key.0.as_str(), |node| node.id.as_str());
                    (format!("script {id}"), "no earlier run ran it with this input")
                }
            };
            return Err(NotKnown { name, why: why.to_owned() });
        };
        self.rests(key, Basis::Example);
        Ok(output)
    }

    /// From here on everything rests on this as well, if something reads it.
    fn rests(&mut self, key: &StepKey, basis: Basis) {
        if self.is_read(key) {
            let rests_on = &mut *self.given.rests_on;
            *rests_on = basis.max(*rests_on);
        }
    }

    /// Whether the step could have given that: a script gives what it declares.
    fn takes(&self, key: &StepKey, output: &Value) -> bool {
        match self.agenda.run.node_of(key).map(|node| &node.kind) {
            Some(NodeKind::Script { script, .. }) => script.shape.misfit(output).is_none(),
            _ => true,
        }
    }

    fn manifest(&self, key: &StepKey) -> Option<&ActionManifest> {
        match &self.agenda.run.node_of(key)?.kind {
            NodeKind::Do { call, .. } => Some(&call.manifest),
            _ => None,
        }
    }
}
