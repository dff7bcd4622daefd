//! The check of one document, on the YAML tree, so that every finding has a place.
//!
//! rsigma reads a document leniently: it leaves out what it cannot parse, takes unknown keys for
//! attributes and defaults for missing parts. Whatever would make a rule run in another way than it is
//! written is found here first (Sigma Specification 2.1).

mod condition;
mod correlation;
mod detection;
mod filter;
mod keys;
pub(crate) mod place;

pub(crate) use keys::technique;
use marked_yaml::types::MarkedMappingNode;
use stanch_model::Diagnostic;

use crate::{codes, yaml};

/// What kind of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rule,
    Correlation,
    Filter,
}

/// Everything that is wrong with a document, and what kind it is if that can be said.
pub(crate) fn document(map: &MarkedMappingNode) -> (Option<Kind>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    if let Some(action) = map.get_node("action") {
        findings.push(codes::ACTION.at(yaml::span(action), "`action` is not read"));
        return (None, findings);
    }
    let kind = if map.get_node("correlation").is_some() {
        Kind::Correlation
    } else if map.get_node("filter").is_some() {
        Kind::Filter
    } else if map.get_node("detection").is_some() || map.get_node("logsource").is_some() {
        Kind::Rule
    } else {
        let span = yaml::map_span(map);
        let message = "neither `detection` nor `correlation` nor `filter` is there";
        findings.push(codes::NOT_A_RULE.at(span, message));
        return (None, findings);
    };
    keys::check(kind, map, &mut findings);
    match kind {
        Kind::Rule => detection::check(map, &mut findings),
        Kind::Correlation => correlation::check(map, &mut findings),
        Kind::Filter => filter::check(map, &mut findings),
    }
    (Some(kind), findings)
}
