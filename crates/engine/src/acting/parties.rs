//! In whose name an act is done, as those people and tokens are now.

use std::collections::BTreeSet;

use stanch_guard::facts::{Parties, Party, PartyKind};
use stanch_model::{
    TenantId,
    guard::ApprovalState,
    people::{Role, TokenScope},
    plan::PlannedAction,
    run::RunHead,
    version::Version,
};
use stanch_store::{Error, View};

/// Most approvals of one run that are looked at.
const APPROVALS_MAX: u32 = 500;

/// How deep runs call one another at most.
const DEPTH_MAX: u32 = 32;

/// Who published the playbook's text, who started the run, and who said yes to exactly this act, here or in a run
/// that called this one.
pub(super) fn of(
    view: &View<'_>,
    head: &RunHead,
    action: &PlannedAction,
) -> Result<Parties, Error> {
    let tenant = &head.tenant;
    let author = match author(view, head)? {
        Some(name) => Some(person(view, tenant, &name)?),
        None => None,
    };
    let requester =
        head.is_by_person().then(|| anybody(view, tenant, &head.requested_by)).transpose()?;
    let mut approvers = Vec::new();
    for (name, is_person) in said_yes(view, head, action)? {
        approvers.push(match is_person {
            true => person(view, tenant, &name)?,
            false => token(view, tenant, &name)?,
        });
    }
    Ok(Parties { author, requester, approvers })
}

/// Whoever wrote the version; nobody if it came with the program or from a folder of whoever runs it.
fn author(view: &View<'_>, head: &RunHead) -> Result<Option<String>, Error> {
    let is_it = |version: &Version| version.digest == head.playbook_digest;
    let found = view.versions(&head.tenant, &head.playbook)?.into_iter().find(is_it);
    Ok(found.filter(|version| version.origin.is_person()).map(|version| version.author))
}

/// The names behind every yes, each once, and whether a person is behind it.
fn said_yes(
    view: &View<'_>,
    head: &RunHead,
    action: &PlannedAction,
) -> Result<BTreeSet<(String, bool)>, Error> {
    let print = action.fingerprint();
    let (mut run, mut yes) = (head.id, BTreeSet::new());
    for _ in 0..DEPTH_MAX {
        let state = Some(ApprovalState::Approved);
        let (approvals, _) = view.approvals(&head.tenant, state, Some(run), None, APPROVALS_MAX)?;
        for approval in approvals {
            if !approval.plan.actions.iter().any(|act| act.fingerprint() == print) {
                continue;
            }
            let votes = approval.votes.iter().filter(|vote| vote.approve);
            yes.extend(votes.map(|vote| (vote.place().to_owned(), vote.is_person)));
        }
        match view.caller(&head.tenant, run)? {
            Some(child) => run = child.parent,
            None => break,
        }
    }
    Ok(yes)
}

fn person(view: &View<'_>, tenant: &TenantId, name: &str) -> Result<Party, Error> {
    let role = view.person_named(tenant, name)?.map(|user| user.role);
    let groups = view.groups(tenant)?.into_iter();
    let groups = groups.filter(|group| group.members.iter().any(|member| member == name));
    let groups = groups.map(|group| group.name).collect();
    Ok(Party { kind: PartyKind::Person, name: name.to_owned(), role, groups })
}

fn token(view: &View<'_>, tenant: &TenantId, name: &str) -> Result<Party, Error> {
    let found = view.tokens(tenant)?.into_iter().find(|token| token.name == name);
    let role: Option<Role> = found.and_then(|token| match token.scope {
        TokenScope::Api { role } => Some(role),
        TokenScope::Intake { .. } | TokenScope::Feed => None,
    });
    Ok(Party { kind: PartyKind::Token, name: name.to_owned(), role, groups: Vec::new() })
}

/// A person by that name, else a token.
fn anybody(view: &View<'_>, tenant: &TenantId, name: &str) -> Result<Party, Error> {
    match view.person_named(tenant, name)? {
        Some(_) => person(view, tenant, name),
        None => token(view, tenant, name),
    }
}
