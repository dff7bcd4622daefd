//! The `correlation` section: type, rules, time span, condition, aliases.

use marked_yaml::{Node, types::MarkedMappingNode};
use rsigma_parser::{
    ConditionExpr, ConditionOperator, CorrelationType, Timespan, WindowMode, parse_condition,
};
use stanch_model::Diagnostic;

use super::condition;
use crate::{codes, nearest::nearest, yaml};

/// How much can be counted in one group; see `GROUP_ENTRIES_MAX` of the detector.
const COUNT_MAX: u64 = 10_000;

/// Keys of the section; `window` and `gap` are an extension that the evaluator obeys.
const KNOWN: [&str; 10] = [
    "type",
    "rules",
    "group-by",
    "timespan",
    "timeframe",
    "condition",
    "aliases",
    "generate",
    "window",
    "gap",
];

pub(super) fn check(map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let Some(node) = map.get_node("correlation") else { return };
    let Some(section) = node.as_mapping() else {
        findings.push(codes::SHAPE.at(yaml::span(node), "`correlation` must be a mapping"));
        return;
    };
    for key in section.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        let message = format!("`{}` is no key of a correlation", key.as_str());
        let span = yaml::scalar_span(key);
        findings.push(match nearest(key, KNOWN) {
            Some(meant) => {
                codes::UNKNOWN_KEY.helped(span, message, format!("did you mean `{meant}`?"))
            }
            None => codes::UNKNOWN_KEY.at(span, message),
        });
    }
    let kind = correlation_type(section, findings);
    let rules = texts(section, "rules", findings);
    if rules.is_empty() {
        let message = "the correlation lists no rules";
        let help = "add `rules:` with ids or names of rules";
        findings.push(codes::MISSING.helped(yaml::map_span(section), message, help));
    }
    texts(section, "group-by", findings);
    time_spans(section, findings);
    if let Some(kind) = kind {
        threshold(kind, section, &rules, findings);
    }
    aliases(section, &rules, findings);
    for holder in [map, section] {
        if let Some(node) = holder.get_node("generate")
            && node.as_scalar().is_none_or(|scalar| scalar.as_bool().is_none())
        {
            findings.push(codes::SHAPE.at(yaml::span(node), "`generate` must be true or false"));
        }
    }
}

fn correlation_type(
    section: &MarkedMappingNode,
    findings: &mut Vec<Diagnostic>,
) -> Option<CorrelationType> {
    let Some(node) = section.get_node("type") else {
        findings.push(codes::MISSING.at(yaml::map_span(section), "`type` is missing"));
        return None;
    };
    let kind = node.as_scalar().and_then(|scalar| scalar.parse().ok());
    if kind.is_none() {
        let written = node.as_scalar().map_or("this", |scalar| scalar.as_str());
        let message = format!("`{written}` is no type of correlation");
        findings.push(codes::CORRELATION_TYPE.at(yaml::span(node), message));
    }
    kind
}

/// A text or a list of texts.
fn texts<'a>(
    section: &'a MarkedMappingNode,
    key: &str,
    findings: &mut Vec<Diagnostic>,
) -> Vec<&'a str> {
    let nodes = match section.get_node(key) {
        Some(Node::Sequence(list)) => list.iter().collect(),
        Some(node) => vec![node],
        None => Vec::new(),
    };
    let mut texts = Vec::new();
    for node in nodes {
        match node.as_scalar().filter(|scalar| !scalar.trim().is_empty()) {
            Some(scalar) => texts.push(scalar.as_str()),
            None => {
                let message = format!("`{key}` takes a list of texts");
                findings.push(codes::SHAPE.at(yaml::span(node), message));
            }
        }
    }
    texts
}

fn time_spans(section: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let span = section.get_node("timespan").or_else(|| section.get_node("timeframe"));
    if span.is_none() {
        let help = "add `timespan:` such as `5m`";
        findings.push(codes::MISSING.helped(
            yaml::map_span(section),
            "`timespan` is missing",
            help,
        ));
    }
    for node in span.into_iter().chain(section.get_node("gap")) {
        let parsed = node.as_scalar().and_then(|scalar| Timespan::parse(scalar).ok());
        if parsed.is_none_or(|span| span.seconds == 0) {
            findings.push(codes::TIMESPAN.at(yaml::span(node), "this is no time span"));
        }
    }
    if let Some(node) = section.get_node("window")
        && node.as_scalar().is_none_or(|scalar| scalar.parse::<WindowMode>().is_err())
    {
        let help = "write sliding, tumbling or session";
        findings.push(codes::SHAPE.helped(yaml::span(node), "this is no kind of window", help));
    }
}

