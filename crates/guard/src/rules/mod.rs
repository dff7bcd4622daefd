//! The rules, one function each, and what they look at.

mod effect;
mod infrastructure;
mod protected;
mod standing;
mod target;

use stanch_model::plan::PlannedAction;

use crate::{Facts, Policy, subject::Subject};

/// All rules, in the order in which reasons are shown.
pub const RULES: &[Rule] = &[
    Rule { name: "facts", about: "what cannot be read is refused", judge: standing::facts },
    Rule {
        name: "kill_switch",
        about: "nothing acts while it is engaged",
        judge: standing::kill_switch,
    },
    Rule {
        name: "mode",
        about: "shadow never acts, assist asks, auto has to be earned",
        judge: standing::mode,
    },
    Rule { name: "self_caused", about: "our own acts start nothing", judge: standing::self_caused },
    Rule {
        name: "source_trust",
        about: "a source that anybody can write to starts nothing",
        judge: standing::source_trust,
    },
    Rule {
        name: "target",
        about: "one target, in its one spelling, that can be contained at all",
        judge: target::target,
    },
    Rule { name: "own_host", about: "never ourselves", judge: infrastructure::own_host },
    Rule { name: "gateway", about: "never our way out", judge: infrastructure::gateway },
    Rule { name: "resolver", about: "never our resolvers", judge: infrastructure::resolver },
    Rule {
        name: "shared_infrastructure",
        about: "never what everybody shares",
        judge: infrastructure::shared,
    },
    Rule {
        name: "protected",
        about: "never by itself what the policy protects",
        judge: protected::protected,
    },
    Rule {
        name: "irreversible",
        about: "what cannot be undone is asked",
        judge: effect::irreversible,
    },
    Rule { name: "expiry", about: "what would stay for ever is asked", judge: effect::expiry },
    Rule {
        name: "budget",
        about: "no more acts in a time than the policy says",
        judge: effect::budget,
    },
];

/// A named rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The word in [`stanch_model::guard::Reason::rule`].
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// What it finds.
    pub judge: fn(&Case<'_>) -> Option<Finding>,
}

/// What a rule says. Ordered: the greater one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Worth noting, no objection.
    Allow,
    /// At least so many people have to say yes.
    Ask(u32),
    /// Never, whoever says yes.
    Refuse,
}

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it says.
    pub verdict: Verdict,
    /// Why, in plain words.
    pub text: String,
}

impl Finding {
    pub(crate) fn allow(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Allow, text: text.into() }
    }

    pub(crate) fn ask(count: u32, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ask(count), text: text.into() }
    }

    pub(crate) fn refuse(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Refuse, text: text.into() }
    }
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Case<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) facts: &'a Facts,
    pub(crate) action: &'a PlannedAction,
    /// The target and everything else it is known as.
    pub(crate) subjects: Vec<Subject>,
}

impl<'a> Case<'a> {
    pub(crate) fn new(policy: &'a Policy, facts: &'a Facts, action: &'a PlannedAction) -> Self {
        let observables = action.target.iter().chain(&facts.aliases);
        let subjects = observables.flat_map(Subject::all).collect();
        Self { policy, facts, action, subjects }
    }

    /// Whether it changes anything outside.
    pub(crate) fn is_act(&self) -> bool {
        self.action.effect != stanch_model::manifest::EffectClass::Read
    }
}
