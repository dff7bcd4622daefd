//! The act that a plan would hold, made without a plan.

use std::time::Duration;

use serde_json::Value;
use stanch_model::{
    Observable,
    manifest::Manifest,
    plan::{PlannedAction, StepKey},
};

/// The action `name` of `manifest` with `input`, as a plan for `instance` would hold it.
///
/// # Errors
/// No such action; an input that names no target of its kind.
pub fn planned(
    manifest: &Manifest,
    name: &str,
    instance: &str,
    input: &Value,
    expires: Option<Duration>,
) -> Result<PlannedAction, String> {
    let Some(action) = manifest.actions.get(name) else {
        return Err(format!("connector `{}` has no action `{name}`", manifest.connector));
    };
    let target = match &action.target {
        None => None,
        Some(spec) => {
            let written = input.get(&spec.input).and_then(Value::as_str).unwrap_or_default();
            let target = Observable::new(spec.kind, written);
            let refused = || format!("`{}` is `{written}`, which is no {}", spec.input, spec.kind);
            Some(target.ok_or_else(refused)?)
        }
    };
    let part = action.target.as_ref().and_then(|spec| spec.part.as_ref());
    let part = part.and_then(|name| input.get(name)).and_then(Value::as_str).map(str::to_owned);
    Ok(PlannedAction {
        key: StepKey("step".to_owned()),
        name: format!("{}.{name}", manifest.connector),
        title: action.title.clone(),
        instance: instance.to_owned(),
        connector: manifest.connector.clone(),
        action: name.to_owned(),
        practice: manifest.practice,
        manifest_digest: manifest.digest(),
        effect: action.effect,
        target,
        part,
        input: input.clone(),
        undo: action.undo.as_ref().map(|undo| undo.title.clone()),
        expires: action.undo.is_some().then_some(expires).flatten(),
    })
}
