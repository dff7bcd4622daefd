//! Everybody in whose name an act is done has to have the right to it.

use super::{Case, Finding};
use crate::rights::{Answer, Asked};

/// Author, requester, playbook and connector. Approvers are looked at where their yes is counted.
pub(super) fn rights(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() || case.policy.rights.is_empty() {
        return None;
    }
    let asked = match Asked::new(case) {
        Ok(asked) => asked,
        Err(why) => return Some(unreadable(&why)),
    };
    let parties = &case.facts.parties;
    let people = parties.author.iter().chain(&parties.requester).map(|party| asked.person(party));
    let answers: Vec<Answer<'_>> = people.chain([asked.playbook(), asked.connector()]).collect();
    let objections: Vec<String> =
        answers.iter().filter_map(|answer| answer.objection(case)).collect();
    if objections.is_empty() {
        return Some(Finding::allow("author, requester, playbook and connector may do this"));
    }
    Some(Finding::refuse(objections.join("; ")))
}

fn unreadable(why: &str) -> Finding {
    Finding::refuse(format!("the rights cannot be evaluated: {why}"))
}

/// How many of those who said yes had the right to, and why the yes of each other one does not count.
pub(crate) fn counted(case: &Case<'_>) -> (u32, Vec<String>) {
    let facts = case.facts;
    if case.policy.rights.is_empty() {
        return (facts.approved_by, Vec::new());
    }
    let asked = match Asked::new(case) {
        Ok(asked) => asked,
        Err(why) => return (0, vec![unreadable(&why).text]),
    };
    let mut seen = Vec::new();
    let mut why = Vec::new();
    let mut count: u32 = 0;
    for party in &facts.parties.approvers {
        if seen.contains(&(party.kind, &party.name)) {
            continue;
        }
        seen.push((party.kind, &party.name));
        match asked.person(party).objection(case) {
            None => count = count.saturating_add(1),
            Some(objection) => {
                why.push(format!("the yes of `{}` does not count: {objection}", party.name));
            }
        }
    }
    // Whoever is not named here said yes to something else, or cannot be asked about.
    (count.min(facts.approved_by), why)
}
