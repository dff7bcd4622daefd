//! Which paths are surely there where a condition holds, or does not.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::syntax::tree::{Binary, Kind, Node, Unary};

/// A path from a variable on: `["alert", "fields", "hash"]`. An index that is no literal text stands
/// in brackets as it was written.
pub type Path = Vec<String>;

/// Paths that are surely there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence(BTreeSet<Path>);

impl Presence {
    /// Whether a path is among them.
    #[must_use]
    pub fn has(&self, path: &[String]) -> bool {
        self.0.contains(path)
    }

    /// Adds all of others.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Keeps what is in both.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// Forgets what begins with a path: a variable, or a property of one.
    pub fn forget(&mut self, path: &[&str]) {
        self.0.retain(|found| !path.iter().zip(found).all(|(a, b)| a == b));
    }

    /// Adds a path and what leads to it.
    pub(crate) fn add(&mut self, path: &[String]) {
        for length in 2..=path.len() {
            self.0.extend(path.get(..length).map(<[String]>::to_vec));
        }
    }
}

/// What is there if `node` is `truth`.
pub(crate) fn of(text: &str, node: &Node, truth: bool) -> Presence {
    let mut found = Presence::default();
    collect(text, node, truth, &mut found);
    found
}

fn collect(text: &str, node: &Node, truth: bool, found: &mut Presence) {
    match &node.kind {
        Kind::Has { of, field } if truth => {
            if let Some(mut path) = path(text, of) {
                path.push(field.clone());
                found.add(&path);
            }
        }
        Kind::Binary(Binary::In, element, container) if truth => {
            if let Some(mut path) = path(text, container) {
                path.push(segment(text, element));
                found.add(&path);
            }
        }
        Kind::Binary(sign @ (Binary::And | Binary::Or), left, right)
            if truth == (*sign == Binary::And) =>
        {
            collect(text, left, truth, found);
            collect(text, right, truth, found);
        }
        Kind::Unary(Unary::Not, inner) => collect(text, inner, !truth, found),
        _ => {}
    }
}

/// The path that a node spells.
pub(crate) fn path(text: &str, node: &Node) -> Option<Path> {
    let (of, last) = match &node.kind {
        Kind::Name(name) => return Some(vec![name.clone()]),
        Kind::Select { of, field, .. } => (of, field.clone()),
        Kind::Index { of, by } => (of, segment(text, by)),
        _ => return None,
    };
    let mut path = path(text, of)?;
    path.push(last);
    Some(path)
}

/// An index as a part of a path.
fn segment(text: &str, by: &Node) -> String {
    match &by.kind {
        Kind::Literal(Value::String(field)) => field.clone(),
        _ => format!("[{}]", text.get(by.range.start..by.range.end).unwrap_or_default()),
    }
}
