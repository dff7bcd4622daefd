//! What the fixtures of a case say, and whether anything could ever say that.

use serde_json::{Value, json};
use stanch_expression::suggest;
use stanch_model::plan::{PlannedAction, StepKey};

use super::{case::Answer, driver::Driver};
use crate::graph::{DoCall, NodeKind};

impl Driver<'_> {
    /// What the fixtures say to a read.
    pub(super) fn answer(
        &mut self,
        key: &StepKey,
        action: &PlannedAction,
    ) -> Result<Value, String> {
        match self.case.answer(key, &action.name) {
            Some(answer) => self.output(key, action, answer),
            None if self.call(key).is_some_and(|call| call.manifest.own_books) => Ok(json!({})),
            None => Err(format!("no answer: the case has none for `{}`", action.name)),
        }
    }

    pub(super) fn output(
        &mut self,
        key: &StepKey,
        action: &PlannedAction,
        answer: &Answer,
    ) -> Result<Value, String> {
        let output = self.mapping(&action.name, answer)?;
        let schema = self.call(key).map(|call| call.manifest.output.clone());
        let wrong = schema.and_then(|schema| misfit(&schema, &output));
        if let Some(why) = wrong {
            self.differ(format!("answers: `{}` never returns that: {why}", action.name));
        }
        Ok(output)
    }

    /// What the fixtures say to something that has only its step's name: a script, a called playbook, a
    /// form, a signal.
    pub(super) fn said(&mut self, key: &StepKey) -> Option<Result<Value, String>> {
        let answer = self.case.answer(key, &key.0)?.clone();
        Some(self.mapping(&key.0, &answer))
    }

    fn mapping(&mut self, name: &str, answer: &Answer) -> Result<Value, String> {
        match answer {
            Answer::Error(why) => Err(why.clone()),
            Answer::Output(output) => Ok(output.clone()),
            Answer::Word(word) => {
                self.differ(format!("answers: `{name}` returns a mapping, not the word `{word}`"));
                Err(format!("`{word}` is no output"))
            }
        }
    }

    /// The option that the case chooses.
    pub(super) fn option(&mut self, key: &StepKey, options: &[String]) -> Option<String> {
        let answer = self.case.answer(key, &key.0)?.clone();
        if let Answer::Word(word) = &answer
            && options.contains(word)
        {
            return Some(word.clone());
        }
        let shown = match &answer {
            Answer::Word(word) => format!("`{word}`"),
            Answer::Output(_) | Answer::Error(_) => "a mapping".to_owned(),
        };
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let help = suggest::list(&options);
        self.differ(format!("answers: {shown} is no option of `{key}`; {help}"));
        None
    }

    pub(super) fn call(&self, key: &StepKey) -> Option<&DoCall> {
        match &self.agenda.run.graph().node_of(&key.0)?.kind {
            NodeKind::Do { call, .. } => Some(call),
            _ => None,
        }
    }

    /// A difference is said once, though plan and run both meet it.
    pub(super) fn differ(&mut self, difference: String) {
        if !self.differences.contains(&difference) {
            self.differences.push(difference);
        }
    }
}

/// Why a value does not fit a schema.
fn misfit(schema: &Value, value: &Value) -> Option<String> {
    let validator = jsonschema::options().should_validate_formats(true).build(schema);
    match validator {
        Ok(validator) => {
            let found: Vec<String> = validator
                .iter_errors(value)
                .take(3)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            (!found.is_empty()).then(|| found.join("; "))
        }
        Err(error) => Some(format!("the manifest's output schema is broken: {error}")),
    }
}