fn threshold(
    kind: CorrelationType,
    section: &MarkedMappingNode,
    rules: &[&str],
    findings: &mut Vec<Diagnostic>,
) {
    let is_temporal = matches!(kind, CorrelationType::Temporal | CorrelationType::TemporalOrdered);
    let needs_field = !is_temporal && kind != CorrelationType::EventCount;
    let counts = matches!(kind, CorrelationType::EventCount | CorrelationType::ValueCount);
    match section.get_node("condition") {
        None if is_temporal => {}
        None => {
            let message = "`condition` is missing";
            findings.push(codes::MISSING.helped(
                yaml::map_span(section),
                message,
                "add `condition:` such as `gte: 10`",
            ));
        }
        Some(Node::Mapping(map)) => {
            comparison(map, needs_field, if counts { COUNT_MAX } else { u64::MAX }, findings);
        }
        Some(Node::Scalar(scalar)) if is_temporal => match parse_condition(scalar) {
            Ok(expr) if names_only(&expr, rules) => {}
            Ok(_) => {
                let message = "the condition may only name rules that the correlation lists";
                findings.push(codes::THRESHOLD.at(yaml::scalar_span(scalar), message));
            }
            Err(err) => findings.push(condition::unreadable(&err, scalar)),
        },
        Some(node) => {
            findings.push(codes::THRESHOLD.at(yaml::span(node), "this is no comparison"));
        }
    }
}

fn comparison(
    map: &MarkedMappingNode,
    needs_field: bool,
    number_max: u64,
    findings: &mut Vec<Diagnostic>,
) {
    let mut compared = false;
    for (key, value) in map.iter() {
        if key.parse::<ConditionOperator>().is_ok() {
            compared = true;
            let number = value.as_scalar().and_then(|scalar| scalar.as_u64());
            if number.is_none_or(|number| number > number_max) {
                let message = if number.is_none() {
                    format!("`{}` takes a whole number", key.as_str())
                } else {
                    format!("more than {number_max} are not counted")
                };
                findings.push(codes::THRESHOLD.at(yaml::span(value), message));
            }
        } else if !matches!(key.as_str(), "field" | "percentile") {
            let message = format!("`{}` is no comparison", key.as_str());
            let help = "use lt, lte, gt, gte, eq or neq";
            findings.push(codes::THRESHOLD.helped(yaml::scalar_span(key), message, help));
        }
    }
    if !compared {
        findings.push(codes::THRESHOLD.at(yaml::map_span(map), "nothing is compared"));
    }
    if needs_field && map.get_node("field").is_none() {
        let help = "add `field:` with the field whose values count";
        findings.push(codes::THRESHOLD.helped(yaml::map_span(map), "`field` is missing", help));
    }
}

/// Whether an extended condition names only rules of the list; `of` is never obeyed there.
fn names_only(expr: &ConditionExpr, rules: &[&str]) -> bool {
    match expr {
        ConditionExpr::And(parts) | ConditionExpr::Or(parts) => {
            parts.iter().all(|part| names_only(part, rules))
        }
        ConditionExpr::Not(inner) => names_only(inner, rules),
        ConditionExpr::Identifier(name) => rules.contains(&name.as_str()),
        ConditionExpr::Selector { .. } => false,
    }
}

fn aliases(section: &MarkedMappingNode, rules: &[&str], findings: &mut Vec<Diagnostic>) {
    let Some(node) = section.get_node("aliases") else { return };
    let Some(aliases) = node.as_mapping() else {
        findings.push(codes::SHAPE.at(yaml::span(node), "`aliases` must be a mapping"));
        return;
    };
    for (alias, node) in aliases.iter() {
        let Some(fields) = node.as_mapping() else {
            let message = format!("alias `{}` must map rules to fields", alias.as_str());
            findings.push(codes::SHAPE.at(yaml::span(node), message));
            continue;
        };
        for key in fields.keys().filter(|key| !rules.contains(&key.as_str())) {
            let message = format!("the correlation does not list `{}`", key.as_str());
            findings.push(codes::ALIAS.at(yaml::scalar_span(key), message));
        }
    }
}
