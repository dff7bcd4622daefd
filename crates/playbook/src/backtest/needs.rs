//! Which steps' results something in a playbook reads. What nothing reads rests on no answer.

use std::collections::BTreeSet;

use stanch_expression::{Reference, Template};

use crate::{
    ast::Arg,
    graph::{Graph, NodeKind, Pause},
};

/// The ids of the steps whose results something reads.
pub(super) fn of(graph: &Graph) -> BTreeSet<String> {
    let mut references = Vec::new();
    for node in &graph.nodes {
        own(&node.kind, &mut references);
    }
    graph.outputs.iter().for_each(|(_, arg)| in_arg(arg, &mut references));
    let mut found = BTreeSet::new();
    for reference in &references {
        match reference.path.as_slice() {
            [root, id, ..] if root == "steps" => drop(found.insert(id.clone())),
            // Which one is worked out: it may be any.
            [root] if root == "steps" => {
                found.extend(graph.nodes.iter().map(|node| node.id.clone()));
            }
            _ => {}
        }
    }
    // The results of a loop hold those of the steps inside; a loop may stand in a loop.
    for node in graph.nodes.iter() {
        if let NodeKind::ForEach { each, .. } = &node.kind
            && found.contains(&node.id)
        {
            let inside = each.inside.iter().filter_map(|index| graph.nodes.get(*index));
            found.extend(inside.map(|node| node.id.clone()));
        }
    }
    found
}

fn own(kind: &NodeKind, found: &mut Vec<Reference>) {
    match kind {
        NodeKind::Do { call, .. } => args(&call.with, found),
        NodeKind::Script { script, .. } => {
            args(&script.with, found);
            found.extend(script.target.iter().flat_map(|(_, target)| target.references()));
        }
        NodeKind::If { condition, .. } => found.extend(condition.references()),
        NodeKind::Switch { subject, .. } => found.extend(subject.references()),
        NodeKind::ForEach { each, .. } => found.extend(each.list.references()),
        NodeKind::While { repeat, .. } => found.extend(repeat.condition.references()),
        NodeKind::Call { call, .. } => args(&call.with, found),
        NodeKind::Wait { pause: Pause::Until(moment), .. } => found.extend(moment.references()),
        NodeKind::Ask { ask, .. } => found.extend(ask.text.references()),
        NodeKind::Set { values, .. } => args(values, found),
        NodeKind::End { note, .. } => {
            found.extend(note.iter().flat_map(Template::references));
        }
        NodeKind::Parallel { .. } | NodeKind::Try { .. } | NodeKind::Wait { .. } => {}
    }
}

fn args(with: &[(String, Arg)], found: &mut Vec<Reference>) {
    with.iter().for_each(|(_, arg)| in_arg(arg, found));
}

fn in_arg(arg: &Arg, found: &mut Vec<Reference>) {
    let mut templates = Vec::new();
    arg.templates(&mut templates);
    found.extend(templates.into_iter().flat_map(|template| template.value.references()));
}
