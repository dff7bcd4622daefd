//! Assets that the policy protects.

use super::{Case, Finding};
use crate::policy::{Automatic, Protected, Which};

/// The strictest of all assets that the target is.
pub(super) fn protected(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let hits =
        case.policy.protected.iter().filter_map(|entry| Some(judge(entry, &hit(case, entry)?)));
    hits.max_by_key(|finding| finding.verdict)
}

/// What of the target an entry protects.
fn hit(case: &Case<'_>, entry: &Protected) -> Option<String> {
    match &entry.which {
        Which::Value { pattern, kind: _ } => {
            let subject = case.subjects.iter().find(|subject| subject.matches(pattern))?;
            Some(format!("`{subject}` is protected"))
        }
        which @ (Which::Tag(_) | Which::Group(_) | Which::Criticality(_)) => {
            let asset = case.facts.asset.known().filter(|asset| which.is(asset))?;
            let target = case.action.target.as_ref()?;
            let owner = asset.owner.as_ref().map(|owner| format!(", whose owner is {owner}"));
            let owner = owner.unwrap_or_default();
            Some(format!("`{}` is protected by its {which}{owner}", target.value))
        }
    }
}

fn judge(entry: &Protected, hit: &str) -> Finding {
    let why = if entry.note.is_empty() { String::new() } else { format!(" ({})", entry.note) };
    let text = format!("{hit}{why}");
    match (entry.automatic, entry.approvals) {
        (Automatic::Never, None) => Finding::refuse(text),
        (Automatic::Never, Some(count)) => Finding::ask(count.max(1), text),
        (Automatic::Ask, count) => Finding::ask(count.unwrap_or(1), text),
    }
}
