//! Names that steps and expressions can use, made of names that anybody could have chosen.

use std::collections::BTreeSet;

/// Longest name, in characters.
const CHARS_MAX: usize = 64;

/// Words that an expression reads as something else.
const TAKEN: [&str; 24] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
    "has",
    "size",
    "matches",
];

/// Names that are given once each.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeSet<String>,
}

impl Names {
    /// A name like `wanted`: lower case letters, digits and `_`, beginning with a letter; with a
    /// number at its end if it was given before.
    pub(super) fn give(&mut self, wanted: &str, otherwise: &str) -> String {
        let base = name(wanted).or_else(|| name(otherwise)).unwrap_or_else(|| "x".to_owned());
        let mut given = base.clone();
        let mut number = 2_u32;
        while !self.given.insert(given.clone()) {
            let end = format!("_{number}");
            let start: String = base.chars().take(CHARS_MAX - end.len()).collect();
            given = start + &end;
            number += 1;
        }
        given
    }
}

/// `getHostByID` → `get_host_by_id`. None if nothing is left of it.
pub(super) fn name(wanted: &str) -> Option<String> {
    let mut name = String::new();
    let mut before = ' ';
    let mut chars = wanted.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(char::is_ascii_lowercase);
        let begins_word = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && next_is_lower));
        if (begins_word || !c.is_ascii_alphanumeric()) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    let name: String = name
        .trim_start_matches(|c: char| !c.is_ascii_lowercase())
        .chars()
        .take(CHARS_MAX)
        .collect();
    let name = name.trim_end_matches('_');
    match name {
        "" => None,
        taken if TAKEN.contains(&taken) => Some(format!("{taken}_")),
        name => Some(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_that_steps_can_hold() {
        for (wanted, expect) in [
            ("getHostByID", Some("get_host_by_id")),
            ("HTTPServer2Start", Some("http_server2_start")),
            ("list-users", Some("list_users")),
            ("X-Request-Id", Some("x_request_id")),
            ("2fa.enable", Some("fa_enable")),
            ("__init__", Some("init")),
            ("in", Some("in_")),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(name(wanted).as_deref(), expect, "{wanted}");
        }
        assert_eq!(name(&"a".repeat(100)).unwrap().len(), 64);
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        assert_eq!(names.give("getA", "x"), "get_a");
        assert_eq!(names.give("get_a", "x"), "get_a_2");
        assert_eq!(names.give("get-a-2", "x"), "get_a_2_2");
        assert_eq!(names.give("", "post /x/{id}"), "post_x_id");
        assert_eq!(names.give("?", "?"), "x");
        let long = "a".repeat(80);
        names.give(&long, "x");
        assert_eq!(names.give(&long, "x"), "a".repeat(62) + "_2");
    }
}
