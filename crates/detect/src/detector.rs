//! The detector: events in, detections out; correlation windows are the only state.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use rsigma_eval::{
    CorrelationAction, CorrelationConfig, CorrelationEngine, CorrelationEventMode,
    EvaluationResult, FieldMatch,
};
use serde::Serialize;
use serde_json::Value;
use stanch_model::{
    Event, EventId, Severity, Time,
    alert::{EVENTS_MAX, RuleKind, RuleRef},
};

use crate::{RuleInfo, RuleSet, fields::Fields};

/// Groups (an address, a user) that all correlations together remember; beyond it the stalest are forgotten.
const GROUPS_MAX: usize = 100_000;

/// Entries that one group remembers; beyond it the oldest are forgotten. A rule that would count further is
/// refused (`COUNT_MAX` of the check).
const GROUP_ENTRIES_MAX: usize = 10_000;

/// How far ahead of its receipt an event may claim to have happened; a clock of a host that is further
/// ahead (or a forged time) counts as the time of receipt, and empties no window.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(300);

/// A rule that matched, or a correlation whose condition was met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detection {
    /// The rule.
    pub rule: RuleRef,
    /// How bad.
    pub severity: Severity,
    /// ATT&CK technique ids, `T1071.001`.
    pub techniques: Vec<String>,
    /// The fields that matched, with the values they had in the event, sorted by name.
    pub matched_fields: Vec<(String, Value)>,
    /// For correlations: the `group-by` fields and their values.
    pub group: Vec<(String, String)>,
    /// How many events stand behind it: 1 for a rule; what was counted, for a correlation. A correlation
    /// starts to count from zero when it has fired, so the counts of several detections add up.
    pub count: u64,
    /// The events behind it, the latest [`EVENTS_MAX`], the newest last.
    pub events: Vec<EventId>,
}

/// Runs events through a rule set.
///
/// Feed it in the order of the intake log. Time is [`Event::occurred_at`], in microseconds. An event that
/// comes late is counted together with what its group's window holds by then, also with later events.
pub struct Detector {
    rules: Arc<RuleSet>,
    windows: CorrelationEngine,
}

impl Detector {
    /// With empty windows.
    ///
    /// # Panics
    /// Never: correlations of a loaded set compile.
    #[must_use]
    pub fn new(rules: Arc<RuleSet>) -> Self {
        let mut windows = CorrelationEngine::new(CorrelationConfig {
            max_state_entries: GROUPS_MAX,
            max_group_entries: Some(GROUP_ENTRIES_MAX),
            action_on_match: CorrelationAction::Reset,
            correlation_event_mode: CorrelationEventMode::Refs,
            max_correlation_events: EVENTS_MAX,
            ..CorrelationConfig::default()
        });
        for correlation in &rules.correlations {
            windows.add_correlation(correlation).expect("invariant: a loaded correlation compiles");
        }
        Self { rules, windows }
    }

    /// The rule set it runs.
    #[must_use]
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// What the rules find in `event`, sorted by rule id. Alerts of products are not among it:
    /// see [`product_detection`](crate::product_detection).
    #[must_use]
    pub fn process(&mut self, event: &Event) -> Vec<Detection> {
        let fields = Fields::of(event);
        let hits = self.evaluate(event, &fields);
        if hits.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Detection> =
            hits.iter().filter_map(|hit| self.of_rule(event, hit)).collect();
        let bases: Vec<EvaluationResult> =
            hits.into_iter().filter(|hit| self.is_base(hit)).collect();
        for fired in self.correlate(event, &fields, bases.clone()) {
            found.extend(self.of_correlation(event, &fired, &bases));
        }
        found.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
        found
    }

    /// Feeds the windows and says nothing: after a restart, with the events of the last
    /// [`RuleSet::max_window`] in their order.
    pub fn warm(&mut self, event: &Event) {
        if self.rules.correlations.is_empty() {
            return;
        }
        let fields = Fields::of(event);
        let mut hits = self.evaluate(event, &fields);
        hits.retain(|hit| self.is_base(hit));
        self.correlate(event, &fields, hits);
    }

