//! What expressions of a playbook may see: the types of `alert`, `incident`, `vars` and `steps`.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use stanch_expression::{ObjectType, Type, TypeEnv};
use stanch_model::{
    alert,
    manifest::{ActionManifest, Catalog, ResolveError},
};

use crate::ast::{Step, StepKind};

/// JSON Schema of `incident`.
fn incident_schema() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {
        "id": { "type": "string" },
        "title": { "type": "string" },
        "severity": { "type": "integer" },
    }})
}

/// What a trigger sees.
pub(super) fn trigger_env() -> TypeEnv {
    TypeEnv::new().with("alert", &alert::context_schema())
}

/// What every step sees; `vars` and `steps` are added as they are known.
pub(super) fn step_env() -> TypeEnv {
    trigger_env().with("incident", &incident_schema())
}

/// An object with these properties. Others are [`Type::Any`], as their absence has a code of its own.
pub(super) fn open_object(properties: BTreeMap<String, Type>) -> Type {
    Type::Object(Arc::new(ObjectType { properties, rest: Some(Type::Any) }))
}

/// What `do: NAME` means as far as types go.
#[derive(Clone, Copy)]
pub(super) enum Action<'a> {
    /// It acts here.
    Bound(&'a ActionManifest),
    /// It is a capability that nothing is bound to; the action of some manifest that offers it.
    Unbound(&'a ActionManifest),
    /// It means nothing.
    Unknown,
}

impl<'a> Action<'a> {
    pub(super) fn of(catalog: &'a Catalog, name: &str) -> Self {
        match catalog.resolve(name) {
            Ok(found) => Self::Bound(found.action),
            Err(ResolveError::Unbound(_)) => {
                let mut actions = catalog.manifests.values().flat_map(|m| m.actions.values());
                let offers = |action: &&ActionManifest| action.capability.as_deref() == Some(name);
                actions.find(offers).map_or(Self::Unknown, Self::Unbound)
            }
            Err(ResolveError::Unknown(_)) => Self::Unknown,
        }
    }

    pub(super) const fn manifest(self) -> Option<&'a ActionManifest> {
        match self {
            Self::Bound(manifest) | Self::Unbound(manifest) => Some(manifest),
            Self::Unknown => None,
        }
    }
}

/// The type of `steps.ID`.
pub(super) fn step_type(step: &Step, catalog: &Catalog) -> Type {
    let mut properties = BTreeMap::new();
    match &step.kind {
        StepKind::Do(call) => {
            let output = Action::of(catalog, &call.name.value).manifest().map(|m| &m.output);
            let Some(Type::Object(output)) = output.map(Type::from_schema) else {
                return Type::Any;
            };
            for (name, of) in &output.properties {
                properties.insert(name.clone(), with_empty(of));
            }
            properties.insert("ok".to_owned(), Type::Bool);
            return Type::Object(Arc::new(ObjectType { properties, rest: output.rest.clone() }));
        }
        StepKind::Ask(ask) => {
            let answers: Arc<[String]> = ask.options.iter().map(|o| o.value.clone()).collect();
            properties.insert("answer".to_owned(), with_empty(&Type::Choice(answers)));
        }
        StepKind::If(_)
        | StepKind::Parallel(_)
        | StepKind::Wait(_)
        | StepKind::Set(_)
        | StepKind::End(_) => {}
    }
    properties.insert("ok".to_owned(), Type::Bool);
    Type::object(properties)
}

/// A step that did not run reads as the empty text where one of some texts is declared.
fn with_empty(of: &Type) -> Type {
    match of {
        Type::Choice(texts) => Type::Choice(texts.iter().cloned().chain([String::new()]).collect()),
        other => other.clone(),
    }
}
