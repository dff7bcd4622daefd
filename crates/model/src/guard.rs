//! What the guard decides, and the modes and approvals it decides about.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{ApprovalId, IncidentId, Observable, RunId, TenantId, Time, plan::Plan};

/// How far a playbook is trusted.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Plans on live alerts, acts on none.
    Shadow,
    /// Every action asks.
    #[default]
    Assist,
    /// The guard decides.
    Auto,
}

impl Mode {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Assist => "assist",
            Self::Auto => "auto",
        }
    }
}

/// Why the guard decided as it did: the rule that spoke and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// The guard rule: `mode`, `kill_switch`, `protected`, `shared_infrastructure`, `budget`, …
    pub rule: String,
    /// In plain words.
    pub text: String,
}

/// What approval is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApprovalTerms {
    /// How many people have to say yes.
    pub count: u32,
    /// Whether who requested the run may answer.
    pub not_requester: bool,
    /// How long the question stands.
    #[serde(with = "crate::duration::text")]
    #[schema(value_type = String, example = "1h")]
    pub within: Duration,
    /// Who answers has to be in each of these groups; anybody who may decide if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Whether the targets' owners, else the admins, are asked before it lapses.
    #[serde(default, skip_serializing_if = "is_false")]
    pub escalate: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl ApprovalTerms {
    /// Asks also of people of that group.
    pub fn ask_of(&mut self, group: &str) {
        if !self.groups.iter().any(|asked| asked == group) {
            self.groups.push(group.to_owned());
            self.groups.sort();
        }
    }
}

/// The guard's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Decision {
    /// Go on.
    Allow {
        /// What was considered.
        reasons: Vec<Reason>,
    },
    /// Ask people first.
    Ask {
        /// What is asked for.
        terms: ApprovalTerms,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// Not yet: nobody has to say yes, and nothing forbids it; the guard is to be asked again.
    ///
    /// Journals of before there was this verdict hold none of it; whoever reads them needs to do nothing.
    Hold {
        /// When to ask again; sooner if something that it rests on has changed.
        until: Time,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// Do not act.
    Refuse {
        /// Why.
        reasons: Vec<Reason>,
    },
}

impl Decision {
    /// The reasons, whatever the verdict.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Allow { reasons }
            | Self::Ask { reasons, .. }
            | Self::Hold { reasons, .. }
            | Self::Refuse { reasons } => reasons,
        }
    }

    /// What it comes to, without the reasons.
    #[must_use]
    pub const fn ruling(&self) -> Ruling {
        match self {
            Self::Allow { .. } => Ruling::Allow,
            Self::Hold { .. } => Ruling::Hold,
            Self::Ask { .. } => Ruling::Ask,
            Self::Refuse { .. } => Ruling::Refuse,
        }
    }
}

/// What the guard, or one rule of it, says of an action, in a word; the later ones are stricter.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// A rule that has nothing to say to this action.
    Silent,
    /// No objection.
    Allow,
    /// Not yet.
    Hold,
    /// People first.
    Ask,
    /// No, whoever says yes.
    Refuse,
}

/// What one rule of the guard made of an action: every rule has one of these, those that were silent too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Considered {
    /// The rule, as in [`Reason::rule`].
    pub rule: String,
    /// What it says.
    pub ruling: Ruling,
    /// Why, in plain words; of a silent rule, what it is for.
    pub text: String,
}

/// What the guard considered when it decided about a step, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explanation {
    /// The run.
    pub run: RunId,
    /// The step's key.
    pub step: String,
    /// The action, by its name.
    pub action: String,
    /// What it acts on.
    pub target: Option<Observable>,
    /// When.
    pub at: Time,
    /// What came of it.
    pub ruling: Ruling,
    /// Every rule, in the order in which they are asked, those that were silent too.
    pub considered: Vec<Considered>,
}

/// How much depends on an asset: the word of whoever keeps the inventory.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Criticality {
    /// Nobody would notice.
    Low,
    /// Somebody would.
    Medium,
    /// Many would.
    High,
    /// The business stands still, or people come to harm.
    Critical,
}

impl Criticality {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Which way a change of what the guard holds to goes; the later ones need more attention.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Words only, or the same said otherwise.
    Neutral,
    /// Something that was allowed or asked may be no more. In force at once.
    Tightening,
    /// Something that was refused, asked or held may be allowed. Needs people and time.
    Loosening,
}

/// One difference between two policies, or one change of a mode or of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// Which way it goes.
    pub direction: Direction,
    /// What changes: a key of the policy file, `mode`, `role`.
    pub what: String,
    /// How, in plain words.
    pub text: String,
}

/// Whether a playbook may be trusted further, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Promotion {
    /// The mode that was asked for.
    pub to: Mode,
    /// Whether the evidence is enough. It is still a loosening: people have to want it.
    pub allowed: bool,
    /// What was looked at, one line each, what is missing among it.
    pub because: Vec<String>,
}

/// A counter that an intent must fit into: at most `limit` intents of `class` in `window`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// What is counted: `edr.isolate_host`, or `edr.isolate_host@playbook:NAME`.
    pub class: String,
    /// The sliding window.
    #[serde(with = "crate::duration::text")]
    pub window: Duration,
    /// How many fit.
    pub limit: u32,
}

/// Where a question to people stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalState {
    /// Nobody has decided.
    Waiting,
    /// Enough said yes.
    Approved,
    /// Somebody said no.
    Denied,
    /// The time ran out.
    Expired,
    /// The plan changed, or the run ended.
    Void,
}

