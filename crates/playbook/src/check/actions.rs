//! What a `do` step calls, and what its effect demands.

use std::collections::BTreeSet;

use stanch_expression::suggest;
use stanch_model::{
    Diagnostic,
    manifest::{ActionManifest, EffectClass, Idempotency, Transport},
};

use super::{codes, flow::Checker, known::Known, schemas::Action};
use crate::ast::{Approve, Do, Spanned};

impl Checker<'_> {
    pub(super) fn action(&mut self, call: &Do, known: &Known, id: Option<&str>) {
        for (_, arg) in &call.with {
            self.arg_with_secrets(arg, known, id);
        }
        self.approval(call.approve.as_ref());
        let name = call.name.value.as_str();
        let span = call.name.span;
        let found = Action::of(self.context.catalog, name);
        match found {
            Action::Bound(_) => {}
            Action::Unbound(_) => {
                let message = format!(
                    "nothing is bound to capability `{name}`: the playbook loads, but cannot run"
                );
                let help = self.binding_help(name);
                self.findings.push(Diagnostic::warning(codes::UNBOUND, span, message, help));
            }
            Action::Unknown => {
                let names = self.action_names();
                let help = suggest::help(name, names.iter().map(String::as_str));
                let message = format!("no action or capability is called `{name}`");
                let near = suggest::nearest(name, names.iter().map(String::as_str));
                self.error_with(codes::NO_ACTION, span, message, help, |edit| {
                    edit.rewrite(span, near?)
                });
            }
        }
        if let Some(manifest) = found.manifest() {
            self.effect(call, manifest);
            self.inputs(call, manifest, known);
            if let Some(default) = &call.default {
                self.default(default, &manifest.output, name);
            }
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
            let span = expires.span;
            self.error_with(codes::NO_EXPIRY, span, message, help, |e| e.remove_value(span));
        }
        if let Some(retry) = &call.retry
            && manifest.effect != EffectClass::Read
            && manifest.idempotency == Idempotency::None
        {
            let message =
                format!("`{name}` acts twice if it is sent twice, so it is not tried again");
            let help = "remove `retry`; a person decides what comes after a failure";
            let span = retry.span;
            self.error_with(codes::NO_RETRY, span, message, help, |e| e.remove_value(span));
        }
        self.approved(name, call.name.span, manifest.effect, call.approve.as_ref());
    }

    /// Irreversible acts ask, and reads do not.
    pub(super) fn approved(
        &mut self,
        name: &str,
        span: stanch_model::Span,
        effect: EffectClass,
        approve: Option<&Approve>,
    ) {
        match (effect, approve) {
            (EffectClass::Irreversible, None) => {
                let message = format!("`{name}` cannot be undone, and nobody is asked");
                let help = "add `approve: { count: 1 }` to the step";
                let here = self.here;
                self.error_with(codes::UNAPPROVED, span, message, help, |edit| {
                    edit.add_key(here, "approve", "{ count: 1 }")
                });
            }
            (EffectClass::Read, Some(approve)) => {
                let message = format!("`{name}` changes nothing, so nobody is asked");
                let help = "remove `approve`; to ask people write an `ask` step";
                let span = approve.span;
                self.error_with(codes::NO_APPROVAL, span, message, help, |e| e.remove_value(span));
            }
            _ => {}
        }
    }

    /// Who is asked, and for how long.
    pub(super) fn approval(&mut self, approve: Option<&Approve>) {
        let Some(approve) = approve else { return };
        if let Some(by) = &approve.by {
            self.group(by);
        }
    }

    /// A group of people.
    pub(super) fn group(&mut self, group: &Spanned<String>) {
        let Some(groups) = &self.context.groups else { return };
        let name = group.value.as_str();
        if groups.contains(name) {
            return;
        }
        let names = || groups.iter().map(String::as_str);
        let message = format!("there is no group `{name}`");
        let help = suggest::help(name, names());
        let near = suggest::nearest(name, names());
        let span = group.span;
        self.error_with(codes::NO_GROUP, span, message, help, |edit| edit.rewrite(span, near?));
    }

    /// Which connectors could be bound.
    fn binding_help(&self, capability: &str) -> String {
        let offers = self.context.catalog.manifests.values().filter(|manifest| {
            manifest.actions.values().any(|a| a.capability.as_deref() == Some(capability))
        });
        let names: Vec<String> = offers.map(|m| format!("`{}`", m.connector)).collect();
        format!("bind it to an instance of {} in the configuration", names.join(" or "))
    }

    /// Everything that a `do` can name: capabilities, and actions of instances and connectors.
    fn action_names(&self) -> BTreeSet<String> {
        let catalog = self.context.catalog;
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
