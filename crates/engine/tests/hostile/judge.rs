//! The judge: whether an act was right, from what the world truly was. It knows nothing of the guard.

use stanch_model::{event::Trust, guard::Mode, manifest::EffectClass, plan::PlannedAction};

use super::truth::{Truth, What};

/// Why an intent must not have been written; nothing if it may.
pub(crate) fn wrong(
    truth: &Truth,
    action: &PlannedAction,
    class: &str,
    yes: u32,
) -> Option<String> {
    never(truth, action, class)
        .or_else(|| {
            let needed = people(truth, action);
            (yes < needed).then(|| format!("{needed} people had to say yes, {yes} did"))
        })
        .map(|why| {
            let target = action.target.as_ref().map(|t| t.value.clone()).unwrap_or_default();
            format!("{} on `{target}`: {why}", action.name)
        })
}

/// Why nobody may let it happen.
fn never(truth: &Truth, action: &PlannedAction, class: &str) -> Option<String> {
    let why = match Truth::what(action) {
        What::Own => Some("that is ourselves"),
        What::Gateway => Some("that is our way out"),
        What::Resolver => Some("that is our resolver"),
        What::Shared => Some("everybody uses that"),
        What::Never => Some("it is protected"),
        What::None => Some("that is no single target"),
        What::Fine | What::People(_) => None,
    };
    let (each, all) = truth.limits;
    let practice = action.practice;
    let limited = ["edr.isolate_host", "firewall.block_address", "directory.disable_account"];
    let over = (limited.contains(&class) && truth.count(Some(class), practice) >= each)
        || truth.count(None, practice) >= all;
    let standing = [
        (truth.unreadable, "what the guard rests on could not be read"),
        (truth.kill_switch, "the kill switch was engaged"),
        (truth.mode == Mode::Shadow, "it was only to be watched"),
        (truth.self_caused && !truth.by_person, "the alert was about an act of our own"),
        (over, "there was no room in the budget"),
    ];
    let standing = standing.iter().find(|(holds, _)| *holds).map(|(_, why)| *why);
    why.or(standing).map(str::to_owned).or_else(|| truth.extra.never(truth, action, class))
}

/// How many people have to say yes.
fn people(truth: &Truth, action: &PlannedAction) -> u32 {
    let protected = match Truth::what(action) {
        What::People(count) => count,
        _ => 0,
    };
    let unearned = truth.mode == Mode::Auto && !action.practice && !truth.auto_earned;
    let one = truth.mode == Mode::Assist
        || unearned
        || truth.trust == Trust::Low
        || truth.self_caused
        || action.effect == EffectClass::Irreversible
        || (action.effect == EffectClass::Reversible && action.expires.is_none());
    protected.max(u32::from(one)).max(truth.extra.people(truth, action))
}
