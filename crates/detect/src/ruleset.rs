//! A loaded rule set: what the rules are, and everything a detector needs of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use rsigma_parser::CorrelationRule;
use serde::Serialize;
use stanch_model::{Event, Severity, alert::RuleKind};

use crate::{
    fields::Fields,
    route::{self, Router},
};

/// One loaded rule, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How bad a match is; `medium` where the rule does not say.
    pub level: Severity,
    /// ATT&CK technique ids of its tags, `T1059.001`, sorted.
    pub techniques: Vec<String>,
    /// Rule or correlation.
    pub kind: RuleKind,
    /// The file it was loaded from.
    pub path: String,
    /// Whether a match is a detection by itself. A rule that only feeds correlations is not: every
    /// correlation over it leaves `generate` false, which is Sigma's default.
    pub is_standalone: bool,
}

/// All rules that were loaded.
#[derive(Default)]
pub struct RuleSet {
    pub(crate) infos: Vec<RuleInfo>,
    pub(crate) by_id: BTreeMap<String, usize>,
    pub(crate) router: Router,
    /// Correlations, their references resolved to ids, the referred before the referring.
    pub(crate) correlations: Vec<CorrelationRule>,
    /// Ids of the rules that some correlation counts.
    pub(crate) bases: BTreeSet<String>,
    pub(crate) max_window: Duration,
}

impl RuleSet {
    /// What is loaded, in the order of the files.
    #[must_use]
    pub fn rules(&self) -> &[RuleInfo] {
        &self.infos
    }

    /// The rule of this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.infos.get(*self.by_id.get(id)?)
    }

    /// The longest time span over which any correlation looks back; zero without correlations.
    /// Events younger than this rebuild a detector's windows after a restart.
    #[must_use]
    pub const fn max_window(&self) -> Duration {
        self.max_window
    }

    /// Ids of the rules (no correlations) that match, sorted: every rule asked one by one, without
    /// index and shelves. Slow; what [`Detector`](crate::Detector) finds is compared with it.
    #[must_use]
    pub fn evaluate_plain(&self, event: &Event) -> Vec<String> {
        let fields = Fields::of(event);
        let applicable =
            |rule: &&rsigma_eval::CompiledRule| route::applies(&rule.logsource, &event.log_source);
        let mut ids: Vec<String> = self
            .router
            .rules()
            .filter(applicable)
            .filter_map(|rule| rsigma_eval::evaluate_rule(rule, &fields)?.header.rule_id)
            .collect();
        ids.sort();
        ids
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleSet").field("rules", &self.infos.len()).finish_non_exhaustive()
    }
}
