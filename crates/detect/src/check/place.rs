//! The place of an error that the compiler of rsigma reports without one.
//!
//! Each field of the rule is compiled alone, then each of its values alone; the first that fails is the
//! culprit, and is looked up in the YAML tree.

use std::collections::BTreeMap;

use marked_yaml::{
    Node,
    types::{MarkedMappingNode, MarkedScalarNode},
};
use rsigma_eval::{EvalError, compiler::compile_detection};
use rsigma_parser::{Detection, DetectionItem, Detections, parse_field_spec};
use stanch_model::{Diagnostic, Span};

use crate::{codes, yaml};

/// The finding for an error of compiling the selections of `section`.
pub(crate) fn compile_error(
    error: &EvalError,
    detections: &Detections,
    section: &MarkedMappingNode,
) -> Diagnostic {
    let named: BTreeMap<&String, &Detection> = detections.named.iter().collect();
    for (name, detection) in named {
        if let Some((item, error)) = culprit(detection) {
            let node = section.get_node(name);
            let span = node.and_then(|node| find(node, &item));
            return finding(&error, span.unwrap_or_else(|| yaml::map_span(section)));
        }
    }
    finding(error, yaml::map_span(section))
}

fn finding(error: &EvalError, span: Span) -> Diagnostic {
    let code = match error {
        EvalError::InvalidRegex(_) => codes::REGEX,
        EvalError::InvalidModifiers(_) => codes::COMBINATION,
        EvalError::InvalidCidr(_)
        | EvalError::Base64(_)
        | EvalError::IncompatibleValue(_)
        | EvalError::ExpectedNumeric(_) => codes::VALUE,
        EvalError::UnknownDetection(_) => codes::UNDEFINED,
        EvalError::Parser(_)
        | EvalError::CorrelationError(_)
        | EvalError::UnknownRuleRef(_)
        | EvalError::CorrelationCycle(_)
        | EvalError::Ir(_)
        | EvalError::HirCache(_) => codes::REFUSED,
    };
    code.at(span, one_line(&error.to_string()))
}

/// An error text of several lines (regex errors draw a caret) in one.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "^");
    lines.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The first field, or field with one of its values, that does not compile.
fn culprit(detection: &Detection) -> Option<(DetectionItem, EvalError)> {
    match detection {
        Detection::AllOf(items) => items.iter().find_map(|item| {
            let error = compile(item).err()?;
            let alone = |value: &rsigma_parser::SigmaValue| {
                let item = DetectionItem { field: item.field.clone(), values: vec![value.clone()] };
                let error = compile(&item).err()?;
                Some((item, error))
            };
            Some(item.values.iter().find_map(alone).unwrap_or_else(|| (item.clone(), error)))
        }),
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().find_map(culprit),
        Detection::ArrayMatch { body, .. } => culprit(body),
        Detection::Conditional { named, .. } => {
            let named: BTreeMap<&String, &Detection> = named.iter().collect();
            named.into_values().find_map(culprit)
        }
        Detection::Keywords(_) => None,
    }
}

fn compile(item: &DetectionItem) -> Result<(), EvalError> {
    compile_detection(&Detection::AllOf(vec![item.clone()])).map(|_| ())
}

/// Where a field, and the one value it has left, stand below `node`.
fn find(node: &Node, item: &DetectionItem) -> Option<Span> {
    match node {
        Node::Scalar(_) => None,
        Node::Sequence(list) => list.iter().find_map(|node| find(node, item)),
        Node::Mapping(map) => map.iter().find_map(|(key, value)| {
            if parse_field_spec(key).is_ok_and(|field| field == item.field) {
                at_value(key, value, item)
            } else {
                find(value, item)
            }
        }),
    }
}

fn at_value(key: &MarkedScalarNode, value: &Node, item: &DetectionItem) -> Option<Span> {
    let [only] = item.values.as_slice() else { return Some(yaml::scalar_span(key)) };
    let written = match only {
        rsigma_parser::SigmaValue::String(text) => text.original.clone(),
        rsigma_parser::SigmaValue::Integer(number) => number.to_string(),
        rsigma_parser::SigmaValue::Float(number) => number.to_string(),
        rsigma_parser::SigmaValue::Bool(_) | rsigma_parser::SigmaValue::Null => {
            return Some(yaml::scalar_span(key));
        }
    };
    let nodes: Vec<&Node> = match value {
        Node::Sequence(list) => list.iter().collect(),
        Node::Scalar(_) | Node::Mapping(_) => vec![value],
    };
    let same = |node: &&Node| node.as_scalar().is_some_and(|scalar| scalar.as_str() == written);
    nodes.into_iter().find(same).map(yaml::span)
}
