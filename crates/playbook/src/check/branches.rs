//! Ways that part: `if`, `switch`, `parallel` and `try`.

use std::collections::BTreeMap;

use serde_json::Value;
use stanch_expression::{Type, suggest};
use stanch_model::{Severity, Span};

use super::{codes, flow::Checker, ids, known::Known, schemas, visit};
use crate::ast::{Case, If, Parallel, Step, StepKind, Switch, Try, Until, Wait};

impl<'a> Checker<'a> {
    pub(super) fn branch(&mut self, branch: &'a If, known: &mut Known, id: Option<&str>) -> bool {
        let env = self.env(known);
        self.condition(&branch.condition, &env, Some((known, id)), "`if`");
        let way = |truth| {
            let mut way = known.clone();
            way.present.extend(&branch.condition.value.presence(truth));
            way
        };
        let (then, otherwise) = (way(true), way(false));
        let ways = [self.sequence(&branch.then, then), self.sequence(&branch.otherwise, otherwise)];
        Self::meet(ways, known)
    }

    /// After ways of which one is taken; says whether the run ends in each.
    fn meet(ways: impl IntoIterator<Item = Option<Known>>, known: &mut Known) -> bool {
        match Known::any_of(ways) {
            Some(met) => {
                *known = met;
                false
            }
            None => true,
        }
    }

    pub(super) fn switch(
        &mut self,
        switch: &'a Switch,
        known: &mut Known,
        id: Option<&str>,
    ) -> bool {
        let env = self.env(known);
        let subject = self.worked(&switch.subject, &env, Some((known, id)));
        let mut seen: Vec<(&Value, Span)> = Vec::new();
        for case in &switch.cases {
            for value in &case.values {
                if let Some((_, first)) = seen.iter().find(|(v, _)| same(v, &value.value)) {
                    let message = format!(
                        "`{}` has a case before, on line {}",
                        plain(&value.value),
                        first.line
                    );
                    self.remove_value(
                        codes::TAKEN_CASE,
                        case,
                        value.span,
                        message,
                        "remove one of both",
                    );
                } else if let Some(subject) = &subject {
                    self.case_value(subject, case, &value.value, value.span);
                }
                seen.push((&value.value, value.span));
            }
        }
        let values: Vec<&Value> = seen.iter().map(|(value, _)| *value).collect();
        self.coverage(switch, subject.as_ref(), &values);
        let mut ways: Vec<Option<Known>> = Vec::new();
        for case in &switch.cases {
            ways.push(self.sequence(&case.then, known.clone()));
        }
        match &switch.otherwise {
            Some(steps) => ways.push(self.sequence(steps, known.clone())),
            None if is_covered(subject.as_ref(), &values) => {}
            None => ways.push(Some(known.clone())),
        }
        Self::meet(ways, known)
    }

    /// A constant that never equals what is compared.
    fn case_value(&mut self, subject: &Type, case: &Case, value: &Value, span: Span) {
        let of = Type::from_schema(&serde_json::json!({ "const": value }));
        if subject.accepts(&of) || value.is_null() {
            return;
        }
        let shown = plain(value);
        let message = format!("the value is never `{shown}`: it is {}", article(subject));
        let severity = value.as_str().and_then(|word| word.parse::<Severity>().ok());
        let (help, instead) = match (subject, severity) {
            (subject, Some(severity)) if subject.is_number() => {
                let number = severity.number().to_string();
                (format!("severities are numbers: write `{number}`"), Some(number))
            }
            (Type::Choice(texts), _) => {
                let texts = || texts.iter().map(String::as_str);
                (
                    suggest::help(&shown, texts()),
                    suggest::nearest(&shown, texts()).map(str::to_owned),
                )
            }
            (subject, _) if subject.is_string() => {
                ("put it in quotes".to_owned(), Some(format!("\"{shown}\"")))
            }
            (subject, _) if subject.is_number() && shown.parse::<f64>().is_ok() => {
                ("remove the quotes".to_owned(), Some(shown.clone()))
            }
            _ => ("remove it".to_owned(), None),
        };
        match instead {
            Some(instead) => {
                self.error_with(codes::NEVER_CASE, span, message, help, |e| {
                    e.rewrite(span, instead)
                });
            }
            None => self.remove_value(codes::NEVER_CASE, case, span, message, &help),
        }
    }

