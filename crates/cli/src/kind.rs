//! What a file is, by its name and its top-level keys.

use std::{fs, path::Path};

use serde::Serialize;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Playbook,
    Manifest,
    Rule,
    RuleTest,
    PlaybookTest,
}

impl Kind {
    /// What a file at `path` with that text is. One that could be anything counts as a rule: of the three
    /// that is the kind which people write by the thousand.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        if stanch_detect::is_test_file(path) { Self::of_test(path, text) } else { by_keys(text) }
    }

    /// The kind of a test file: that of the file it stands beside, or else by its cases.
    fn of_test(path: &str, text: &str) -> Self {
        let beside = fs::read_to_string(subject(path)).ok();
        let is_playbooks = match beside {
            Some(subject) => by_keys(&subject) == Self::Playbook,
            None => text.lines().any(|line| line.trim_start().starts_with("expect:")),
        };
        if is_playbooks { Self::PlaybookTest } else { Self::RuleTest }
    }

    /// The code for a text of this kind that cannot be read at all.
    pub(crate) const fn unreadable(self) -> &'static str {
        match self {
            Self::Playbook => "PB0001",
            Self::Manifest => "CN0001",
            Self::Rule => "SG0001",
            Self::RuleTest | Self::PlaybookTest => "TS0101",
        }
    }
}

/// The file that a test file tests: `NAME.test.yaml` → `NAME.yaml`, else `NAME.yml`.
pub(crate) fn subject(test: &str) -> String {
    let stem = test.strip_suffix(".yaml").or_else(|| test.strip_suffix(".yml")).unwrap_or(test);
    let stem = stem.strip_suffix(".test").unwrap_or(stem);
    let (yaml, yml) = (format!("{stem}.yaml"), format!("{stem}.yml"));
    if !Path::new(&yaml).exists() && Path::new(&yml).exists() { yml } else { yaml }
}

fn by_keys(text: &str) -> Kind {
    let text = text.trim_start_matches('\u{feff}');
    let has = |key: &str| text.lines().any(|line| top_key(line) == Some(key));
    let any = |keys: &[&str]| keys.iter().any(|key| has(key));
    if any(&["detection", "correlation", "logsource", "filter"]) {
        Kind::Rule
    } else if any(&["playbook", "steps", "max_mode"]) {
        Kind::Playbook
    } else if any(&["connector", "actions", "transport"]) {
        Kind::Manifest
    } else {
        Kind::Rule
    }
}

/// The key that a line holds in the first column, in whatever quotes.
fn top_key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    let key = key.trim_start_matches('{').trim_end();
    let bare = key.trim_matches(['"', '\'']);
    let is_word = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    is_word.then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Kind) {
        assert_eq!(Kind::of("x.yaml", text), expect, "{text}");
    }

    #[test]
    fn a_file_is_what_its_keys_say() {
        check("# c\nplaybook: p\ntitle: t\nsteps: []\n", Kind::Playbook);
        check("playbok: p\ntitle: t\nsteps:\n  - end: succeeded\n", Kind::Playbook);
        check("\u{feff}\"playbook\": p\n", Kind::Playbook);
        check("connector: lab\ntitle: t\nactions: {}\n", Kind::Manifest);
        check("conector: lab\ntransport: http\n", Kind::Manifest);
        check("title: t\nlogsource:\n  product: windows\ndetection:\n  s: {}\n", Kind::Rule);
        check("title: t\nplaybook: https://wiki.example/7\ndetection: {}\n", Kind::Rule);
        check("detection:\n  steps:\n    a: b\n", Kind::Rule);
        check("nothing at all", Kind::Rule);
    }
}
