//! From YAML to cases: all findings in one go, each at its place.

use stanch_expression::suggest;
use stanch_model::{Diagnostic, Span, guard::Mode};

use super::{
    case::{Act, Answer, Case, Expect, STATES},
    codes, context,
    yaml::{self, Yaml},
};
use crate::ast::Spanned;

/// Reads a test file. Without an error among the findings the cases are all of those in the file; with
/// one they are those that could be read.
#[must_use]
pub fn parse(text: &str) -> (Vec<Case>, Vec<Diagnostic>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = match yaml::load(text) {
        Ok(tree) => tree,
        Err(finding) => return (Vec::new(), vec![*finding]),
    };
    let mut reader = Reader { findings: Vec::new() };
    let cases = reader.cases(&tree);
    let mut findings = reader.findings;
    findings.sort_by_key(|finding| finding.span);
    (cases, findings)
}

struct Reader {
    findings: Vec<Diagnostic>,
}

type Entries<'y> = &'y [(Spanned<String>, Yaml)];

fn get<'y>(entries: Entries<'y>, name: &str) -> Option<&'y Yaml> {
    entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
}

impl Reader {
    fn cases(&mut self, tree: &Yaml) -> Vec<Case> {
        let Some(items) = self.list(tree, "a test file", "begin each case with `- name: …`")
        else {
            return Vec::new();
        };
        if items.is_empty() {
            let help = "begin each case with `- name: …`";
            self.error(codes::WRONG_SHAPE, tree.span(), "the file has no case", help);
        }
        let mut cases: Vec<Case> = Vec::new();
        for item in items {
            let Some(case) = self.case(item) else { continue };
            if let Some(other) = cases.iter().find(|other| other.name == case.name) {
                let message = format!("another case is called `{}`", case.name);
                let help =
                    format!("choose another name; the first stands on line {}", other.span.line);
                self.error(codes::TAKEN_NAME, case.span, message, help);
            }
            cases.push(case);
        }
        cases
    }

    fn case(&mut self, yaml: &Yaml) -> Option<Case> {
        const KEYS: [&str; 7] =
            ["name", "alert", "incident", "mode", "answers", "approve", "expect"];
        let entries =
            self.map(yaml, "a case", "write `- name: …`, and what belongs to it below")?;
        self.unknown_keys(entries, "a case", &KEYS);
        let help = "add `name: …`, what the case shows";
        let name = self.required(entries, yaml.span(), "name", "the case", help);
        let name = name.and_then(|name| self.text(name, "`name`"));
        let help = "add `alert: { … }`, the part of the alert that matters";
        let alert = self.required(entries, yaml.span(), "alert", "the case", help);
        let alert = alert.map(|alert| context::alert(alert, &mut self.findings));
        let incident = context::incident(get(entries, "incident"), &mut self.findings);
        let modes = [("shadow", Mode::Shadow), ("assist", Mode::Assist), ("auto", Mode::Auto)];
        let mode = get(entries, "mode").and_then(|yaml| {
            Some(Spanned { value: self.word(yaml, "`mode`", &modes)?, span: yaml.span() })
        });
        let answers = get(entries, "answers").map(|a| self.answers(a)).unwrap_or_default();
        let approve = get(entries, "approve")
            .and_then(|yaml| self.word(yaml, "`approve`", &[("yes", true), ("no", false)]));
        let help = "add `expect: { actions: [ … ], state: … }`";
        let expect = self.required(entries, yaml.span(), "expect", "the case", help);
        let expect = expect.and_then(|expect| self.expect(expect));
        let name = name?;
        Some(Case {
            name: name.value,
            span: name.span,
            alert: alert?,
            incident,
            mode,
            answers,
            approve: approve.unwrap_or(true),
            expect: expect?,
        })
    }

    fn answers(&mut self, yaml: &Yaml) -> Vec<(Spanned<String>, Answer)> {
        let help = "write `name: { … }` for each action or `ask` that is answered";
        let entries = self.map(yaml, "`answers`", help).unwrap_or_default();
        let read = |(key, value): &(Spanned<String>, Yaml)| {
            let answer = match value {
                Yaml::Scalar { text, plain, .. } if !(*plain && text.is_empty()) => {
                    Answer::Word(text.clone())
                }
                Yaml::Map(error, _) if error.len() == 1 && get(error, "error").is_some() => {
                    let text = get(error, "error").and_then(|e| self.text(e, "`error`"))?;
                    Answer::Error(text.value)
                }
                Yaml::Map(..) => Answer::Output(value.json()),
                other => {
                    let message = format!("an answer is a mapping or a word, not {}", other.kind());
                    let help =
                        "write the action's output as a mapping, `{ error: … }`, or an option";
                    self.error(codes::WRONG_SHAPE, other.span(), message, help);
                    return None;
                }
            };
            Some((key.clone(), answer))
        };
        entries.iter().filter_map(read).collect()
    }