    /// A finding about a constant that is mended by leaving it out, or its case if it is the only one.
    fn remove_value(&mut self, code: &str, case: &Case, span: Span, message: String, help: &str) {
        let only = case.values.len() == 1;
        self.error_with(code, span, message, help, |edit| {
            if only { edit.remove_item(case.span) } else { edit.remove_item(span) }
        });
    }

    /// Whether there is a way for every value.
    fn coverage(&mut self, switch: &Switch, subject: Option<&Type>, values: &[&Value]) {
        let covered = is_covered(subject, values);
        let here = self.here;
        match &switch.otherwise {
            None if !covered => {
                let left = missing(subject, values);
                let message = match left.as_slice() {
                    [] => "no case is for other values, and there is no `else`".to_owned(),
                    left => format!("no case is for {}, and there is no `else`", left.join(", ")),
                };
                let help = "add `else:` with what is done then";
                self.error_with(codes::NOT_COVERED, switch.subject.span, message, help, |edit| {
                    edit.add_key(here, "else", "[{ end: failed }]")
                });
            }
            Some(otherwise) if covered => {
                let place = otherwise.first().map_or(here, |step| step.span);
                let message = "`else` is never reached: the cases cover every value";
                self.warn_with(codes::NEVER_CASE, place, message, "remove `else`", |edit| {
                    let (key, _) = edit.entry_of(here, "else")?;
                    edit.remove_key(key)
                });
            }
            _ => {}
        }
    }

    /// No branch sees what another does; after all of them everything is known.
    pub(super) fn parallel(&mut self, parallel: &'a Parallel, known: &mut Known) -> bool {
        self.race(parallel);
        self.set_beside(&parallel.branches);
        let before = known.clone();
        let mark = self.sets.len();
        let mut ended = false;
        for branch in &parallel.branches {
            let mut after = before.clone();
            ended |= self.step(branch, &mut after);
            if parallel.until == Until::All {
                known.add(after);
            }
        }
        if parallel.until == Until::Any {
            let sets = self.sets.get(mark..).unwrap_or_default().to_vec();
            known.maybe_set(&sets);
            known.doubt(ids::outside_ids(&parallel.branches));
            // Another branch may be the first.
            ended = parallel.branches.iter().all(|branch| matches!(branch.kind, StepKind::End(_)));
        }
        ended
    }

    /// Whether the first of several branches is worth waiting for.
    fn race(&mut self, parallel: &Parallel) {
        if parallel.until == Until::All {
            return;
        }
        let at_once = |step: &&Step| matches!(step.kind, StepKind::Set(_) | StepKind::End(_));
        if let Some(branch) = parallel.branches.iter().find(at_once) {
            let message =
                format!("a `{}` is done at once, so no other branch ever wins", branch.kind.word());
            let help = "move it before or after, or write `until: all`";
            let here = self.here;
            self.error_with(codes::NO_RACE, branch.span, message, help, |edit| {
                let (_, until) = edit.entry_of(here, "until")?;
                edit.rewrite(until, "all")
            });
            return;
        }
        let waits = |step: &Step| matches!(step.kind, StepKind::Wait(Wait::For(_)));
        if parallel.branches.iter().all(waits) {
            let message = "every branch is a `wait`: the shortest always wins";
            let help = "write the shortest `wait` alone, or `until: all`";
            let here = self.here;
            self.error_with(codes::NO_RACE, here, message, help, |edit| {
                let (_, until) = edit.entry_of(here, "until")?;
                edit.rewrite(until, "all")
            });
        }
    }

