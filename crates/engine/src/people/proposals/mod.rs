//! Proposals: a change that lets the guard through more takes two people and a day; any other is in force at once.
//!
//! Policies, new administrators and playbooks that are to be trusted further go this way. Who proposes is the
//! first of the two. Until it is in force everybody can see it coming, anybody who may decide can say no, and it
//! can be taken back. Where there is nobody else to agree, the day takes their place, and the audit says so.

mod apply;
mod start;

pub(crate) use self::start::policy_at_start;

use std::time::Duration;

use serde_json::json;
use stanch_guard::{
    Policy, compare,
    compare::{loosens, mode_change, role_change},
    loosening::{Gate, gate},
};
use stanch_model::{
    ProposalId, TenantId, Time, canonical,
    guard::{Change, Mode, people_for},
    people::{Actor, Role},
    proposal::{Proposal, ProposalState, Proposed},
};
use stanch_store::{Error as StoreError, Tx, View};

use super::{
    People, forbid,
    team::checked_reason,
    votes::{Voter, able, voter},
};
use crate::{Error, core::audit};

/// How long a proposal stands that not enough people want.
const STANDS: Duration = Duration::from_secs(7 * 86_400);

/// Longest policy, in bytes.
const POLICY_BYTES_MAX: usize = 256 * 1024;

/// What a change came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Came<T> {
    /// It is in force.
    Done(T),
    /// More people and time have to come first.
    Proposed(Box<Proposal>),
}

/// What somebody wants, taken apart into what it lets through.
struct Wish {
    what: Proposed,
    changes: Vec<Change>,
    reason: String,
}

impl People {
    /// Proposes a policy, written in YAML as in the configuration. One that loosens nothing is in force at once.
    ///
    /// # Errors
    /// A text that is no policy; one that is in force already; [`Error::Stale`] if another is in force than
    /// `tag` says; [`Error::Forbidden`] below admin, or by a token that nobody owns.
    pub async fn propose_policy(
        &self,
        actor: &Actor,
        text: &str,
        reason: &str,
        tag: Option<String>,
    ) -> Result<Proposal, Error> {
        let reason = checked_reason(reason)?;
        let policy = read_policy(text)?;
        let closed = self.policies.close().await;
        let old = self.policies.now();
        let base = digest(&old);
        if tag.is_some_and(|tag| tag != base) {
            let why = "another policy came in force since you read it: read it again";
            return Err(Error::Stale(why.to_owned()));
        }
        let changes = compare(&old, &policy);
        if changes.is_empty() {
            return Err(Error::Conflict("that policy is in force already".to_owned()));
        }
        let json = serde_json::to_value(&policy).map_err(StoreError::from)?;
        let what = Proposed::Policy { policy: json, base };
        let wish = Wish { what, changes, reason };
        let proposal = self.propose(actor, wish).await?;
        if proposal.state == ProposalState::Applied {
            self.policies.put(policy, &closed);
        }
        Ok(proposal)
    }

    /// Says what somebody may do. To make somebody an admin takes a second person; anything else is done at once.
    ///
    /// # Errors
    /// Nobody of that name; the last admin; [`Error::Forbidden`] below admin.
    pub async fn set_role(
        &self,
        actor: &Actor,
        person: &str,
        role: Role,
        reason: &str,
    ) -> Result<Came<Role>, Error> {
        if actor.role < Role::Admin {
            return Err(Error::Forbidden("changing a role takes an admin".to_owned()));
        }
        let reason = checked_reason(reason)?;
        let (tenant, name) = (actor.tenant.clone(), person.to_owned());
        let found = self.core.store.read(move |view| view.person_named(&tenant, &name)).await?;
        let unknown = || Error::NotFound(format!("nobody is named `{person}`"));
        let from = found.ok_or_else(unknown)?.role;
        if from == role {
            return Ok(Came::Done(role));
        }
        let what = Proposed::Role { person: person.to_owned(), from, to: role };
        let changes = vec![role_change(person, Some(from), Some(role))];
        self.change(actor, Wish { what, changes, reason }, role).await
    }

    /// Trusts a playbook further: takes a second person and a day.
    pub(super) async fn propose_mode(
        &self,
        actor: &Actor,
        (playbook, digest): (&str, &str),
        (from, to): (Mode, Mode),
        reason: &str,
    ) -> Result<Came<Mode>, Error> {
        let reason = checked_reason(reason)?;
        let what =
            Proposed::Mode { playbook: playbook.to_owned(), digest: digest.to_owned(), from, to };
        let changes = vec![mode_change(playbook, from, to)];
        self.change(actor, Wish { what, changes, reason }, to).await
    }

    async fn change<T>(&self, actor: &Actor, wish: Wish, done: T) -> Result<Came<T>, Error> {
        let proposal = self.propose(actor, wish).await?;
        Ok(match proposal.state {
            ProposalState::Applied => Came::Done(done),
            _ => Came::Proposed(Box::new(proposal)),
        })
    }

