//! What a `do` step calls, and what its effect demands.

use std::collections::BTreeSet;

use stanch_expression::suggest;
use stanch_model::{
    Diagnostic,
    manifest::{ActionManifest, EffectClass, Transport},
};

use super::{
    codes,
    flow::{Checker, Known},
    schemas::Action,
};
use crate::ast::Do;

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &Do, known: &Known, id: Option<&str>) {
        for (_, arg) in &call.with {
            self.arg(arg, known, id);
        }
        let name = call.name.value.as_str();
        let found = Action::of(self.catalog, name);
        match found {
            Action::Bound(_) => {}
            Action::Unbound(_) => self.findings.push(Diagnostic::warning(
                codes::UNBOUND,
                call.name.span,
                format!(
                    "nothing is bound to capability `{name}`: the playbook loads, but cannot run"
                ),
                self.binding_help(name),
            )),
            Action::Unknown => {
                let names = self.action_names();
                let help = suggest::help(name, names.iter().map(String::as_str));
                let message = format!("no action or capability is called `{name}`");
                self.error(codes::NO_ACTION, call.name.span, message, help);
            }
        }
        if let Some(manifest) = found.manifest() {
            self.effect(call, manifest);
            self.inputs(call, manifest, known);
        }
    }

    fn effect(&mut self, call: &Do, manifest: &ActionManifest) {
        let name = &call.name.value;
        if let Some(expires) = &call.expires
            && manifest.effect != EffectClass::Reversible
        {
            let (why, help) = match manifest.effect {
                EffectClass::Read => ("changes nothing", "remove `expires`"),
                _ => ("cannot be undone", "remove `expires`, or use an action that can be undone"),
            };
            let message = format!("`{name}` {why}, so nothing expires");
            self.error(codes::NO_EXPIRY, expires.span, message, help);
        }
        if manifest.effect == EffectClass::Irreversible && call.approve.is_none() {
            let message = format!("`{name}` cannot be undone, and nobody is asked");
            let help = "add `approve: { count: 1 }` to the step";
            self.error(codes::UNAPPROVED, call.name.span, message, help);
        }
    }

    /// Which connectors could be bound.
    fn binding_help(&self, capability: &str) -> String {
        let offers = self.catalog.manifests.values().filter(|manifest| {
            manifest.actions.values().any(|a| a.capability.as_deref() == Some(capability))
        });
        let names: Vec<String> = offers.map(|m| format!("`{}`", m.connector)).collect();
        format!("bind it to an instance of {} in the configuration", names.join(" or "))
    }

    /// Everything that a `do` can name: capabilities, and actions of instances and connectors.
    fn action_names(&self) -> BTreeSet<String> {
        let catalog = self.catalog;
        let mut names: BTreeSet<String> = catalog.capabilities().map(str::to_owned).collect();
        let owned = |owner: &str, connector: &str| -> Vec<String> {
            let actions = catalog.manifests.get(connector).map(|m| m.actions.keys());
            actions.into_iter().flatten().map(|action| format!("{owner}.{action}")).collect()
        };
        for (instance, found) in &catalog.instances {
            names.extend(owned(instance, &found.connector));
            names.extend(owned(&found.connector, &found.connector));
        }
        for (connector, manifest) in &catalog.manifests {
            if manifest.transport == Transport::Builtin {
                names.extend(owned(connector, connector));
            }
        }
        names
    }
}
