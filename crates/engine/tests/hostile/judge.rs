//! The judge: whether an act was right, from what the world truly was. It knows nothing of the guard.

use std::collections::BTreeSet;

use stanch_model::{Time, event::Trust, guard::Mode, manifest::EffectClass};

use super::{
    past::{Act, Deed},
    truth::{HOUR, Truth, What},
};

/// Why an intent must not have been written; nothing if it may. `decided_at` is when that was decided.
pub(crate) fn wrong(
    truth: &Truth,
    act: &Act<'_>,
    decided_at: Time,
    yes: &BTreeSet<usize>,
) -> Option<String> {
    never(truth, act, decided_at)
        .or_else(|| {
            let needed = people(truth, act, decided_at);
            let yes = yes.iter().filter(|voter| truth.extra.counts(**voter, act)).count();
            let yes = u32::try_from(yes).unwrap();
            (yes < needed).then(|| format!("{needed} people had to say yes, {yes} did"))
        })
        .map(|why| format!("{} on `{}`: {why}", act.action.name, act.target()))
}

/// Why nobody may let it happen.
fn never(truth: &Truth, act: &Act<'_>, decided_at: Time) -> Option<String> {
    let why = match Truth::what(act.action) {
        What::Own => Some("that is ourselves"),
        What::Gateway => Some("that is our way out"),
        What::Resolver => Some("that is our resolver"),
        What::Shared => Some("everybody uses that"),
        What::Never => Some("it is protected"),
        What::None => Some("that is no single target"),
        What::Fine | What::People(_) => None,
    };
    let standing = [
        (truth.unreadable, "what the guard rests on could not be read"),
        (truth.kill_switch, "the kill switch was engaged"),
        (truth.mode == Mode::Shadow, "it was only to be watched"),
        (truth.self_caused && !truth.by_person, "the alert was about an act of our own"),
        (is_over(truth, act), "there was no room in the budget"),
    ];
    let standing = standing.iter().find(|(holds, _)| *holds).map(|(_, why)| *why);
    why.or(standing).map(str::to_owned).or_else(|| truth.extra.never(truth, act, decided_at))
}

fn is_over(truth: &Truth, act: &Act<'_>) -> bool {
    let (each, all) = truth.limits;
    let limited = ["edr.isolate_host", "firewall.block_address", "directory.disable_account"];
    let together = |deed: &Deed| deed.action.practice == act.action.practice;
    let same = |deed: &Deed| deed.class == act.class && together(deed);
    (limited.contains(&act.class) && truth.within(HOUR, same) >= each)
        || truth.within(HOUR, together) >= all
}

/// How many people have to say yes.
fn people(truth: &Truth, act: &Act<'_>, decided_at: Time) -> u32 {
    let action = act.action;
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
    truth.extra.people(act, decided_at, protected.max(u32::from(one)))
}