    fn expect(&mut self, yaml: &Yaml) -> Option<Expect> {
        let help = "write `{ actions: [ … ], state: … }`";
        let entries = self.map(yaml, "`expect`", help)?;
        self.unknown_keys(entries, "`expect`", &["actions", "reads", "state"]);
        let help = "add `actions: []` if nothing may be sent";
        let actions = self.required(entries, yaml.span(), "actions", "`expect`", help);
        let help = "write `[{ name: …, target: … }]`";
        let actions = actions.and_then(|actions| self.list(actions, "`actions`", help));
        let actions: Option<Vec<Act>> =
            actions.map(|actions| actions.iter().filter_map(|act| self.act(act)).collect());
        let reads = get(entries, "reads").and_then(|reads| {
            let reads = self.list(reads, "`reads`", "write `[intel.lookup, …]`")?;
            let name = |read| self.text(read, "a read").map(|name| name.value);
            Some(reads.iter().filter_map(name).collect())
        });
        let help = "add `state:` succeeded, failed, refused or not_started";
        let state = self.required(entries, yaml.span(), "state", "`expect`", help);
        let state = state.and_then(|state| self.word(state, "`state`", &STATES));
        Some(Expect { actions: actions?, reads, state: state? })
    }

    fn act(&mut self, yaml: &Yaml) -> Option<Act> {
        let entries = self.map(yaml, "an act", "write `{ name: …, target: … }`")?;
        self.unknown_keys(entries, "an act", &["name", "target"]);
        let help = "add `name:`, the name after `do:`";
        let name = self.required(entries, yaml.span(), "name", "the act", help)?;
        let name = self.text(name, "`name`")?.value;
        let target = get(entries, "target").and_then(|target| self.text(target, "`target`"));
        Some(Act { name, target: target.map(|target| target.value) })
    }

    fn error(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Diagnostic::error(code, span, message, help));
    }

    fn shape(&mut self, found: &Yaml, what: &str, wanted: &str, help: &str) {
        let message = format!("{what} is {wanted}, not {}", found.kind());
        self.error(codes::WRONG_SHAPE, found.span(), message, help);
    }

    fn map<'y>(&mut self, yaml: &'y Yaml, what: &str, help: &str) -> Option<Entries<'y>> {
        let Yaml::Map(entries, _) = yaml else {
            self.shape(yaml, what, "a mapping", help);
            return None;
        };
        Some(entries)
    }

    fn list<'y>(&mut self, yaml: &'y Yaml, what: &str, help: &str) -> Option<&'y [Yaml]> {
        let Yaml::List(items, _) = yaml else {
            self.shape(yaml, what, "a list", help);
            return None;
        };
        Some(items)
    }

    fn text(&mut self, yaml: &Yaml, what: &str) -> Option<Spanned<String>> {
        match yaml {
            Yaml::Scalar { text, span, .. } if !text.trim().is_empty() => {
                Some(Spanned { value: text.clone(), span: *span })
            }
            other => {
                self.shape(other, what, "a text", "write it out, in quotes if need be");
                None
            }
        }
    }

    fn word<T: Copy>(&mut self, yaml: &Yaml, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(yaml, what)?;
        let found = words.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let message = format!("{what} is never `{}`", text.value);
            let help = suggest::help(&text.value, words.iter().map(|(word, _)| *word));
            self.error(codes::UNKNOWN_WORD, text.span, message, help);
        }
        found.map(|(_, value)| *value)
    }

    fn required<'y>(
        &mut self,
        entries: Entries<'y>,
        span: Span,
        name: &str,
        what: &str,
        help: &str,
    ) -> Option<&'y Yaml> {
        let found = get(entries, name);
        if found.is_none() {
            self.error(codes::MISSING_KEY, span, format!("{what} has no `{name}`"), help);
        }
        found
    }

    fn unknown_keys(&mut self, entries: Entries<'_>, what: &str, known: &[&str]) {
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.value.as_str())) {
            let message = format!("{what} has no key `{}`", key.value);
            let help = suggest::help(&key.value, known.iter().copied());
            self.error(codes::UNKNOWN_KEY, key.span, message, help);
        }
    }
}
