//! Which acts an entry is about: `edr.isolate_host`, `edr.*`, `*`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One class, all of one kind of system, or all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassPattern(String);

/// A text that can be no class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no class: write a capability as in edr.isolate_host, edr.* for all of a kind, or *"
)]
pub struct ClassError(String);

impl ClassPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A text that no class could match, so that a limit for it would limit nothing.
    pub fn new(text: &str) -> Result<Self, ClassError> {
        let ok = text == "*"
            || text
                .split_once('.')
                .is_some_and(|(of, verb)| is_name(of) && (verb == "*" || is_name(verb)));
        ok.then(|| Self(text.to_owned())).ok_or_else(|| ClassError(text.to_owned()))
    }

    /// All acts.
    #[must_use]
    pub fn all() -> Self {
        Self("*".to_owned())
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `class` is meant. A class that is not known is meant by every pattern.
    #[must_use]
    pub fn matches(&self, class: &str) -> bool {
        match self.0.strip_suffix('*') {
            _ if class.is_empty() => true,
            Some(prefix) => class.starts_with(prefix),
            None => self.0 == class,
        }
    }

    /// Whether it means at least all that `other` means.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match self.0.strip_suffix('*') {
            Some(prefix) => other.0.starts_with(prefix),
            None => self == other,
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl fmt::Display for ClassPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ClassPattern {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClassPattern {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

/// Whether a class is among `patterns`; all are if there is none.
pub(crate) fn among(patterns: &[ClassPattern], class: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(class))
}

/// Whether `patterns` mean at least all that `others` mean.
pub(crate) fn cover(patterns: &[ClassPattern], others: &[ClassPattern]) -> bool {
    let covered = |other: &ClassPattern| patterns.iter().any(|pattern| pattern.covers(other));
    patterns.is_empty() || (!others.is_empty() && others.iter().all(covered))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> ClassPattern {
        ClassPattern::new(text).unwrap()
    }

    #[test]
    fn a_pattern_means_one_class_a_kind_or_all() {
        for (text, class, expect) in [
            ("edr.isolate_host", "edr.isolate_host", true),
            ("edr.isolate_host", "edr.isolate_hosts", false),
            ("edr.*", "edr.isolate_host", true),
            ("edr.*", "edrx.isolate_host", false),
            ("*", "nftables.block", true),
            ("edr.isolate_host", "", true),
        ] {
            assert_eq!(pattern(text).matches(class), expect, "{text} {class}");
        }
        for text in
            ["", "edr", "edr.", ".x", "edr.isolate-host", "*.x", "edr.is*", "Edr.x", "a.b.c"]
        {
            assert!(ClassPattern::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_covers_means_at_least_as_much() {
        for (wide, narrow, expect) in [
            ("*", "edr.*", true),
            ("edr.*", "edr.isolate_host", true),
            ("edr.*", "edr.*", true),
            ("edr.isolate_host", "edr.*", false),
            ("edr.*", "*", false),
        ] {
            assert_eq!(pattern(wide).covers(&pattern(narrow)), expect, "{wide} {narrow}");
        }
        assert!(cover(&[], &[pattern("*")]) && cover(&[], &[]), "no list means all");
        assert!(!cover(&[pattern("edr.*")], &[]), "and only no list means it");
    }
}