    async fn propose(&self, actor: &Actor, wish: Wish) -> Result<Proposal, Error> {
        if actor.role < Role::Admin {
            return Err(Error::Forbidden("proposing that takes an admin".to_owned()));
        }
        let (id, now) = (ProposalId::new(self.core.clock.uuid()), self.core.clock.now());
        let who = actor.clone();
        let written = self.core.store.write(move |tx| {
            let voter = voter(tx, &who)?;
            let loosens = loosens(&wish.changes);
            if loosens && !voter.is_person {
                return Err(forbid(
                    "nobody owns this token, and this takes two people: sign in, or use \
                                   one of your own",
                ));
            }
            let by = voter.name.clone();
            let mut proposal = new_proposal(tx, (id, &who.tenant), wish, &by, now)?;
            proposal.votes.push(voter.vote(None, true, &proposal.reason.clone(), now));
            begin(tx, &mut proposal, loosens, now)?;
            Ok(proposal)
        });
        let proposal = written.await?;
        self.core.live.tell("proposal", proposal.id);
        Ok(proposal)
    }

    /// Says yes to a proposal of somebody else.
    ///
    /// # Errors
    /// No such proposal, or one that does not wait; [`Error::Forbidden`] for whoever proposed it or has answered.
    pub async fn agree(
        &self,
        actor: &Actor,
        id: ProposalId,
        reason: &str,
    ) -> Result<Proposal, Error> {
        let now = self.core.clock.now();
        let (who, reason) = (actor.clone(), reason.trim().to_owned());
        let written = self.core.store.write(move |tx| {
            let mut proposal = standing(tx, &who, id)?;
            if proposal.state != ProposalState::Waiting {
                return Err(StoreError::Conflict(format!("proposal {id} has enough yes already")));
            }
            let voter = somebody(tx, &who)?;
            if proposal.votes.iter().any(|vote| vote.is_of(&voter.name)) {
                return Err(forbid("you have said so already: it takes somebody else"));
            }
            proposal.votes.push(voter.vote(None, true, &reason, now));
            if people_for(&proposal.votes) >= proposal.people {
                agreed(&mut proposal, now);
            }
            tx.put_proposal(&proposal)?;
            record(tx, &proposal, (&who.name, "proposal.agree"), &reason, now)?;
            Ok(proposal)
        });
        self.told(written.await?)
    }

    /// Says no to a proposal, which ends it.
    ///
    /// # Errors
    /// No such proposal, or one that has ended; no reason.
    pub async fn object(
        &self,
        actor: &Actor,
        id: ProposalId,
        reason: &str,
    ) -> Result<Proposal, Error> {
        let reason = checked_reason(reason)?;
        let now = self.core.clock.now();
        let who = actor.clone();
        let written = self.core.store.write(move |tx| {
            let mut proposal = standing(tx, &who, id)?;
            let voter = somebody(tx, &who)?;
            let note = format!("{} said no: {reason}", voter.name);
            proposal.votes.push(voter.vote(None, false, &reason, now));
            end(tx, &mut proposal, (ProposalState::Denied, &note), now)?;
            record(tx, &proposal, (&who.name, "proposal.deny"), &reason, now)?;
            Ok(proposal)
        });
        self.told(written.await?)
    }

    /// Takes a proposal back: whoever proposed it, or an admin.
    ///
    /// # Errors
    /// No such proposal, or one that has ended; [`Error::Forbidden`]; no reason.
    pub async fn take_back(
        &self,
        actor: &Actor,
        id: ProposalId,
        reason: &str,
    ) -> Result<Proposal, Error> {
        let reason = checked_reason(reason)?;
        let now = self.core.clock.now();
        let who = actor.clone();
        let written = self.core.store.write(move |tx| {
            let mut proposal = standing(tx, &who, id)?;
            if who.role < Role::Admin && voter(tx, &who)?.name != proposal.proposed_by {
                return Err(forbid("whoever proposed it, or an admin, takes it back"));
            }
            let note = format!("{} took it back: {reason}", who.name);
            end(tx, &mut proposal, (ProposalState::Cancelled, &note), now)?;
            record(tx, &proposal, (&who.name, "proposal.cancel"), &reason, now)?;
            Ok(proposal)
        });
        self.told(written.await?)
    }

    fn told(&self, proposal: Proposal) -> Result<Proposal, Error> {
        self.core.live.tell("proposal", proposal.id);
        Ok(proposal)
    }
}

/// A policy as somebody wrote it.
///
/// # Errors
/// A text that is none: what is wrong with it, each with its place and what to write instead.
pub fn read_policy(text: &str) -> Result<Policy, Error> {
    if text.len() > POLICY_BYTES_MAX {
        return Err(Error::Invalid("a policy has at most 256 KiB".to_owned()));
    }
    let (policy, findings) = stanch_guard::file::load(text);
    policy.ok_or_else(|| {
        let errors = findings.iter().filter(|finding| finding.is_error());
        let lines: Vec<String> =
            errors.map(|finding| format!("{finding} ({})", finding.help)).collect();
        Error::Invalid(format!("this is no policy: {}", lines.join("; ")))
    })
}

