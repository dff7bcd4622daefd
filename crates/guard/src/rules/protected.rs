//! Assets that the policy protects.

use super::{Case, Finding};
use crate::policy::{Asset, Automatic};

/// The strictest of all assets that the target is.
pub(super) fn protected(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let hits = case.policy.protected.iter().filter_map(|asset| {
        let hit = case.subjects.iter().find(|subject| subject.matches(&asset.pattern))?;
        Some(judge(asset, &hit.to_string()))
    });
    hits.max_by_key(|finding| finding.verdict)
}

fn judge(asset: &Asset, hit: &str) -> Finding {
    let why = if asset.note.is_empty() { String::new() } else { format!(" ({})", asset.note) };
    let text = format!("`{hit}` is protected{why}");
    match (asset.automatic, asset.approvals) {
        (Automatic::Never, None) => Finding::refuse(text),
        (Automatic::Never, Some(count)) => Finding::ask(count.max(1), text),
        (Automatic::Ask, count) => Finding::ask(count.unwrap_or(1), text),
    }
}
