//! One act, and everybody in whose name it is done: who has the right to it.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request,
    RestrictedExpression,
};
use stanch_model::people::Role;

use super::{Compiled, Kind, translate};
use crate::{
    facts::{Party, PartyKind, folded},
    policy::{Effect, Right},
    rules::Case,
    subject::Subject,
};

/// What one party is told.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    party: String,
    kind: Kind,
    said: Said<'a>,
}

#[derive(Debug)]
enum Said<'a> {
    Permitted,
    Forbidden(Vec<&'a Right>),
    NotPermitted,
    Failed(String),
}

impl Answer<'_> {
    /// Why the party may not, in plain words; none if it may.
    pub(crate) fn objection(&self, case: &Case<'_>) -> Option<String> {
        let party = &self.party;
        let class = &case.facts.class;
        match &self.said {
            Said::Permitted => None,
            Said::Forbidden(rights) => {
                let rights: Vec<String> = rights.iter().map(|right| named(right)).collect();
                Some(format!("{} forbids {party} {class} here", rights.join(", ")))
            }
            Said::NotPermitted => {
                let permits =
                    case.policy.rights.list().iter().filter(|right| {
                        right.effect == Effect::Permit && self.kind.has(&right.who)
                    });
                let lines: Vec<String> = permits.map(named).collect();
                let kind = self.kind.words();
                let lines = lines.join(", ");
                Some(format!(
                    "no right permits {party} {class} here; {kind} are limited by {lines}"
                ))
            }
            Said::Failed(why) => Some(format!("the rights of {party} cannot be evaluated: {why}")),
        }
    }
}

/// `right NAME (line 12)`.
fn named(right: &Right) -> String {
    let name = match (right.name.as_str(), right.note.as_str()) {
        ("", "") => format!("the right of {}", right.who),
        ("", note) => format!("the right `{note}`"),
        (name, _) => format!("the right `{name}`"),
    };
    right.line.map_or_else(|| name.clone(), |line| format!("{name} (line {line})"))
}

/// An act that parties are asked about.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    case: &'a Case<'a>,
    compiled: Option<&'a Compiled>,
    target: Option<Entity>,
}

impl<'a> Asked<'a> {
    /// Prepares the target.
    ///
    /// # Errors
    /// A target that Cedar does not take.
    pub(crate) fn new(case: &'a Case<'a>) -> Result<Self, String> {
        let compiled = case.policy.rights.compiled.as_deref();
        let target = compiled.map(|_| target(case)).transpose()?;
        Ok(Self { case, compiled, target })
    }

    pub(crate) fn person(&self, party: &Party) -> Answer<'a> {
        self.ask(party.kind, &party.name, parents_of(party))
    }

    pub(crate) fn playbook(&self) -> Answer<'a> {
        self.ask(PartyKind::Playbook, &self.case.facts.playbook, Ok(HashSet::new()))
    }

    pub(crate) fn connector(&self) -> Answer<'a> {
        self.ask(PartyKind::Connector, &self.case.action.instance, Ok(HashSet::new()))
    }

    fn ask(
        &self,
        kind: PartyKind,
        name: &str,
        parents: Result<HashSet<EntityUid>, String>,
    ) -> Answer<'a> {
        let said = match (self.compiled, &self.target) {
            (Some(compiled), Some(target)) => parents
                .and_then(|parents| self.evaluate(compiled, target, (kind, name), parents))
                .unwrap_or_else(Said::Failed),
            _ => Said::Permitted,
        };
        Answer { party: format!("{} `{name}`", kind.word()), kind: Kind::of(kind), said }
    }

    fn evaluate(
        &self,
        Compiled { policies, schema }: &'a Compiled,
        target: &Entity,
        (kind, name): (PartyKind, &str),
        parents: HashSet<EntityUid>,
    ) -> Result<Said<'a>, String> {
        let principal = uid(type_of(kind), name)?;
        let act = uid("Action", "act")?;
        let class = RestrictedExpression::new_string(self.case.facts.class.clone());
        let context = Context::from_pairs([("class".to_owned(), class)]).map_err(text)?;
        let asking = Entity::new_no_attrs(principal.clone(), parents);
        let entities =
            Entities::from_entities([asking, target.clone()], Some(schema)).map_err(text)?;
        let request =
            Request::new(principal, act, target.uid(), context, Some(schema)).map_err(text)?;
        let response = Authorizer::new().is_authorized(&request, policies, &entities);
        // A right that cannot be evaluated might have been the one that forbids.
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(error.to_string());
        }
        if response.decision() == Decision::Allow {
            return Ok(Said::Permitted);
        }
        let rights = self.case.policy.rights.list();
        let mut by: Vec<usize> =
            response.diagnostics().reason().filter_map(translate::index).collect();
        by.sort_unstable();
        let by: Vec<&Right> = by.into_iter().filter_map(|index| rights.get(index)).collect();
        Ok(if by.is_empty() { Said::NotPermitted } else { Said::Forbidden(by) })
    }
}

