//! What expressions of a run see, and how a step's action is made of them.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value, json};
use stanch_expression::{Expression, Reference, Scope, Template};
use stanch_model::{
    Observable, ObservableKind,
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
};

use super::{Run, shown};
use crate::{
    ast::Arg,
    graph::{DoCall, SCRIPT, ScriptCall},
};

/// Why a value could not be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// It depends on the outcome of a step that was only recorded.
    Depends(String),
    /// The expression failed, or the result does not fit.
    Invalid(String),
}

impl Run {
    /// The part of what a frame sees that the references are about. Whole is only what they name, so that
    /// a step costs what it uses, however many steps there were before.
    fn scope(&self, frame: usize, references: &[Reference]) -> Result<Scope, NoValue> {
        let mut scope = Scope::new();
        let (mut steps, mut vars) = (BTreeSet::new(), BTreeSet::new());
        for reference in references {
            let mut path = reference.path.iter().map(String::as_str);
            match (path.next(), path.next()) {
                (Some("steps"), Some(id)) => steps.extend(self.graph.index_of(id)),
                (Some("steps"), None) => steps.extend(0..self.graph.nodes.len()),
                (Some("vars"), Some(name)) => drop(vars.insert(Some(name))),
                (Some("vars"), None) => drop(vars.insert(None)),
                (Some(name), _) => {
                    let own = self.frames_from(frame).find_map(|(_, frame)| frame.names.get(name));
                    if let Some(value) = own.or_else(|| self.given.get(name)) {
                        scope.share(name, Arc::clone(value));
                    }
                }
                (None, _) => {}
            }
        }
        scope.set("steps", self.outcomes(frame, &steps)?);
        scope.set("vars", Value::Object(self.variables(frame, &vars)));
        Ok(scope)
    }

    fn outcomes(&self, frame: usize, nodes: &BTreeSet<usize>) -> Result<Value, NoValue> {
        let mut steps = Map::new();
        for &node in nodes {
            let output = self.outcome(frame, node).map_err(NoValue::Depends)?;
            let Some(named) = self.graph.nodes.get(node) else { continue };
            steps.insert(named.id.clone(), output.map(|o| (**o).clone()).unwrap_or_default());
        }
        Ok(Value::Object(steps))
    }

    /// The variables by those names, or all where one is none.
    fn variables(&self, frame: usize, names: &BTreeSet<Option<&str>>) -> Map<String, Value> {
        let mut found = Map::new();
        if names.contains(&None) {
            for (_, frame) in self.frames_from(frame) {
                for (name, value) in &frame.vars {
                    found.entry(name.clone()).or_insert_with(|| (**value).clone());
                }
            }
        }
        for name in names.iter().flatten() {
            let value = self.frames_from(frame).find_map(|(_, frame)| frame.vars.get(*name));
            if let Some(value) = value {
                found.insert((*name).to_owned(), (**value).clone());
            }
        }
        found
    }

    pub(super) fn evaluate(&self, frame: usize, of: &Expression) -> Result<Value, NoValue> {
        let scope = self.scope(frame, &of.references())?;
        of.evaluate(&scope).map_err(|error| NoValue::Invalid(error.to_string()))
    }

    pub(super) fn truth(&self, frame: usize, condition: &Expression) -> Result<bool, NoValue> {
        match self.evaluate(frame, condition)? {
            Value::Bool(truth) => Ok(truth),
            other => Err(NoValue::Invalid(format!(
                "condition gave {}, not true or false",
                shown(&other)
            ))),
        }
    }

    fn template(&self, frame: usize, template: &Template) -> Result<Value, NoValue> {
        let scope = self.scope(frame, &template.references())?;
        template.render(&scope).map_err(|error| NoValue::Invalid(error.to_string()))
    }

    pub(super) fn text(&self, frame: usize, template: &Template) -> Result<String, NoValue> {
        match self.template(frame, template)? {
            Value::String(text) => Ok(text),
            other => Ok(other.to_string()),
        }
    }

    pub(super) fn value(&self, frame: usize, arg: &Arg) -> Result<Value, NoValue> {
        if let Some(name) = arg.secret() {
            return Ok(json!({ "secret": name }));
        }
        Ok(match arg {
            Arg::Literal(literal) => literal.value.clone(),
            Arg::Text(template) => self.template(frame, &template.value)?,
            Arg::List(list) => {
                let items = list.value.iter().map(|item| self.value(frame, item));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Arg::Map(map) => {
                let entries = map.value.iter();
                let entry =
                    entries.map(|(n, item)| Ok((n.value.clone(), self.value(frame, item)?)));
                Value::Object(entry.collect::<Result<_, _>>()?)
            }
        })
    }

    pub(super) fn values(
        &self,
        frame: usize,
        args: &[(String, Arg)],
    ) -> Result<Map<String, Value>, NoValue> {
        args.iter().map(|(name, arg)| Ok((name.clone(), self.value(frame, arg)?))).collect()
    }

    /// The action that `call` means here: input rendered and checked, target in its one spelling.
    pub(super) fn resolve(
        &self,
        frame: usize,
        key: &StepKey,
        call: &DoCall,
    ) -> Result<PlannedAction, NoValue> {
        let mut input = self.values(frame, &call.with)?;
        let target = match &call.manifest.target {
            None => None,
            Some(spec) => {
                let raw = input.get(&spec.input).and_then(Value::as_str).unwrap_or_default();
                let target = observable(&spec.input, spec.kind, raw)?;
                input.insert(spec.input.clone(), json!(target.value));
                Some(target)
            }
        };
        let part = call.manifest.target.as_ref().and_then(|spec| spec.part.as_ref());
        let part = part.and_then(|name| input.get(name)).and_then(Value::as_str).map(str::to_owned);
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
            part,
            input,
            undo: call.manifest.undo.as_ref().map(|undo| undo.title.clone()),
            expires: call.expires,
        })
    }

    /// A script as an action: its digest stands for a manifest's, its input is what it reads.
    pub(super) fn resolve_script(
        &self,
        frame: usize,
        key: &StepKey,
        script: &ScriptCall,
    ) -> Result<PlannedAction, NoValue> {
        let input = Value::Object(self.values(frame, &script.with)?);
        let target = match &script.target {
            None => None,
            Some((kind, value)) => Some(observable("target", *kind, &self.text(frame, value)?)?),
        };
        let word = script.interpreter.word();
        let acts =
            if script.effect == EffectClass::Read { "" } else { ", which changes something" };
        Ok(PlannedAction {
            key: key.clone(),
            name: SCRIPT.to_owned(),
            title: format!("Run a {word} script{acts}"),
            instance: "sandbox".to_owned(),
            connector: SCRIPT.to_owned(),
            action: word.to_owned(),
            practice: false,
            manifest_digest: script.digest.clone(),
            effect: script.effect,
            target,
            part: None,
            input,
            undo: None,
            expires: None,
        })
    }
}

fn observable(name: &str, kind: ObservableKind, raw: &str) -> Result<Observable, NoValue> {
    Observable::new(kind, raw)
        .ok_or_else(|| NoValue::Invalid(format!("`{name}` is `{raw}`, which is no {kind}")))
}

/// What a switch compares with: numbers are equal whatever they are written as.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            a.as_f64() == b.as_f64()
        }
        _ => one == other,
    }
}
