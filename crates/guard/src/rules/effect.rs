//! Rules about what the act does: can it be undone, does it end.

use stanch_model::manifest::EffectClass;

use super::{Case, Finding};

pub(super) fn irreversible(case: &Case<'_>) -> Option<Finding> {
    (case.action.effect == EffectClass::Irreversible)
        .then(|| Finding::ask(1, "it cannot be undone"))
}

pub(super) fn expiry(case: &Case<'_>) -> Option<Finding> {
    let for_ever = case.action.effect == EffectClass::Reversible && case.action.expires.is_none();
    for_ever.then(|| Finding::ask(1, "it has no expiry and would stay until somebody undoes it"))
}