const fn type_of(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Person => "Person",
        PartyKind::Token => "Token",
        PartyKind::Playbook => "Playbook",
        PartyKind::Connector => "Connector",
    }
}

/// The word of a role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Responder => "responder",
        Role::Admin => "admin",
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn uid(of: &str, id: &str) -> Result<EntityUid, String> {
    let of: EntityTypeName = of.parse().map_err(text)?;
    Ok(EntityUid::from_type_name_and_id(of, EntityId::new(id)))
}

/// Groups, and all roles that the party's own includes.
fn parents_of(party: &Party) -> Result<HashSet<EntityUid>, String> {
    let roles = [Role::Viewer, Role::Responder, Role::Admin];
    let roles = roles.into_iter().filter(|least| party.role.is_some_and(|own| own >= *least));
    let roles = roles.map(|least| uid("Role", role(least)));
    let groups = party.groups.iter().map(|group| uid("Group", &folded(group)));
    roles.chain(groups).collect()
}

/// The target with what the inventory says of it, and with the selectors of the rights that name it.
fn target(case: &Case<'_>) -> Result<Entity, String> {
    let action = case.action;
    let kind = action.target.as_ref().map(|target| target.kind.word()).unwrap_or_default();
    let value = action.target.as_ref().map(ToString::to_string).unwrap_or_default();
    let asset = case.facts.asset.known();
    let level = asset.and_then(|asset| asset.criticality).map_or("", |level| level.word());
    let attributes = HashMap::from([
        ("kind".to_owned(), RestrictedExpression::new_string(kind.to_owned())),
        ("criticality".to_owned(), RestrictedExpression::new_string(level.to_owned())),
        ("practice".to_owned(), RestrictedExpression::new_bool(action.practice)),
    ]);
    let mut parents: HashSet<EntityUid> = selectors(case)
        .into_iter()
        .map(|index| uid("Selector", &index.to_string()))
        .collect::<Result<_, _>>()?;
    if let Some(asset) = asset {
        for tag in &asset.tags {
            parents.insert(uid("Tag", &folded(tag))?);
        }
        for group in &asset.groups {
            parents.insert(uid("AssetGroup", &folded(group))?);
        }
        if let Some(site) = &asset.site {
            parents.insert(uid("Site", &folded(site))?);
        }
    }
    Entity::new(uid("Target", &value)?, attributes, parents).map_err(text)
}

/// The rights whose `value` is the target. What forbids looks at every name of the target, what permits only
/// at the one that is acted on: another name of it is no reason to let something through.
fn selectors(case: &Case<'_>) -> Vec<usize> {
    let own: Vec<Subject> = case.action.target.iter().flat_map(Subject::all).collect();
    let rights = case.policy.rights.list().iter().enumerate();
    let meant = rights.filter(|(_, right)| {
        let names = match right.effect {
            Effect::Permit => &own,
            Effect::Forbid => &case.subjects,
        };
        right.on.pattern.as_ref().is_some_and(|p| names.iter().any(|name| name.matches(p)))
    });
    meant.map(|(index, _)| index).collect()
}
