//! A planned action found again in the catalog, and held against its plan.

use serde_json::Value;
use stanch_model::{
    manifest::{ActionManifest, Catalog, Instance, Manifest, Transport},
    observable,
    plan::PlannedAction,
};

use crate::{render::Context, schema};

/// What a call needs of the catalog.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) action: &'a ActionManifest,
    pub(super) instance: &'a Instance,
}

impl<'a> Found<'a> {
    /// As it is in the catalog now: for looking up and taking back what was done under an older
    /// manifest.
    pub(super) fn any(catalog: &'a Catalog, action: &PlannedAction) -> Result<Self, String> {
        let Some(manifest) = catalog.manifests.get(&action.connector) else {
            return Err(format!("connector `{}` is not installed any more", action.connector));
        };
        if manifest.transport == Transport::Builtin {
            return Err(format!(
                "{}.{} is answered by the engine itself, not by a target",
                action.connector, action.action
            ));
        }
        let Some(found) = manifest.actions.get(&action.action) else {
            return Err(format!(
                "connector `{}` has no action `{}` any more",
                action.connector, action.action
            ));
        };
        let Some(instance) = catalog.instances.get(&action.instance) else {
            return Err(format!("instance `{}` is not configured any more", action.instance));
        };
        if instance.connector != action.connector {
            return Err(format!(
                "instance `{}` is now one of `{}`, not of `{}`",
                instance.name, instance.connector, action.connector
            ));
        }
        Ok(Self { manifest, action: found, instance })
    }

    /// As it was planned: the same manifest, a fitting input, and the target that the guard saw.
    pub(super) fn planned(catalog: &'a Catalog, action: &PlannedAction) -> Result<Self, String> {
        let found = Self::any(catalog, action)?;
        if found.manifest.digest() != action.manifest_digest {
            return Err(format!(
                "the manifest of `{}` has changed since the plan: plan again",
                action.connector
            ));
        }
        if found.action.effect != action.effect {
            return Err(format!("{} has another effect than planned: plan again", action.name));
        }
        schema::check(&found.action.input, &action.input)
            .map_err(|why| format!("the input of {} does not fit: {why}", action.name))?;
        found.same_target(action)?;
        Ok(found)
    }

    /// The input must name the planned target, however it spells it.
    fn same_target(&self, action: &PlannedAction) -> Result<(), String> {
        let Some(spec) = &self.action.target else {
            return match &action.target {
                None => Ok(()),
                Some(target) => Err(format!("the plan has a target ({target}), the action none")),
            };
        };
        let written = action.input.get(&spec.input).and_then(Value::as_str).unwrap_or_default();
        let canonical = observable::canonical(spec.kind, written);
        match &action.target {
            Some(target)
                if target.kind == spec.kind && canonical.as_ref() == Some(&target.value) =>
            {
                Ok(())
            }
            Some(target) => {
                Err(format!("the input names another target than the plan, which says {target}"))
            }
            None => Err(format!("the plan names no target for {}", action.name)),
        }
    }

    /// The variables of a call. The target stands in `input` as the guard saw it, so that no other
    /// spelling reaches the target.
    pub(super) fn context(&self, action: &PlannedAction, key: &str) -> Context {
        let mut input = action.input.clone();
        if let (Some(spec), Some(target), Value::Object(map)) =
            (&self.action.target, &action.target, &mut input)
        {
            map.insert(spec.input.clone(), Value::from(target.value.as_str()));
        }
        Context::new(input, self.instance, key, action.expires)
    }
}