/// What stands for a policy: another text of the same meaning is the same.
#[must_use]
pub fn digest(policy: &Policy) -> String {
    canonical::sha256(policy).expect("invariant: a policy is JSON")
}

/// The policy in force; that of a fresh installation before there is one.
fn in_force(view: &View<'_>, tenant: &TenantId) -> Result<Policy, StoreError> {
    let Some(found) = view.policy_in_force(tenant)? else { return Ok(Policy::default()) };
    Ok(serde_json::from_value(found.policy)?)
}

/// How many could agree.
fn electorate(view: &View<'_>, tenant: &TenantId) -> Result<u32, StoreError> {
    Ok(u32::try_from(able(view, tenant)?.len()).unwrap_or(u32::MAX))
}

/// A proposal that nobody has voted on.
fn new_proposal(
    view: &View<'_>,
    (id, tenant): (ProposalId, &TenantId),
    wish: Wish,
    by: &str,
    now: Time,
) -> Result<Proposal, StoreError> {
    let Wish { what, changes, reason } = wish;
    let terms = gate(&in_force(view, tenant)?, &changes, electorate(view, tenant)?);
    let Gate { people, delay, alone } =
        terms.unwrap_or(Gate { people: 1, delay: Duration::ZERO, alone: false });
    Ok(Proposal {
        id,
        tenant: tenant.clone(),
        what,
        changes: changes.into_iter().map(|change| change.text).collect(),
        proposed_by: by.to_owned(),
        reason,
        proposed_at: now,
        votes: Vec::new(),
        people,
        delay,
        alone,
        state: ProposalState::Waiting,
        due_at: now.plus(STANDS),
        ended_at: None,
        note: String::new(),
    })
}

/// Writes a new proposal: in force at once if it loosens nothing.
fn begin(tx: &Tx<'_>, proposal: &mut Proposal, loosens: bool, now: Time) -> Result<(), StoreError> {
    let by = proposal.proposed_by.clone();
    if !loosens {
        return match apply::changed(tx, proposal)? {
            Some(why) => Err(StoreError::Conflict(why)),
            None => apply::apply(tx, proposal, &by, now),
        };
    }
    if people_for(&proposal.votes) >= proposal.people {
        agreed(proposal, now);
    }
    tx.put_proposal(proposal)?;
    record(tx, proposal, (&by, "proposal.make"), &proposal.reason, now)?;
    if proposal.alone {
        tracing::warn!(proposal = %proposal.id, until = %proposal.due_at, "there is nobody else to agree: \
            the delay takes their place");
        let detail = json!({ "changes": proposal.changes, "until": proposal.due_at });
        let what = ("engine", "proposal.alone", &*proposal.id.to_string());
        audit(tx, &proposal.tenant, now, what, detail)?;
    }
    Ok(())
}

/// Enough people want it: its time begins.
fn agreed(proposal: &mut Proposal, now: Time) {
    proposal.state = ProposalState::Agreed;
    proposal.due_at = now.plus(proposal.delay);
}

/// A proposal of which something can still come.
fn standing(tx: &Tx<'_>, who: &Actor, id: ProposalId) -> Result<Proposal, StoreError> {
    let proposal = tx.proposal(&who.tenant, id)?;
    if proposal.state.is_open() {
        return Ok(proposal);
    }
    Err(StoreError::Conflict(format!("proposal {id} has ended")))
}

/// A person who may decide.
fn somebody(tx: &Tx<'_>, who: &Actor) -> Result<Voter, StoreError> {
    let voter = voter(tx, who)?;
    if who.role < Role::Responder {
        return Err(forbid("answering takes somebody who may decide"));
    }
    if !voter.is_person {
        return Err(forbid(
            "nobody owns this token, so it may be anybody's: sign in, or use one of \
                           your own",
        ));
    }
    Ok(voter)
}

fn end(
    tx: &Tx<'_>,
    proposal: &mut Proposal,
    (state, note): (ProposalState, &str),
    now: Time,
) -> Result<(), StoreError> {
    proposal.state = state;
    proposal.ended_at = Some(now);
    note.clone_into(&mut proposal.note);
    tx.put_proposal(proposal)
}

fn record(
    tx: &Tx<'_>,
    proposal: &Proposal,
    (by, verb): (&str, &'static str),
    reason: &str,
    now: Time,
) -> Result<(), StoreError> {
    let detail = json!({
        "what": proposal.what, "changes": proposal.changes, "reason": reason,
        "proposed_by": proposal.proposed_by, "yes": people_for(&proposal.votes),
        "needed": proposal.people, "state": proposal.state, "due_at": proposal.due_at,
        "note": proposal.note,
    });
    audit(tx, &proposal.tenant, now, (by, verb, &proposal.id.to_string()), detail)
}
