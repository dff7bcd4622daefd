//! What expressions of a playbook may see: the types of what started the run, of `inputs`, `vars` and
//! `steps`.

use std::{collections::BTreeMap, sync::Arc};

use stanch_expression::{ObjectType, Type, TypeEnv};
use stanch_model::{
    alert, finding, incident, mail,
    manifest::{ActionManifest, Catalog, ResolveError},
};

use super::{context::Context, ids};
use crate::ast::{AskKind, Field, Playbook, Step, StepKind, TriggerKind, Wait};

/// What can start a run, as expressions name it.
pub(super) const CAUSES: [&str; 5] = ["alert", "incident", "finding", "mail", "webhook"];

/// Names that no element of a loop can have.
pub(super) const RESERVED: [&str; 11] = [
    "alert", "incident", "finding", "mail", "webhook", "inputs", "vars", "steps", "secrets",
    "error", "SEVERITY",
];

fn cause_type(name: &str) -> Type {
    match name {
        "alert" => Type::from_schema(&alert::context_schema()),
        "incident" => Type::from_schema(&incident::context_schema()),
        "finding" => Type::from_schema(&finding::context_schema()),
        "mail" => Type::from_schema(&mail::context_schema()),
        // Any JSON may be posted.
        _ => Type::Any,
    }
}

/// What a run of the playbook has of what started it. One that nothing starts is started by hand for an
/// alert, or called.
pub(super) fn causes(playbook: &Playbook) -> &'static [&'static str] {
    match playbook.on.as_ref().map(|on| &on.kind) {
        None | Some(TriggerKind::Alert(_)) => &["alert", "incident"],
        Some(TriggerKind::Incident(_)) => &["incident"],
        Some(TriggerKind::Finding(_)) => &["finding"],
        Some(TriggerKind::Mail(_)) => &["mail"],
        Some(TriggerKind::Webhook(_)) => &["webhook"],
        Some(TriggerKind::Schedule { .. }) => &[],
    }
}

/// What a trigger sees.
pub(super) fn trigger_env(kind: &TriggerKind) -> TypeEnv {
    let mut env = TypeEnv::new().strict();
    env.declare_type(kind.word(), cause_type(kind.word()));
    env
}

/// What every step sees; `vars`, `steps` and the names of its place are added as they are known.
pub(super) fn step_env(playbook: &Playbook) -> TypeEnv {
    let mut env = TypeEnv::new().strict();
    for cause in causes(playbook) {
        env.declare_type(*cause, cause_type(cause));
    }
    let inputs = playbook.inputs.iter().map(|input| {
        (input.field.name.value.clone(), Type::from_schema(&input.field.schema.value))
    });
    env.declare_type("inputs", Type::object(inputs.collect()));
    env
}

/// What `error` is in the handler of a `try`.
pub(super) fn error_type() -> Type {
    Type::object(BTreeMap::from([
        ("step".to_owned(), Type::String),
        ("why".to_owned(), Type::String),
    ]))
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

/// The type of `steps.ID` after the step succeeded; none if that is not known here.
pub(super) fn step_type(step: &Step, context: &Context<'_>) -> Option<Type> {
    let mut properties = BTreeMap::new();
    let mut rest = None;
    match &step.kind {
        StepKind::Do(call) => {
            let manifest = Action::of(context.catalog, &call.name.value).manifest()?;
            match Type::from_schema(&manifest.output) {
                Type::Object(output) => {
                    properties.extend(output.properties.clone());
                    rest.clone_from(&output.rest);
                }
                _ => rest = Some(Type::Any),
            }
        }
        StepKind::Script(script) => properties.extend(fields(&script.output)),
        StepKind::ForEach(each) => {
            properties.insert("count".to_owned(), Type::Int);
            properties.insert("failed".to_owned(), Type::Int);
            properties.insert("results".to_owned(), Type::list(turn_type(&each.steps, context)));
        }
        StepKind::Call(call) => {
            properties.extend(context.playbooks?.get(&call.playbook.value)?.outputs.clone());
        }
        StepKind::Wait(Wait::Signal { .. }) => {
            properties.insert("data".to_owned(), Type::dynamic());
        }
        StepKind::Ask(ask) => match &ask.kind {
            AskKind::Decision { options, .. } => {
                let answers: Arc<[String]> = options.iter().map(|o| o.value.clone()).collect();
                properties.insert("answer".to_owned(), Type::Choice(answers));
            }
            AskKind::Form(form) => properties.extend(fields(form)),
        },
        StepKind::If(_)
        | StepKind::Switch(_)
        | StepKind::Parallel(_)
        | StepKind::While(_)
        | StepKind::Try(_)
        | StepKind::Wait(_)
        | StepKind::Set(_)
        | StepKind::End(_) => {}
    }
    properties.insert("ok".to_owned(), Type::Bool);
    Some(Type::Object(Arc::new(ObjectType { properties, rest })))
}

fn fields(fields: &[Field]) -> impl Iterator<Item = (String, Type)> {
    let typed = |field: &Field| (field.name.value.clone(), Type::from_schema(&field.schema.value));
    fields.iter().map(typed)
}

/// What one turn of a loop came to: the outcome of each step with an id.
fn turn_type(steps: &[Step], context: &Context<'_>) -> Type {
    let mut properties = BTreeMap::new();
    for step in ids::outside(steps) {
        if let Some(id) = &step.id {
            let of = step_type(step, context).unwrap_or(Type::Any);
            properties.insert(id.value.clone(), with_empty(&of));
        }
    }
    Type::object(properties)
}

/// A step that did not run reads as the empty text where one of some texts is declared.
pub(super) fn with_empty(of: &Type) -> Type {
    match of {
        Type::Choice(texts) if texts.iter().any(String::is_empty) => of.clone(),
        Type::Choice(texts) => Type::Choice(texts.iter().cloned().chain([String::new()]).collect()),
        Type::Object(object) => {
            let properties = object.properties.iter();
            let properties = properties.map(|(name, of)| (name.clone(), with_empty(of))).collect();
            Type::Object(Arc::new(ObjectType { properties, rest: object.rest.clone() }))
        }
        other => other.clone(),
    }
}
