//! The one layout of a playbook: keys in the order of the language, two spaces a level, and every comment
//! where it was.
//!
//! [`comments`] finds the comments and what each belongs to, [`lines`] writes the tree again. Values keep the
//! style in which they were written; a mapping or list in brackets stays on one line if it fits, else it
//! becomes lines. What comes out is read again, and given back only if it says the same in every place and has
//! the same comments: a layout that changes a playbook is no layout.

mod comments;
mod lines;

use stanch_yaml::Yaml;

use crate::{ast::Playbook, language, parse};

/// A playbook that is not laid out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("the playbook cannot be read; `stanch check` says why")]
    Unreadable,
    /// What came out would not say the same.
    #[error("the playbook would not stay the same: {0}; it is left as it is")]
    Changed(&'static str),
}

/// The playbook in its one layout.
///
/// # Errors
/// Playbooks that cannot be read, and those that would not stay the same.
pub fn format(text: &str) -> Result<String, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unix = text.replace("\r\n", "\n");
    let (before, tree) = read(&unix).ok_or(Error::Unreadable)?;
    let formatted = lines::write(&unix, &tree);
    let (after, new_tree) =
        read(&formatted).ok_or(Error::Changed("it could not be read any more"))?;
    if !same(&tree, &new_tree, Some(&language::Shape::Object(&language::PLAYBOOK))) {
        return Err(Error::Changed("a value would be another"));
    }
    if meaning(&before) != meaning(&after) {
        return Err(Error::Changed("it would mean something else"));
    }
    if comments::texts(&unix, &tree) != comments::texts(&formatted, &new_tree) {
        return Err(Error::Changed("a comment would be lost"));
    }
    Ok(formatted)
}

fn read(text: &str) -> Option<(Playbook, Yaml)> {
    let (playbook, _) = parse::parse(text);
    let tree = parse::tree(text, &mut Vec::new())?;
    Some((playbook?, tree))
}

/// The playbook without its text and without any place.
fn meaning(playbook: &Playbook) -> String {
    let bare = Playbook { text: String::new(), digest: String::new(), ..playbook.clone() };
    let written = format!("{bare:?}");
    let mut kept = String::with_capacity(written.len());
    let mut rest = written.as_str();
    while let Some((before, after)) = rest.split_once("Span { ") {
        kept.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// Whether two trees hold the same; in known mappings the order of keys does not matter.
fn same(one: &Yaml, other: &Yaml, shape: Option<&language::Shape>) -> bool {
    match (one, other) {
        (Yaml::Scalar(a), Yaml::Scalar(b)) => a.text == b.text && a.plain == b.plain,
        (Yaml::List(a, _), Yaml::List(b, _)) => {
            let item = shape.and_then(lines::item_shape);
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, item.as_ref()))
        }
        (Yaml::Map(a, _), Yaml::Map(b, _)) => {
            let order = lines::Order::of(one, shape);
            let (a, b) = (order.sorted(a), order.sorted(b));
            a.len() == b.len()
                && a.iter().zip(&b).all(|((key, a), (other, b))| {
                    key.name == other.name && same(a, b, order.shape(&key.name))
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
