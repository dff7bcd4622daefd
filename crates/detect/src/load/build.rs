//! From files that hold to the set: references become ids, filters are applied, shelves are filled.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rsigma_eval::{CompiledRule, Engine};
use rsigma_parser::{
    ConditionExpr, ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType,
    FilterRule, FilterRuleTarget, Level,
};
use stanch_model::{Severity, alert::RuleKind};

use super::{
    file::{Body, File},
    link::depths,
};
use crate::{RuleInfo, RuleSet, check, route::Router};

/// Windows count in microseconds. The evaluator only compares times with spans, so the unit is ours; with
/// its seconds, two events of one second would have no order.
const MICROS_PER_SECOND: u64 = 1_000_000;

/// The longest span that is still far from overflow, in microseconds (290 years are 2^63).
const SPAN_MICROS_MAX: u64 = 1 << 60;

pub(super) fn build(files: Vec<File>) -> RuleSet {
    let depths = depths(&files);
    let ids = ids_by_reference(&files);
    let mut set = RuleSet::default();
    let mut rules: Vec<CompiledRule> = Vec::new();
    let mut filters: Vec<FilterRule> = Vec::new();
    for file in files {
        for item in file.items {
            let (kind, level, tags) = match &item.body {
                Body::Rule(rule) => (RuleKind::Sigma, rule.level, &rule.tags),
                Body::Correlation(rule) => (RuleKind::Correlation, rule.level, &rule.tags),
                Body::Filter(filter) => {
                    filters.push(FilterRule::clone(filter));
                    continue;
                }
            };
            let id = item.id.clone();
            set.by_id.insert(item.id.clone(), set.infos.len());
            set.infos.push(RuleInfo {
                level: severity(level),
                techniques: techniques(tags),
                kind,
                path: file.path.clone(),
                is_standalone: true,
                title: item.title,
                id: item.id,
            });
            match item.body {
                Body::Rule(rule) => rules.push(*rule),
                Body::Correlation(rule) => {
                    set.correlations
                        .push(resolved(CorrelationRule { id: Some(id), ..*rule }, &ids));
                }
                Body::Filter(_) => {}
            }
        }
    }
    let depth = |rule: &CorrelationRule| {
        rule.id.as_ref().and_then(|id| depths.get(id)).copied().unwrap_or_default()
    };
    set.correlations.sort_by_key(depth);
    set.max_window = max_window(&set.correlations);
    mark_bases(&mut set);
    set.correlations.iter_mut().for_each(in_micros);
    set.router = Router::build(filtered(rules, filters, &ids));
    set
}

/// Every id and name, to the id.
fn ids_by_reference(files: &[File]) -> BTreeMap<String, String> {
    let items = files.iter().flat_map(|file| &file.items);
    items
        .flat_map(|item| {
            let name = item.name.iter().map(|name| (name.clone(), item.id.clone()));
            name.chain([(item.id.clone(), item.id.clone())]).collect::<Vec<_>>()
        })
        .collect()
}

/// A rule without a level is of medium severity.
fn severity(level: Option<Level>) -> Severity {
    match level {
        Some(Level::Informational) => Severity::Info,
        Some(Level::Low) => Severity::Low,
        Some(Level::Medium) | None => Severity::Medium,
        Some(Level::High) => Severity::High,
        Some(Level::Critical) => Severity::Critical,
    }
}

fn techniques(tags: &[String]) -> Vec<String> {
    let unique: BTreeSet<String> = tags.iter().filter_map(|tag| check::technique(tag)).collect();
    unique.into_iter().collect()
}

/// A correlation that refers by ids alone, with the condition that the specification gives by default.
fn resolved(mut rule: CorrelationRule, ids: &BTreeMap<String, String>) -> CorrelationRule {
    let id = |key: &String| ids.get(key).unwrap_or(key).clone();
    rule.rules = rule.rules.iter().map(id).collect();
    for alias in &mut rule.aliases {
        alias.mapping =
            alias.mapping.iter().map(|(rule, field)| (id(rule), field.clone())).collect();
    }
    if let CorrelationCondition::Extended(expr) = &mut rule.condition {
        rename(expr, &id);
    }
    // "All events must occur": the evaluator's own default would be content with one of them.
    if rule.correlation_type == CorrelationType::Temporal
        && let CorrelationCondition::Threshold { predicates, .. } = &mut rule.condition
        && matches!(predicates.as_slice(), [(ConditionOperator::Gte, 1)])
    {
        let all = u64::try_from(rule.rules.len()).unwrap_or(u64::MAX);
        *predicates = vec![(ConditionOperator::Gte, all)];
    }
    rule
}

fn rename(expr: &mut ConditionExpr, id: &impl Fn(&String) -> String) {
    match expr {
        ConditionExpr::And(parts) | ConditionExpr::Or(parts) => {
            parts.iter_mut().for_each(|part| rename(part, id));
        }
        ConditionExpr::Not(inner) => rename(inner, id),
        ConditionExpr::Identifier(name) => *name = id(name),
        ConditionExpr::Selector { .. } => {}
    }
}

/// A correlation over a correlation looks back over both spans.
fn max_window(correlations: &[CorrelationRule]) -> Duration {
    let mut reach: BTreeMap<&str, Duration> = BTreeMap::new();
    let mut longest = Duration::ZERO;
    for rule in correlations {
        let below = rule.rules.iter().filter_map(|id| reach.get(id.as_str())).max().copied();
        let own = Duration::from_secs(rule.timespan.seconds);
        let total = own.saturating_add(below.unwrap_or_default());
        longest = longest.max(total);
        if let Some(id) = &rule.id {
            reach.insert(id, total);
        }
    }
    longest
}

/// Rules that only feed correlations are no detections by themselves.
fn mark_bases(set: &mut RuleSet) {
    let mut generated: BTreeSet<&String> = BTreeSet::new();
    for rule in &set.correlations {
        set.bases.extend(rule.rules.iter().cloned());
        if rule.generate {
            generated.extend(&rule.rules);
        }
    }
    for info in &mut set.infos {
        info.is_standalone = !set.bases.contains(&info.id) || generated.contains(&info.id);
    }
}

fn in_micros(rule: &mut CorrelationRule) {
    let spans = [Some(&mut rule.timespan), rule.gap.as_mut()];
    for span in spans.into_iter().flatten() {
        span.seconds = span.seconds.saturating_mul(MICROS_PER_SECOND).min(SPAN_MICROS_MAX);
    }
}

/// The rules with every filter joined to those it is for.
fn filtered(
    rules: Vec<CompiledRule>,
    filters: Vec<FilterRule>,
    ids: &BTreeMap<String, String>,
) -> Vec<CompiledRule> {
    if filters.is_empty() {
        return rules;
    }
    let mut engine = Engine::new();
    engine.extend_compiled_rules(rules);
    for mut filter in filters {
        if let FilterRuleTarget::Specific(targets) = &mut filter.rules {
            targets.iter_mut().for_each(|target| {
                if let Some(id) = ids.get(target) {
                    target.clone_from(id);
                }
            });
        }
        engine.apply_filter(&filter).expect("invariant: a loaded filter compiles");
    }
    engine.rules().to_vec()
}