    fn evaluate(&self, event: &Event, fields: &Fields<'_>) -> Vec<EvaluationResult> {
        let shelves = self.rules.router.shelves(&event.log_source);
        shelves.flat_map(|shelf| shelf.evaluate(fields)).collect()
    }

    /// Correlations that fired on these matches of base rules.
    fn correlate(
        &mut self,
        event: &Event,
        fields: &Fields<'_>,
        bases: Vec<EvaluationResult>,
    ) -> Vec<EvaluationResult> {
        if bases.is_empty() {
            return Vec::new();
        }
        let mut results = self.windows.process_with_detections(fields, bases, window_time(event));
        results.retain(EvaluationResult::is_correlation);
        results
    }

    fn is_base(&self, hit: &EvaluationResult) -> bool {
        hit.header.rule_id.as_ref().is_some_and(|id| self.rules.bases.contains(id))
    }

    fn info(&self, hit: &EvaluationResult) -> Option<&RuleInfo> {
        self.rules.rule(hit.header.rule_id.as_deref()?)
    }

    fn of_rule(&self, event: &Event, hit: &EvaluationResult) -> Option<Detection> {
        let info = self.info(hit).filter(|info| info.is_standalone)?;
        let matched_fields = matched(hit.as_detection().map(|d| d.matched_fields.as_slice()));
        let events = vec![event.id];
        Some(Detection { matched_fields, events, ..detection(info, RuleKind::Sigma) })
    }

    fn of_correlation(
        &self,
        event: &Event,
        fired: &EvaluationResult,
        bases: &[EvaluationResult],
    ) -> Option<Detection> {
        let body = fired.as_correlation()?;
        let refs = body.event_refs.iter().flatten();
        let mut events: Vec<EventId> =
            refs.filter_map(|event| event.id.as_deref()?.parse().ok()).collect();
        if events.is_empty() {
            events.push(event.id);
        }
        let fields = bases.iter().filter_map(EvaluationResult::as_detection);
        let fields: Vec<FieldMatch> = fields.flat_map(|d| d.matched_fields.clone()).collect();
        let info = self.info(fired).filter(|info| info.is_standalone)?;
        Some(Detection {
            matched_fields: matched(Some(&fields)),
            group: body.group_key.clone(),
            count: whole(body.aggregated_value),
            events,
            ..detection(info, RuleKind::Correlation)
        })
    }
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector")
            .field("rules", &self.rules)
            .field("groups", &self.windows.state_count())
            .finish_non_exhaustive()
    }
}

fn detection(info: &RuleInfo, kind: RuleKind) -> Detection {
    Detection {
        rule: RuleRef { id: info.id.clone(), title: info.title.clone(), kind },
        severity: info.level,
        techniques: info.techniques.clone(),
        matched_fields: Vec::new(),
        group: Vec::new(),
        count: 1,
        events: Vec::new(),
    }
}

/// The fields that matched, without doubles and without those that matched by being absent.
fn matched(fields: Option<&[FieldMatch]>) -> Vec<(String, Value)> {
    let present = fields.into_iter().flatten().filter(|field| !field.value.is_null());
    let sorted: BTreeSet<(String, String)> =
        present.map(|field| (field.field.clone(), field.value.to_string())).collect();
    let value = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    sorted.into_iter().map(|(name, text)| (name, value(text))).collect()
}

/// The time at which windows count an event, in microseconds.
fn window_time(event: &Event) -> i64 {
    let received = event.received_at;
    let latest =
        if received > Time::default() { received.plus(CLOCK_SKEW_MAX) } else { event.occurred_at };
    event.occurred_at.min(latest).micros()
}

/// What was counted; sums and averages are rounded down, and never below zero.
fn whole(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and NaN becomes 0"
    )]
    let whole = value as u64;
    whole
}
