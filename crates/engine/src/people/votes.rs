//! The rules of a vote: who may answer, in whose place, and when there have been enough.
//!
//! One person has one voice, whether they come by session, by a token of theirs, or in the place of
//! somebody who is away. A token that nobody owns may be anybody's, so it is never a second person.

use std::{collections::BTreeSet, time::Duration};

use stanch_model::{
    TenantId, Time,
    guard::{Approval, Vote, people_for},
    people::{Actor, Delegation, Group, Role},
};
use stanch_store::{Error, View};

/// What takes the place of people who are asked for and do not exist.
pub(super) const DELAY: Duration = Duration::from_secs(24 * 3_600);

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Voter {
    /// A person's login name; a token's name if nobody owns it.
    pub(crate) name: String,
    /// The token by which they came.
    pub(crate) token: Option<String>,
    /// Whether a person is behind it.
    pub(crate) is_person: bool,
}

/// Who is behind an actor.
pub(crate) fn voter(view: &View<'_>, actor: &Actor) -> Result<Voter, Error> {
    let person = actor.user.map(|id| view.person(&actor.tenant, id)).transpose()?.flatten();
    let name = person.map_or_else(|| actor.name.clone(), |person| person.name);
    let is_person = actor.user.is_some();
    let token = (!is_person || name != actor.name).then(|| actor.name.clone());
    Ok(Voter { name, token, is_person })
}

impl Voter {
    /// Their vote, in the place of `on_behalf_of` if they have none of their own.
    pub(crate) fn vote(
        self,
        on_behalf_of: Option<String>,
        approve: bool,
        reason: &str,
        at: Time,
    ) -> Vote {
        let Self { name, token, is_person } = self;
        Vote { on_behalf_of, token, is_person, ..Vote::new(&name, approve, reason, at) }
    }
}

/// Why somebody may not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotYours(pub(crate) String);

/// Who is there.
#[derive(Debug)]
pub(super) struct Roll {
    /// Login names of everybody who may decide.
    pub(super) able: BTreeSet<String>,
    /// The groups that are asked; none where there is no such group.
    groups: Vec<(String, Option<Group>)>,
    /// What was given to whoever answers, and holds now.
    delegations: Vec<Delegation>,
    /// Whether the requester is somebody who could come by another way.
    requester_is_somebody: bool,
}

impl Roll {
    /// Reads who is there for `approval`; delegations are those of `voter`.
    pub(super) fn read(
        view: &View<'_>,
        approval: &Approval,
        voter: &str,
        now: Time,
    ) -> Result<Self, Error> {
        let tenant = &approval.tenant;
        let group = |name: &String| Ok((name.clone(), view.group(tenant, name)?));
        let mut delegations = view.delegations_to(tenant, voter, now)?;
        delegations.retain(|delegation| delegation.holds(now));
        let requester = &approval.requested_by;
        Ok(Self {
            able: able(view, tenant)?,
            groups: approval.terms.groups.iter().map(group).collect::<Result<_, Error>>()?,
            delegations,
            requester_is_somebody: view.person_named(tenant, requester)?.is_some()
                || view.has_token_named(tenant, requester)?,
        })
    }

    /// Whether that person is one of those who are asked.
    fn is_asked(&self, approval: &Approval, person: &str) -> bool {
        let has = |group: &Option<Group>| group.as_ref().is_some_and(|group| group.has(person));
        self.groups.iter().all(|(_, group)| has(group))
            || approval.escalated_to.iter().any(|asked| asked == person)
    }

    fn whom(&self) -> String {
        let names = self.groups.iter().map(|(name, group)| match group {
            Some(group) if !group.members.is_empty() => format!("`{name}`"),
            Some(_) => format!("`{name}`, in which there is nobody yet"),
            None => format!("`{name}`, which is no group yet"),
        });
        names.collect::<Vec<_>>().join(" and ")
    }
}

