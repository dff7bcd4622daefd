//! What expressions of a run see, and how a step's action is made of them.

use serde_json::{Map, Value, json};
use stanch_expression::{Reference, Scope, Template};
use stanch_model::{
    Observable,
    plan::{PlannedAction, StepKey},
};

use super::Run;
use crate::{ast::Arg, graph::DoCall};

/// Why a value could not be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// It depends on the outcome of a step that was only recorded.
    Depends(String),
    /// The expression failed, or the result does not fit.
    Invalid(String),
}

impl Run {
    fn scope(&self) -> Scope {
        let mut scope = Scope::new();
        scope.set("alert", self.alert.clone());
        scope.set("incident", self.incident.clone());
        scope.set("vars", Value::Object(self.vars.clone()));
        scope.set("steps", Value::Object(self.outputs.clone()));
        scope
    }

    fn depends(&self, references: &[Reference]) -> Result<(), NoValue> {
        for reference in references {
            let mut path = reference.path.iter().map(String::as_str);
            let (Some("steps"), step) = (path.next(), path.next()) else { continue };
            let unknown = match step {
                Some(id) => self.unknown.get(id),
                None => self.unknown.first(),
            };
            if let Some(id) = unknown {
                return Err(NoValue::Depends(id.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn truth(&self, condition: &stanch_expression::Expression) -> Result<bool, NoValue> {
        self.depends(&condition.references())?;
        match condition.evaluate(&self.scope()) {
            Ok(Value::Bool(truth)) => Ok(truth),
            Ok(other) => {
                Err(NoValue::Invalid(format!("condition gave {other}, not true or false")))
            }
            Err(error) => Err(NoValue::Invalid(error.to_string())),
        }
    }

    pub(super) fn text(&self, template: &Template) -> Result<String, NoValue> {
        self.depends(&template.references())?;
        match template.render(&self.scope()) {
            Ok(Value::String(text)) => Ok(text),
            Ok(other) => Ok(other.to_string()),
            Err(error) => Err(NoValue::Invalid(error.to_string())),
        }
    }

    pub(super) fn value(&self, arg: &Arg) -> Result<Value, NoValue> {
        let mut templates = Vec::new();
        arg.templates(&mut templates);
        for template in templates {
            self.depends(&template.value.references())?;
        }
        render(arg, &self.scope())
    }

    /// The action that `call` means here: input rendered and checked, target in its one spelling.
    pub(super) fn resolve(&self, key: &StepKey, call: &DoCall) -> Result<PlannedAction, NoValue> {
        let mut input = Map::new();
        for (name, arg) in &call.with {
            input.insert(name.clone(), self.value(arg)?);
        }
        let target = match &call.manifest.target {
            None => None,
            Some(spec) => {
                let raw = input.get(&spec.input).and_then(Value::as_str).unwrap_or_default();
                let target = Observable::new(spec.kind, raw).ok_or_else(|| {
                    NoValue::Invalid(format!(
                        "`{}` is `{raw}`, which is no {}",
                        spec.input, spec.kind
                    ))
                })?;
                input.insert(spec.input.clone(), json!(target.value));
                Some(target)
            }
        };
        let input = Value::Object(input);
        if let Some(why) = call.input.misfit(&input) {
            return Err(NoValue::Invalid(why));
        }
        Ok(PlannedAction {
            key: key.clone(),
            name: call.name.clone(),
            title: call.manifest.title.clone(),
            instance: call.instance.clone(),
            connector: call.connector.clone(),
            action: call.action.clone(),
            practice: call.practice,
            manifest_digest: call.digest.clone(),
            effect: call.manifest.effect,
            target,
            input,
            undo: call.manifest.undo.as_ref().map(|undo| undo.title.clone()),
            expires: call.expires,
        })
    }
}

fn render(arg: &Arg, scope: &Scope) -> Result<Value, NoValue> {
    Ok(match arg {
        Arg::Literal(literal) => literal.value.clone(),
        Arg::Text(template) => {
            template.value.render(scope).map_err(|error| NoValue::Invalid(error.to_string()))?
        }
        Arg::List(list) => {
            let items: Result<Vec<_>, _> =
                list.value.iter().map(|item| render(item, scope)).collect();
            Value::Array(items?)
        }
        Arg::Map(map) => {
            let mut object = Map::new();
            for (name, item) in &map.value {
                object.insert(name.value.clone(), render(item, scope)?);
            }
            Value::Object(object)
        }
    })
}
