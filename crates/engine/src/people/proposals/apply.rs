//! A proposal in force: by the clock, and only if what it changes is still as it was.

use serde_json::json;
use stanch_guard::Policy;
use stanch_model::{
    Time,
    guard::{Mode, people_for},
    people::Role,
    proposal::{Proposal, ProposalState, Proposed},
};
use stanch_store::{Error as StoreError, PolicyVersion, Tx};

use super::{STANDS, digest, electorate, end, in_force, record};
use crate::{
    Error,
    core::audit,
    people::{
        People,
        trust::{earn, forget},
    },
};

impl People {
    /// Sees to the proposals whose time has come: in force, or lapsed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn apply_proposals(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let due = self.core.store.read(move |view| view.proposals_due(now)).await?;
        for proposal in due {
            let closed = self.policies.close().await;
            let (tenant, id) = (proposal.tenant.clone(), proposal.id);
            let written = self.core.store.write(move |tx| {
                let mut proposal = tx.proposal(&tenant, id)?;
                if proposal.state.is_open() && proposal.due_at <= now {
                    time_has_come(tx, &mut proposal, now)?;
                }
                Ok(proposal)
            });
            let proposal = written.await?;
            if let (ProposalState::Applied, Proposed::Policy { policy, .. }) =
                (proposal.state, &proposal.what)
            {
                let policy = serde_json::from_value(policy.clone()).map_err(StoreError::from)?;
                self.policies.put(policy, &closed);
            }
            self.core.live.tell("proposal", id);
        }
        Ok(())
    }
}

fn time_has_come(tx: &Tx<'_>, proposal: &mut Proposal, now: Time) -> Result<(), StoreError> {
    if proposal.state == ProposalState::Waiting {
        let note = "not enough people wanted it in time";
        end(tx, proposal, (ProposalState::Lapsed, note), now)?;
        return record(tx, proposal, ("engine", "proposal.lapse"), note, now);
    }
    let people = in_force(tx, &proposal.tenant)?.loosening.people;
    let others_by_now = electorate(tx, &proposal.tenant)? >= people;
    if proposal.alone && others_by_now && people_for(&proposal.votes) < people {
        (proposal.alone, proposal.people) = (false, people);
        proposal.state = ProposalState::Waiting;
        proposal.due_at = now.plus(STANDS);
        tx.put_proposal(proposal)?;
        let why = "there are others who can agree by now: the delay does not take their place";
        return record(tx, proposal, ("engine", "proposal.not_alone"), why, now);
    }
    apply(tx, proposal, "engine", now)
}

/// Puts it in force, unless what it would change is another by now: then it is void.
pub(super) fn apply(
    tx: &Tx<'_>,
    proposal: &mut Proposal,
    by: &str,
    now: Time,
) -> Result<(), StoreError> {
    if let Some(why) = changed(tx, proposal)? {
        end(tx, proposal, (ProposalState::Void, &why), now)?;
        return record(tx, proposal, ("engine", "proposal.void"), &why, now);
    }
    let tenant = proposal.tenant.clone();
    let because = json!({
        "proposal": proposal.id, "proposed_by": proposal.proposed_by, "reason": proposal.reason,
        "changes": proposal.changes, "votes": proposal.votes, "alone": proposal.alone,
    });
    match proposal.what.clone() {
        Proposed::Policy { policy, .. } => {
            let read: Policy = serde_json::from_value(policy.clone())?;
            let before = tx.policy_in_force(&tenant)?;
            let version = PolicyVersion {
                version: before.map_or(1, |before| before.version.saturating_add(1)),
                digest: digest(&read),
                policy,
                from_file: false,
                by: proposal.proposed_by.clone(),
                proposal: Some(proposal.id),
                since: now,
            };
            tx.add_policy(&tenant, &version)?;
            audit(tx, &tenant, now, (by, "policy.apply", &version.digest), because)?;
        }
        Proposed::Role { person, to, .. } => {
            let Some(mut user) = tx.person_named(&tenant, &person)? else { return Ok(()) };
            user.role = to;
            tx.put_person(&user)?;
            audit(tx, &tenant, now, (by, "person.role", &person), because)?;
        }
        Proposed::Mode { playbook, digest, to, .. } => {
            tx.set_mode(&tenant, &playbook, to)?;
            match to {
                Mode::Auto => earn(tx, &tenant, &playbook, &digest)?,
                Mode::Assist | Mode::Shadow => forget(tx, &tenant, &playbook)?,
            }
            audit(tx, &tenant, now, (by, "playbook.mode", &playbook), because)?;
        }
    }
    end(tx, proposal, (ProposalState::Applied, ""), now)?;
    record(tx, proposal, (by, "proposal.apply"), &proposal.reason, now)
}

/// Why it is about something that is not there any more.
pub(super) fn changed(tx: &Tx<'_>, proposal: &Proposal) -> Result<Option<String>, StoreError> {
    let tenant = &proposal.tenant;
    Ok(match &proposal.what {
        Proposed::Policy { base, .. } => {
            let in_force = tx.policy_in_force(tenant)?.map(|policy| policy.digest);
            let is_same = in_force.as_ref() == Some(base);
            (!is_same).then(|| "another policy came in force meanwhile: propose it anew".to_owned())
        }
        Proposed::Role { person, from, to } => match tx.person_named(tenant, person)? {
            Some(user) if user.role == *from => {
                let last = *from == Role::Admin && *to != Role::Admin && admins(tx, proposal)? == 1;
                last.then(|| format!("{person} is the last administrator"))
            }
            Some(_) => Some(format!("the role of {person} was changed meanwhile")),
            None => Some(format!("nobody is named `{person}` any more")),
        },
        Proposed::Mode { playbook, digest, from, .. } => {
            let version = crate::runs::published(tx, tenant, playbook)?;
            let is_same = version.is_some_and(|version| version.digest == *digest);
            let trusted = tx.mode(tenant, playbook)?.unwrap_or(*from);
            let why =
                || format!("another version of {playbook} is in force, or it is trusted otherwise");
            (!is_same || trusted != *from).then(why)
        }
    })
}

fn admins(tx: &Tx<'_>, proposal: &Proposal) -> Result<usize, StoreError> {
    let people = tx.people(&proposal.tenant)?;
    Ok(people.iter().filter(|user| user.role == Role::Admin).count())
}