/// One person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Vote {
    /// Who: a person's login name, whether they came by a token or not; the token's if nobody owns it.
    pub by: String,
    /// The person whose place they took, while that one was away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The token by which they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Whether a person is behind it. A token that nobody owns may be anybody's.
    #[serde(default = "yes")]
    pub is_person: bool,
    /// Yes or no.
    pub approve: bool,
    /// Why; mandatory on no.
    pub reason: String,
    /// When.
    pub at: Time,
}

const fn yes() -> bool {
    true
}

impl Vote {
    /// A person's word in their own name.
    #[must_use]
    pub fn new(by: &str, approve: bool, reason: &str, at: Time) -> Self {
        Self {
            by: by.to_owned(),
            on_behalf_of: None,
            token: None,
            is_person: true,
            approve,
            reason: reason.to_owned(),
            at,
        }
    }

    /// Whose place it fills: nobody's is filled twice.
    #[must_use]
    pub fn place(&self) -> &str {
        self.on_behalf_of.as_deref().unwrap_or(&self.by)
    }

    /// Whether that name has spoken by it, or was spoken for.
    #[must_use]
    pub fn is_of(&self, name: &str) -> bool {
        self.by == name || self.on_behalf_of.as_deref() == Some(name)
    }
}

/// How many different people said yes. All tokens that nobody owns are at most one of them, and none
/// beside a person: they may be that person's.
#[must_use]
pub fn people_for(votes: &[Vote]) -> u32 {
    let yes = || votes.iter().filter(|vote| vote.approve);
    let people: BTreeSet<&str> = yes().filter(|vote| vote.is_person).map(Vote::place).collect();
    u32::try_from(people.len()).unwrap_or(u32::MAX).max(u32::from(yes().next().is_some()))
}

/// A question to people about one plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Whose.
    pub tenant: TenantId,
    /// The run that waits.
    pub run: RunId,
    /// The incident it is for.
    pub incident: Option<IncidentId>,
    /// The playbook.
    pub playbook: String,
    /// What would be done.
    pub plan: Plan,
    /// What a yes binds to.
    pub plan_hash: String,
    /// Who started the run: a name, or `rule TITLE` for a trigger.
    pub requested_by: String,
    /// What is asked for.
    pub terms: ApprovalTerms,
    /// Why the guard asks, per step key.
    pub reasons: BTreeMap<String, Vec<Reason>>,
    /// What it would touch.
    pub blast_radius: BlastRadius,
    /// Where it stands.
    pub state: ApprovalState,
    /// Who said what.
    pub votes: Vec<Vote>,
    /// When it was asked.
    pub asked_at: Time,
    /// When it lapses, or goes to those who are asked next.
    pub expires_at: Time,
    /// When those who were asked next were asked.
    #[serde(default)]
    pub escalated_at: Option<Time>,
    /// Whom: the targets' owners, else the admins.
    #[serde(default)]
    pub escalated_to: Vec<String>,
    /// Everybody who there is has said yes, and more people were asked for: from then on the delay
    /// takes their place.
    #[serde(default)]
    pub alone_until: Option<Time>,
}

impl Approval {
    /// How many people said yes, as far as the guard is concerned: a delay that took the place of
    /// those who do not exist counts as them.
    #[must_use]
    pub fn people(&self) -> u32 {
        let people = people_for(&self.votes);
        let delayed = self.state == ApprovalState::Approved && self.alone_until.is_some();
        if delayed { people.max(self.terms.count) } else { people }
    }
}

/// What a plan would touch, counted from facts that the engine holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BlastRadius {
    /// Hosts acted on.
    pub hosts: Vec<String>,
    /// Accounts acted on.
    pub users: Vec<String>,
    /// Addresses acted on.
    pub addresses: Vec<String>,
    /// How many acts can be undone.
    pub reversible: u32,
    /// How many cannot.
    pub irreversible: u32,
    /// Other open incidents in which a target occurs.
    pub other_incidents: u32,
    /// Alerts in the last 24 h in which a target occurs.
    pub alerts_24h: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Yes of `who`, `who>whom` for another, `!who` by a token that nobody owns, `-who` for a no.
    fn vote(text: &str) -> Vote {
        let (approve, text) = text.strip_prefix('-').map_or((true, text), |text| (false, text));
        let (is_person, text) = text.strip_prefix('!').map_or((true, text), |text| (false, text));
        let (by, of) = text.split_once('>').map_or((text, None), |(by, of)| (by, Some(of)));
        let vote = Vote::new(by, approve, "", Time::default());
        Vote { on_behalf_of: of.map(str::to_owned), is_person, ..vote }
    }

    #[test]
    fn people_are_counted_once() {
        for (votes, expect) in [
            (&[][..], 0),
            (&["ann"], 1),
            (&["ann", "ann"], 1),
            (&["ann", "ben"], 2),
            (&["ann", "-ben"], 1),
            (&["ann>cleo", "ben"], 2),
            // Nobody's place is filled twice.
            (&["ann>cleo", "ben>cleo"], 1),
            (&["!cli"], 1),
            (&["!cli", "!other"], 1),
            (&["!cli", "ann"], 1),
            (&["!cli", "ann", "ben"], 2),
        ] {
            let cast: Vec<Vote> = votes.iter().map(|text| vote(text)).collect();
            assert_eq!(people_for(&cast), expect, "{votes:?}");
        }
    }

    #[test]
    fn a_vote_of_an_older_version_is_a_persons() {
        let old = r#"{ "by": "ann", "approve": true, "reason": "", "at": "2026-01-01T00:00:00Z" }"#;
        let vote: Vote = serde_json::from_str(old).unwrap();
        assert!(vote.is_person && vote.is_of("ann") && vote.place() == "ann");
    }
}
