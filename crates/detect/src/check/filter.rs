//! The `filter` section: the rules it is for, its selections and condition.

use marked_yaml::types::MarkedMappingNode;
use rsigma_parser::{ConditionExpr, parse_condition};
use stanch_model::Diagnostic;

use super::{condition, detection};
use crate::{codes, yaml};

/// Keys of the section that are no selections.
const NO_SELECTIONS: [&str; 2] = ["rules", "condition"];

pub(super) fn check(map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let Some(node) = map.get_node("filter") else { return };
    let Some(section) = node.as_mapping() else {
        findings.push(codes::SHAPE.at(yaml::span(node), "`filter` must be a mapping"));
        return;
    };
    if section.get_node("rules").is_none() {
        let help = "add `rules:` with ids of rules, or `any`";
        findings.push(codes::MISSING.helped(yaml::span(node), "`rules` is missing", help));
    }
    let names = detection::selections(section, &NO_SELECTIONS, findings);
    let Some(node) = section.get_node("condition") else {
        findings.push(codes::MISSING.at(yaml::map_span(section), "`condition` is missing"));
        return;
    };
    let Some(scalar) = node.as_scalar() else {
        findings.push(codes::SHAPE.at(yaml::span(node), "a filter has one condition, a text"));
        return;
    };
    if parse_condition(scalar).is_ok_and(|expr| has_selector(&expr)) {
        findings.push(codes::FILTER_OF.at(yaml::scalar_span(scalar), "`of` is not obeyed here"));
        return;
    }
    condition::check(node, section, &names, findings);
}

fn has_selector(expr: &ConditionExpr) -> bool {
    match expr {
        ConditionExpr::And(parts) | ConditionExpr::Or(parts) => parts.iter().any(has_selector),
        ConditionExpr::Not(inner) => has_selector(inner),
        ConditionExpr::Identifier(_) => false,
        ConditionExpr::Selector { .. } => true,
    }
}