/// Login names of everybody who may decide.
pub(super) fn able(view: &View<'_>, tenant: &TenantId) -> Result<BTreeSet<String>, Error> {
    let people = view.people(tenant)?.into_iter();
    Ok(people.filter(|user| user.role >= Role::Responder).map(|user| user.name).collect())
}

/// In whose place `voter` may answer: none for their own.
pub(super) fn place(
    approval: &Approval,
    voter: &Voter,
    roll: &Roll,
    approve: bool,
) -> Result<Option<String>, NotYours> {
    not_the_requester(approval, voter, roll)?;
    not_again(&approval.votes, voter, approve)?;
    if voter.is_person || approval.terms.groups.is_empty() {
        if roll.is_asked(approval, &voter.name) {
            return Ok(None);
        }
        let requester = approval.terms.not_requester.then_some(&approval.requested_by);
        let away = roll.delegations.iter().map(|delegation| &delegation.from).find(|from| {
            Some(*from) != requester
                && roll.able.contains(*from)
                && roll.is_asked(approval, from)
                && !approval.votes.iter().any(|vote| vote.is_of(from))
        });
        if let Some(away) = away {
            return Ok(Some(away.clone()));
        }
    }
    Err(NotYours(format!("this is asked of people in {}; you are not one of them", roll.whom())))
}

fn not_the_requester(approval: &Approval, voter: &Voter, roll: &Roll) -> Result<(), NotYours> {
    let requester = approval.requested_by.as_str();
    let is_theirs = voter.name == requester || voter.token.as_deref() == Some(requester);
    if !approval.terms.not_requester {
        return Ok(());
    }
    if is_theirs && !(voter.is_person && is_alone(&roll.able, requester)) {
        return Err(NotYours("who requested the run may not answer for it".to_owned()));
    }
    if !voter.is_person && roll.requester_is_somebody {
        let why = "nobody owns this token, so it may be that of whoever requested the run: sign in, \
                   or use a token of your own";
        return Err(NotYours(why.to_owned()));
    }
    Ok(())
}

/// Nobody answers twice; but a yes can be taken back with a no while the question stands.
fn not_again(votes: &[Vote], voter: &Voter, approve: bool) -> Result<(), NotYours> {
    let Some(vote) = votes.iter().rev().find(|vote| vote.is_of(&voter.name)) else {
        return Ok(());
    };
    if vote.by != voter.name {
        return Err(NotYours(format!("{} has answered for you already", vote.by)));
    }
    if !approve && vote.approve && vote.is_person == voter.is_person {
        return Ok(());
    }
    Err(NotYours("you have answered already".to_owned()))
}

fn is_alone(able: &BTreeSet<String>, person: &str) -> bool {
    able.len() == 1 && able.contains(person)
}

/// Where a question stands after the votes so far, none of which is a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Enough people said yes.
    Enough,
    /// Everybody who there is said yes, and more were asked for.
    Alone,
    /// Others can still answer.
    Open,
}

/// Where a question stands: `able` are all who may decide here, whether or not they were asked. Where
/// the asked group is too small but others exist, the group wants mending, not the rule.
pub(super) fn standing(approval: &Approval, able: &BTreeSet<String>) -> Standing {
    let requester = approval.terms.not_requester.then_some(approval.requested_by.as_str());
    let counts = |vote: &&Vote| Some(vote.place()) != requester;
    let votes: Vec<Vote> = approval.votes.iter().filter(counts).cloned().collect();
    let count = approval.terms.count;
    if people_for(&votes) >= count {
        return Standing::Enough;
    }
    let others: Vec<&String> =
        able.iter().filter(|name| Some(name.as_str()) != requester).collect();
    let there: Vec<&String> =
        if others.is_empty() { able.iter().collect() } else { others.clone() };
    let said = |name: &&String| approval.votes.iter().any(|v| v.approve && v.is_of(name));
    let too_few = others.len() < usize::try_from(count).unwrap_or(usize::MAX);
    if too_few && !there.is_empty() && there.iter().all(said) {
        Standing::Alone
    } else {
        Standing::Open
    }
}
