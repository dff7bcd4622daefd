//! What the inventory says, or that it says nothing.

use super::{Case, Finding};
use crate::facts::AssetRecord;

/// An inventory that cannot be asked refuses, whatever the policy has in it now: tags and groups are what
/// protects a target from an alert that names it. One that was asked and does not list the target is noted
/// wherever the policy rests on it.
pub(super) fn asset(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    match &case.facts.asset {
        AssetRecord::Known { .. } => None,
        AssetRecord::Unreadable { why } => {
            Some(Finding::refuse(format!("the inventory cannot be asked about the target: {why}")))
        }
        AssetRecord::NotListed if case.policy.needs_inventory() => {
            let target = case.action.target.as_ref()?;
            let text = format!(
                "`{}` is in no inventory: it counts as a target without tags, groups, site and \
                 criticality",
                target.value
            );
            Some(Finding::allow(text))
        }
        AssetRecord::NotListed => None,
    }
}
