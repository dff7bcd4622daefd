//! Proposals: what would be changed, who wants it, and what it still takes.

use stanch_model::{
    duration,
    guard::people_for,
    proposal::{Proposal, ProposalState},
};

use super::{time, word};

/// A proposal with all that a yes rests on, one line each.
pub(crate) fn proposal(proposal: &Proposal) -> Vec<String> {
    let mut lines = vec![format!("{} ({})", proposal.id, word(&proposal.state))];
    let (by, at, why) = (&proposal.proposed_by, time(proposal.proposed_at), &proposal.reason);
    lines.push(format!("proposed by {by} at {at}: {why}"));
    lines.extend(proposal.changes.iter().map(|change| format!("     {change}")));
    lines.extend(proposal.votes.iter().map(|vote| {
        let said = if vote.approve { "yes" } else { "no" };
        let why = if vote.reason.is_empty() { "no reason given" } else { &vote.reason };
        format!("{} said {said} at {}: {why}", vote.by, time(vote.at))
    }));
    let yes = people_for(&proposal.votes);
    let (people, due) = (proposal.people, time(proposal.due_at));
    lines.extend(match proposal.state {
        ProposalState::Waiting => Some(format!(
            "{yes} of {people} want it; it takes {} from then on, and lapses {due}",
            duration::format(proposal.delay)
        )),
        ProposalState::Agreed if proposal.alone => {
            Some(format!("nobody else can agree: the delay takes their place; in force {due}"))
        }
        ProposalState::Agreed => Some(format!("in force {due}, unless somebody says no")),
        _ => (!proposal.note.is_empty()).then(|| proposal.note.clone()),
    });
    lines
}
