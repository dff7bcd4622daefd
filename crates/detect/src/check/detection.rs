//! The `detection` section: selections, field names with modifiers, values.

use std::collections::BTreeSet;

use marked_yaml::{
    Node,
    types::{MarkedMappingNode, MarkedScalarNode},
};
use rsigma_parser::{Modifier, reference::MODIFIERS};
use stanch_model::Diagnostic;

use super::condition;
use crate::{codes, nearest::nearest, yaml};

/// Keys of the section that are no selections.
const NO_SELECTIONS: [&str; 2] = ["condition", "timeframe"];

pub(super) fn check(map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let Some(node) = map.get_node("detection") else { return };
    let Some(section) = node.as_mapping() else {
        findings.push(codes::SHAPE.at(yaml::span(node), "`detection` must be a mapping"));
        return;
    };
    if let Some(node) = section.get_node("timeframe") {
        findings.push(codes::TIMEFRAME.at(yaml::span(node), "`timeframe` is not obeyed here"));
    }
    let names = selections(section, &NO_SELECTIONS, findings);
    match section.get_node("condition") {
        Some(condition) => condition::check(condition, section, &names, findings),
        None => {
            let message = "`condition` is missing";
            findings.push(codes::MISSING.helped(
                yaml::span(node),
                message,
                "add `condition:` that names the selections",
            ));
        }
    }
}

/// Checks every selection of a section and returns their names.
pub(super) fn selections<'a>(
    section: &'a MarkedMappingNode,
    others: &[&str],
    findings: &mut Vec<Diagnostic>,
) -> BTreeSet<&'a str> {
    let own = section.iter().filter(|(key, _)| !others.contains(&key.as_str()));
    own.map(|(key, node)| {
        selection(node, findings);
        key.as_str()
    })
    .collect()
}

fn selection(node: &Node, findings: &mut Vec<Diagnostic>) {
    match node {
        Node::Scalar(keyword) if is_blank(keyword) => {
            findings.push(codes::EMPTY.at(yaml::scalar_span(keyword), "the selection is empty"));
        }
        Node::Scalar(_) => {}
        Node::Sequence(list) if list.is_empty() => {
            findings.push(codes::EMPTY.at(yaml::span(node), "the list is empty"));
        }
        Node::Sequence(list) => list.iter().for_each(|item| selection(item, findings)),
        Node::Mapping(map) if map.is_empty() => {
            findings.push(codes::EMPTY.at(yaml::span(node), "the selection is empty"));
        }
        Node::Mapping(map) => map.iter().for_each(|(key, value)| field(key, value, findings)),
    }
}

/// One `field|modifier: value`.
fn field(key: &MarkedScalarNode, value: &Node, findings: &mut Vec<Diagnostic>) {
    let mut modifiers = Vec::new();
    let mut offset = key.find('|').map_or(key.len(), |at| at + 1);
    for word in key.split('|').skip(1) {
        let span = yaml::part_span(key, offset, word);
        offset += word.len() + 1;
        match word.parse::<Modifier>() {
            Ok(modifier) => modifiers.push(modifier),
            Err(()) => findings.push(unknown_modifier(word, span)),
        }
    }
    let is_array = key.contains('[');
    match value {
        Node::Scalar(scalar) => value_fits(&modifiers, scalar, findings),
        Node::Sequence(list) if list.is_empty() => {
            findings.push(codes::EMPTY.at(yaml::span(value), "the list is empty"));
        }
        Node::Sequence(list) => {
            for item in list.iter() {
                match item {
                    Node::Scalar(scalar) => value_fits(&modifiers, scalar, findings),
                    Node::Mapping(_) | Node::Sequence(_) => findings.push(no_value(item)),
                }
            }
        }
        // Array matching (Sigma 3): the block is a selection of its own.
        Node::Mapping(_) if is_array => {}
        Node::Mapping(_) => findings.push(no_value(value)),
    }
}

fn no_value(node: &Node) -> Diagnostic {
    codes::SHAPE.at(yaml::span(node), "a field takes a value or a list of values")
}

fn unknown_modifier(word: &str, span: stanch_model::Span) -> Diagnostic {
    let message = format!("unknown modifier `{word}`");
    if word == "not" {
        return codes::MODIFIER.helped(span, message, "negate in the condition: `not selection`");
    }
    match nearest(word, MODIFIERS.iter().map(|(name, _)| *name)) {
        Some(meant) => codes::MODIFIER.helped(span, message, format!("did you mean `{meant}`?")),
        None => codes::MODIFIER.at(span, message),
    }
}

/// What the evaluator would take in another sense: `|expand` with `%name%`, whose values nobody gives to
/// Stanch (it would look for a field of that name), and `|exists` with anything but true and false.
fn value_fits(modifiers: &[Modifier], value: &MarkedScalarNode, findings: &mut Vec<Diagnostic>) {
    let span = yaml::scalar_span(value);
    if modifiers.contains(&Modifier::Exists) && !matches!(value.as_str(), "true" | "false") {
        findings.push(codes::VALUE.helped(
            span,
            "`exists` takes true or false",
            "write true or false",
        ));
    }
    if modifiers.contains(&Modifier::Expand) && value.matches('%').count() >= 2 {
        let message = format!("the placeholder `{}` has no values here", value.as_str());
        findings.push(codes::PLACEHOLDER.at(span, message));
    }
}

fn is_blank(scalar: &MarkedScalarNode) -> bool {
    scalar.may_coerce() && matches!(scalar.as_str(), "" | "~" | "null")
}