    /// Variables that one branch sets and another sets or reads.
    fn set_beside(&mut self, branches: &'a [Step]) {
        let mut set: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
        for (number, branch) in branches.iter().enumerate() {
            for name in visit::sets(std::slice::from_ref(branch)) {
                let first = set.entry(&name.value).or_insert((number, name.span));
                if first.0 == number {
                    continue;
                }
                let line = first.1.line;
                let message = format!(
                    "`vars.{}` is set in another branch too, on line {line}: only one of both counts",
                    name.value
                );
                let help = "give each branch a variable of its own";
                let (span, other) =
                    (name.span, format!("{}_{}", name.value, number.saturating_add(1)));
                self.error_with(codes::SET_TWICE, span, message, help, |e| {
                    e.rename_key(span, &other)
                });
            }
        }
        for (number, branch) in branches.iter().enumerate() {
            let own: Vec<&str> = visit::sets(std::slice::from_ref(branch))
                .into_iter()
                .map(|name| name.value.as_str())
                .collect();
            for worked in ids::all(std::slice::from_ref(branch)).into_iter().flat_map(visit::own) {
                for reference in worked.references() {
                    let [root, name, ..] = reference.path.as_slice() else { continue };
                    let Some((other, span)) = set.get(name.as_str()) else { continue };
                    if root != "vars" || *other == number || own.contains(&name.as_str()) {
                        continue;
                    }
                    let place = self.source.part(
                        worked.span(),
                        worked.text(),
                        reference.offset,
                        reference.length,
                    );
                    let message = format!(
                        "`vars.{name}` is set in another branch, on line {}: this one sees what it was before",
                        span.line
                    );
                    let help = "read it after the `parallel`, or set it before";
                    self.warn_with(codes::SET_TWICE, place, message, help, |_| None);
                }
            }
        }
    }

    /// The handler sees what the body did until it failed.
    pub(super) fn attempt(&mut self, attempt: &'a Try, known: &mut Known) -> bool {
        let mark = self.sets.len();
        let done = self.sequence(&attempt.steps, known.clone());
        let sets = self.sets.get(mark..).unwrap_or_default().to_vec();
        let mut failed = known.clone();
        failed.maybe_set(&sets);
        failed.doubt(ids::outside_ids(&attempt.steps));
        failed.names.insert("error".to_owned(), schemas::error_type());
        let mut handled = self.sequence(&attempt.on_error, failed);
        if let Some(handled) = &mut handled {
            match known.names.get("error") {
                Some(outer) => drop(handled.names.insert("error".to_owned(), outer.clone())),
                None => drop(handled.names.remove("error")),
            }
            handled.present.forget(&["error"]);
        }
        Self::meet([done, handled], known)
    }
}

/// `a string`, `an int`.
fn article(of: &Type) -> String {
    let name = of.to_string();
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'u']);
    if vowel { format!("an {name}") } else { format!("a {name}") }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}

fn is_covered(subject: Option<&Type>, values: &[&Value]) -> bool {
    match subject {
        // What it compares is not known for a fault that was said already.
        None => true,
        Some(Type::Bool | Type::Choice(_)) => missing(subject, values).is_empty(),
        Some(_) => false,
    }
}

/// The values of a known choice that no case is for.
fn missing(subject: Option<&Type>, values: &[&Value]) -> Vec<String> {
    let has = |value: &Value| values.iter().any(|v| same(v, value));
    match subject {
        Some(Type::Bool) => {
            let left = [true, false].into_iter().filter(|b| !has(&Value::from(*b)));
            left.map(|b| format!("`{b}`")).collect()
        }
        Some(Type::Choice(texts)) => {
            let left = texts.iter().filter(|text| !has(&Value::from(text.as_str())));
            let shown = |text: &String| {
                if text.is_empty() { "the empty text".to_owned() } else { format!("`{text}`") }
            };
            left.map(shown).collect()
        }
        _ => Vec::new(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
