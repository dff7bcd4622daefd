//! Rules about where the run stands, whatever it acts on.

use stanch_model::{event::Trust, guard::Mode};

use super::{Case, Finding};

pub(super) fn facts(case: &Case<'_>) -> Option<Finding> {
    let unreadable = &case.facts.unreadable;
    (!unreadable.is_empty())
        .then(|| Finding::refuse(format!("could not be read: {}", unreadable.join(", "))))
}

pub(super) fn kill_switch(case: &Case<'_>) -> Option<Finding> {
    (case.facts.kill_switch && case.is_act()).then(|| Finding::refuse("the kill switch is engaged"))
}

pub(super) fn mode(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let mode = case.facts.mode.min(case.facts.max_mode);
    Some(match mode {
        Mode::Shadow => Finding::refuse("shadow plans only"),
        Mode::Assist => Finding::ask(1, "in mode assist every action asks"),
        Mode::Auto if case.action.practice => {
            Finding::allow("mode auto, and the target is the practice target")
        }
        Mode::Auto if case.facts.auto_earned => Finding::allow("mode auto was earned"),
        Mode::Auto => Finding::ask(1, "mode auto is not earned yet for real targets"),
    })
}

pub(super) fn self_caused(case: &Case<'_>) -> Option<Finding> {
    if !case.facts.self_caused || !case.is_act() {
        return None;
    }
    Some(if case.facts.requested_by_person {
        Finding::ask(1, "the alert is about an act of our own")
    } else {
        Finding::refuse("the alert is about an act of our own; only a person may act on it")
    })
}

pub(super) fn source_trust(case: &Case<'_>) -> Option<Finding> {
    let is_low = case.facts.source_trust == Trust::Low;
    (is_low && case.is_act())
        .then(|| Finding::ask(1, "anybody can write to the source of this alert"))
}
