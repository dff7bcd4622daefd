//! Conditions: they can be read, and every name in them is a selection.

use std::collections::BTreeSet;

use marked_yaml::{
    Node,
    types::{MarkedMappingNode, MarkedScalarNode},
};
use rsigma_parser::{ConditionExpr, SelectorPattern, SigmaParserError, parse_condition};
use stanch_model::Diagnostic;

use crate::{codes, nearest::nearest, yaml};

/// Checks the `condition` of a detection against its selections.
pub(super) fn check(
    node: &Node,
    section: &MarkedMappingNode,
    names: &BTreeSet<&str>,
    findings: &mut Vec<Diagnostic>,
) {
    let mut used = BTreeSet::new();
    let mut is_readable = true;
    let conditions: Vec<&Node> = match node {
        Node::Sequence(list) => list.iter().collect(),
        Node::Scalar(_) | Node::Mapping(_) => vec![node],
    };
    for condition in conditions {
        let Some(scalar) = condition.as_scalar() else {
            findings.push(codes::SHAPE.at(yaml::span(condition), "a condition must be a text"));
            is_readable = false;
            continue;
        };
        match parse_condition(scalar) {
            Ok(expr) => uses(&expr, scalar, names, &mut used, findings),
            Err(err) => {
                findings.push(unreadable(&err, scalar));
                is_readable = false;
            }
        }
    }
    for name in names.difference(&used).filter(|_| is_readable) {
        let key = section.keys().find(|key| key.as_str() == *name);
        let span = key.map_or_else(|| yaml::span(node), yaml::scalar_span);
        findings.push(codes::UNUSED.at(span, format!("selection `{name}` is not used")));
    }
}

/// What a condition names goes into `used`; what is not there becomes a finding.
fn uses<'a>(
    expr: &ConditionExpr,
    scalar: &MarkedScalarNode,
    names: &BTreeSet<&'a str>,
    used: &mut BTreeSet<&'a str>,
    findings: &mut Vec<Diagnostic>,
) {
    match expr {
        ConditionExpr::And(parts) | ConditionExpr::Or(parts) => {
            parts.iter().for_each(|part| uses(part, scalar, names, used, findings));
        }
        ConditionExpr::Not(inner) => uses(inner, scalar, names, used, findings),
        ConditionExpr::Identifier(name) => match names.get(name.as_str()) {
            Some(name) => used.extend([*name]),
            None => findings.push(undefined(name, scalar, names)),
        },
        ConditionExpr::Selector { pattern, .. } => {
            let before = used.len();
            let matching = names.iter().filter(|name| pattern.matches_detection_name(name));
            let mut is_empty = true;
            used.extend(matching.inspect(|_| is_empty = false));
            if let SelectorPattern::Pattern(pattern) = pattern
                && is_empty
                && used.len() == before
            {
                findings.push(undefined(pattern, scalar, names));
            }
        }
    }
}

fn undefined(name: &str, scalar: &MarkedScalarNode, names: &BTreeSet<&str>) -> Diagnostic {
    let span = yaml::part_span(scalar, position(scalar, name), name);
    let message = format!("the condition names `{name}`, which is no selection of this rule");
    match nearest(name, names.iter().copied()) {
        Some(meant) => codes::UNDEFINED.helped(span, message, format!("did you mean `{meant}`?")),
        None => codes::UNDEFINED.at(span, message),
    }
}

/// Byte offset of a whole word in a condition.
fn position(text: &str, word: &str) -> usize {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '*');
    let whole = |at: &usize| {
        let before = text.get(..*at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        !is_part(before) && !is_part(after)
    };
    text.match_indices(word).map(|(at, _)| at).find(whole).unwrap_or_default()
}

/// A condition that cannot be parsed, in one line, at its place.
pub(super) fn unreadable(error: &SigmaParserError, scalar: &MarkedScalarNode) -> Diagnostic {
    let whole = yaml::scalar_span(scalar);
    if scalar.contains('|') {
        let at = scalar.find('|').unwrap_or_default();
        let message = "counting after `|` is Sigma 1 and is not obeyed";
        return codes::CONDITION.at(yaml::part_span(scalar, at, "|"), message);
    }
    let span = match error.location().filter(|place| place.line == 1) {
        Some(place) => {
            let skipped = usize::try_from(place.col).unwrap_or_default().saturating_sub(1);
            let offset = scalar.char_indices().nth(skipped).map_or(scalar.len(), |(at, _)| at);
            yaml::part_span(scalar, offset, "x")
        }
        None => whole,
    };
    codes::CONDITION.at(span, format!("the condition `{}` cannot be read", scalar.trim()))
}
