//! What an expression refers to.

use serde_json::Value;

use crate::{
    scope::SEVERITY,
    syntax::tree::{Kind, Node},
};

/// A dotted path that begins at a variable: `steps.find.host_id`, `steps['find'].host_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `["steps", "find", "host_id"]`. It ends before an index that is no literal text.
    pub path: Vec<String>,
    /// Where it begins, in bytes of the text.
    pub offset: usize,
    /// How far it goes.
    pub length: usize,
}

pub(crate) fn of(tree: &Node) -> Vec<Reference> {
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

fn walk<'a>(node: &'a Node, locals: &mut Vec<&'a str>, found: &mut Vec<Reference>) {
    if let Some(path) = path(node) {
        let root = path.first().copied().unwrap_or_default();
        if root != SEVERITY && !locals.contains(&root) {
            found.push(Reference {
                path: path.into_iter().map(str::to_owned).collect(),
                offset: node.range.start,
                length: node.range.length(),
            });
        }
        return;
    }
    match &node.kind {
        Kind::Literal(_) | Kind::Name(_) => {}
        Kind::Select { of, .. } | Kind::Has { of, .. } | Kind::Unary(_, of) => {
            walk(of, locals, found);
        }
        Kind::Index { of, by } => {
            walk(of, locals, found);
            walk(by, locals, found);
        }
        Kind::List(elements) => elements.iter().for_each(|e| walk(e, locals, found)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                walk(key, locals, found);
                walk(value, locals, found);
            }
        }
        Kind::Binary(_, left, right) => {
            walk(left, locals, found);
            walk(right, locals, found);
        }
        Kind::Conditional(condition, then, otherwise) => {
            walk(condition, locals, found);
            walk(then, locals, found);
            walk(otherwise, locals, found);
        }
        Kind::Call { target, arguments, .. } => {
            target.iter().for_each(|t| walk(t, locals, found));
            arguments.iter().for_each(|a| walk(a, locals, found));
        }
        Kind::Loop(inner) => {
            walk(&inner.over, locals, found);
            locals.push(&inner.name);
            inner.condition.iter().for_each(|c| walk(c, locals, found));
            walk(&inner.body, locals, found);
            locals.pop();
        }
    }
}

/// The path that a node spells, if it is one from its root to its end.
fn path(node: &Node) -> Option<Vec<&str>> {
    match &node.kind {
        Kind::Name(name) => Some(vec![name]),
        Kind::Select { of, field, .. } | Kind::Has { of, field } => extended(of, field),
        Kind::Index { of, by } => match &by.kind {
            Kind::Literal(Value::String(field)) => extended(of, field),
            _ => None,
        },
        _ => None,
    }
}

fn extended<'a>(of: &'a Node, field: &'a str) -> Option<Vec<&'a str>> {
    let mut path = path(of)?;
    path.push(field);
    Some(path)
}
