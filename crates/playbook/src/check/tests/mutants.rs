//! Mutants of the playbooks that we ship and of the examples: each is refused, or runs without meeting a missing
//! name or a wrong type, whatever alerts and answers of the right schemas it is given.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, sync::Arc};

use serde_json::{Map, Value, json};
use stanch_model::{alert, guard::Mode, manifest::Catalog};
use stanch_yaml::{Key, Limits, Source, Yaml};

use crate::{
    ast::{Playbook, StepKind},
    check::{Context, Folder, codes, ids, load_in},
    graph,
    language::tests::shipped_catalog,
    parse::parse,
    testing,
};

/// Numbers from a seed: the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        let index = self.roll(from.len());
        &from[index]
    }
}

fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["../../content/playbooks", "corpus/examples"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

// ---- mutants -------------------------------------------------------------------------------------------------

struct Mutator<'t> {
    source: &'t Source<'t>,
    /// References of the playbook, to put in the place of others.
    pool: Vec<String>,
    found: BTreeSet<String>,
}

fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap()
}

const SIGNS: [&str; 12] = ["==", "!=", ">=", "<=", "&&", "||", "+", "-", "*", " in ", ">", "<"];

impl Mutator<'_> {
    fn put(&mut self, start: usize, end: usize, text: &str) {
        let whole = self.source.text;
        let mutant = format!("{}{text}{}", part(whole, 0, start), part(whole, end, whole.len()));
        if mutant != whole {
            self.found.insert(mutant);
        }
    }

    fn bytes(&self, span: stanch_model::Span) -> (usize, usize) {
        (self.source.byte(span.line, span.column), self.source.byte(span.end_line, span.end_column))
    }

    fn node(&mut self, yaml: &Yaml) {
        let (start, end) = self.bytes(yaml.whole());
        for other in ["7", "[x]", "{ a: x }", "x", "true", "\"${{ alert.techniques }}\""] {
            self.put(start, end, other);
        }
        match yaml {
            Yaml::Scalar(scalar) => {
                self.word(start, end);
                self.expressions(&scalar.text, start, end);
            }
            Yaml::List(items, _) => {
                self.items(items);
                items.iter().for_each(|item| self.node(item));
            }
            Yaml::Map(entries, _) => {
                self.entries(entries);
                entries.iter().for_each(|(_, value)| self.node(value));
            }
        }
    }

    fn items(&mut self, items: &[Yaml]) {
        for pair in items.windows(2) {
            let ((a, b), (c, d)) = (self.bytes(pair[0].whole()), self.bytes(pair[1].whole()));
            let text = self.source.text;
            // Left out; in the other order; twice.
            self.put(a, c, "");
            let swapped = format!("{}{}{}", part(text, c, d), part(text, b, c), part(text, a, b));
            self.put(a, d, &swapped);
            let twice = format!("{}{}", part(text, a, c), part(text, a, b));
            self.put(a, b, &twice);
        }
    }

    fn entries(&mut self, entries: &[(Key, Yaml)]) {
        for (index, (key, value)) in entries.iter().enumerate() {
            let (start, end) = self.bytes(key.span);
            let last = self.bytes(value.whole()).1;
            let next = entries.get(index + 1).map(|(key, _)| self.bytes(key.span).0);
            self.put(end, end, "x");
            self.put(start, start + 1, "");
            if let Some(next) = next {
                self.put(start, next, "");
            } else if index > 0 {
                let before = self.bytes(entries[index - 1].1.whole()).1;
                self.put(before, last, "");
            }
            // A value of another key.
            for (_, other) in entries.iter().filter(|(other, _)| other.name != key.name) {
                let (a, b) = self.bytes(other.whole());
                let text = part(self.source.text, a, b).to_owned();
                let (from, to) = self.bytes(value.whole());
                self.put(from, to, &text);
            }
        }
    }

    /// Another number, another unit, another word.
    fn word(&mut self, start: usize, end: usize) {
        let text = part(self.source.text, start, end);
        for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()).collect::<Vec<_>>() {
            let other = if c == '9' { '0' } else { char::from(u8::try_from(c).unwrap() + 1) };
            self.put(start + at, start + at + 1, &other.to_string());
            self.put(start + at, start + at + 1, "");
        }
        for (from, to) in
            [("h", "d"), ("m", "ms"), ("continue", "fail"), ("succeeded", "failed"), ("any", "all")]
        {
            if let Some(at) = text.find(from) {
                self.put(start + at, start + at + from.len(), to);
            }
        }
    }

    /// Names, signs, texts and references of the expressions in a value.
    fn expressions(&mut self, decoded: &str, start: usize, end: usize) {
        let text = part(self.source.text, start, end).to_owned();
        if !text.contains('.') && !decoded.contains("${{") {
            return;
        }
        for sign in SIGNS {
            for (at, _) in text.match_indices(sign) {
                for other in SIGNS {
                    self.put(start + at, start + at + sign.len(), other);
                }
                self.put(start + at, start + at + sign.len(), " ");
            }
        }
        // Every dotted path, and each of its names.
        let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let mut at = 0;
        while let Some(from) =
            part(&text, at, text.len()).find(|c: char| c.is_ascii_alphabetic()).map(|f| f + at)
        {
            let to = part(&text, from, text.len())
                .find(|c| !is_path(c))
                .map_or(text.len(), |t| from + t);
            let path = part(&text, from, to).to_owned();
            at = to;
            if !path.contains('.') {
                self.put(start + to, start + to, "x");
                continue;
            }
            for (dot, _) in path.match_indices('.') {
                self.put(start + from + dot, start + from + dot, "x");
                self.put(start + from, start + from + dot + 1, "");
                self.put(start + from + dot, start + to, "");
            }
            self.put(start + to, start + to, "x");
            // Four of the others, each path from another one on: all with all would be the square of them.
            let count = self.pool.len();
            for other in (0..count.min(4)).map(|n| (start + from + n * 7) % count) {
                let other = self.pool[other].clone();
                self.put(start + from, start + to, &other);
            }
        }
        for (quote, _) in text.match_indices('\'') {
            self.put(start + quote + 1, start + quote + 1, "x");
        }
    }
}

fn mutants(text: &str, playbook: &Playbook) -> Vec<String> {
    let limits = Limits { what: "playbook", bytes: 1 << 20, depth: 32 };
    let tree = stanch_yaml::load(text, limits).0.unwrap();
    let source = Source::new(text);
    let mut pool: BTreeSet<String> =
        ["alert.techniques", "alert.severity", "alert.fields.x", "steps", "1"]
            .map(str::to_owned)
            .into();
    let worked = ids::all(&playbook.steps).into_iter().flat_map(super::super::visit::own);
    for reference in worked.flat_map(|worked| worked.references()) {
        pool.insert(reference.path.join("."));
    }
    let mut mutator =
        Mutator { source: &source, pool: pool.into_iter().collect(), found: BTreeSet::new() };
    mutator.node(&tree);
    mutator.found.into_iter().collect()
}

// ---- answers -------------------------------------------------------------------------------------------------

/// A value of a schema.
fn value(schema: &Value, dice: &mut Dice, depth: usize) -> Value {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return dice.pick(values).clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => json!("1970-01-02T00:00:00Z"),
            _ => json!(*dice.pick(&["", "a", "203.0.113.7", "ws-07", "10.20.0.13", "T1486"])),
        },
        Some("integer") => json!(dice.roll(6)),
        Some("number") => json!(0.5),
        Some("boolean") => json!(dice.roll(2) == 0),
        Some("array") => {
            let of = schema.get("items").cloned().unwrap_or(json!({}));
            (0..dice.roll(3)).map(|_| value(&of, dice, depth + 1)).collect()
        }
        Some("object") if schema.get("properties").is_some() => {
            let required =
                schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            let properties = schema["properties"].as_object().unwrap();
            let mut object = Map::new();
            for (name, of) in properties {
                if required.contains(&json!(name)) || dice.roll(3) > 0 {
                    object.insert(name.clone(), value(of, dice, depth + 1));
                }
            }
            Value::Object(object)
        }
        Some("object") => json!({ "a": anything(dice, 1) }),
        None if depth < 3 => anything(dice, depth),
        _ => Value::Null,
    }
}

fn anything(dice: &mut Dice, depth: usize) -> Value {
    match dice.roll(7) {
        0 => Value::Null,
        1 => json!(dice.roll(100)),
        2 => json!("text"),
        3 => json!(true),
        4 => (0..dice.roll(3)).map(|_| json!(dice.roll(9))).collect(),
        5 if depth < 2 => json!({ "a": anything(dice, depth + 1) }),
        _ => json!({}),
    }
}

/// The fields of an alert: names that the text has, some of them, with values of any kind.
fn fields(text: &str, dice: &mut Dice) -> Value {
    let mut fields = Map::new();
    let quoted = text.split('\'').skip(1).step_by(2);
    let dotted = text.split("alert.fields.").skip(1).map(|rest| {
        rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default()
    });
    for name in quoted.chain(dotted).collect::<BTreeSet<&str>>() {
        if !name.is_empty() && name.len() < 40 && dice.roll(2) == 0 {
            fields.insert(name.to_owned(), anything(dice, 0));
        }
    }
    Value::Object(fields)
}

/// A case as a test file has it: JSON is YAML. It expects what never is, so that a difference says how it ended.
fn case(playbook: &Playbook, catalog: &Catalog, dice: &mut Dice, errors: bool) -> String {
    let mut of_alert = value(&alert::context_schema(), dice, 0);
    let full = stanch_expression::Type::from_schema(&alert::context_schema());
    of_alert["severity"] = json!(1 + dice.roll(5));
    of_alert["techniques"] = json!(["T1486", "T1071.001", "T1110", "T1566.001", "T1078"]);
    of_alert["fields"] = fields(&playbook.text, dice);
    let of_alert = full.filled(of_alert);
    let mut answers = Map::new();
    for step in ids::all(&playbook.steps) {
        let id = step.id.as_ref().map(|id| id.value.clone());
        let fails = errors && dice.roll(4) == 0;
        let error = json!({ "error": "no answer in time" });
        match (&step.kind, id) {
            (StepKind::Do(call), _) => {
                let output =
                    catalog.resolve(&call.name.value).ok().map(|found| &found.action.output);
                let output = output.map_or(json!({}), |output| value(output, dice, 0));
                answers.insert(call.name.value.clone(), if fails { error } else { output });
            }
            (StepKind::Script(script), Some(id)) => {
                let output = value(&crate::ast::object_schema(&script.output), dice, 0);
                answers.insert(id, if fails { error } else { output });
            }
            // What a call that failed reads as is known to a graph that was compiled with its folder.
            (StepKind::Call(_), Some(id)) => {
                answers.insert(id, json!({ "contained": true, "until": "in 1 hours" }));
            }
            _ => {}
        }
    }
    let case = json!([{
        "name": "generated", "alert": of_alert, "mode": if playbook.max_mode == Mode::Auto { "auto" } else { "assist" },
        "answers": answers, "expect": { "actions": [], "state": "not_started" },
    }]);
    case.to_string()
}

/// What only a name that is not there, or a value of a wrong type, leads to.
const WRONG: [&str; 22] = [
    "is not known here",
    "there is no property",
    "has no property",
    "cannot be indexed",
    "bool is wanted",
    "does not take",
    "takes a list",
    "takes a number",
    "names of properties are strings",
    "map keys are strings",
    "there is no function",
    "is not called this way",
    "has no elements",
    "has no place in a text",
    "not true or false",
    "not a list",
    "no list",
    "is not of type",
    "is a required property",
    "Additional properties",
    "no text",
    "is not a text",
];

/// Runs of each mutant that is not refused, with and without errors.
const RUNS: usize = 1;

struct Tally {
    mutants: usize,
    refused: usize,
    ran: usize,
    runs: usize,
    wrong: Vec<String>,
}

fn try_mutant(name: &str, text: &str, context: &Context<'_>, dice: &mut Dice, tally: &mut Tally) {
    tally.mutants += 1;
    let (playbook, findings) = load_in(text, context);
    // The warning says that it cannot run here.
    let unbound = findings.iter().any(|finding| finding.code == codes::UNBOUND);
    if playbook.is_none() || unbound {
        tally.refused += 1;
        return;
    }
    // The same without anybody who swallows what fails, so that it is seen.
    let strict_text = text.replace("on_error: continue", "on_error: fail");
    for (errors, text) in [(true, text), (false, strict_text.as_str())] {
        let Some(playbook) = parse(text).0 else { continue };
        let Ok(graph) = graph::compile(&playbook, context.catalog) else { return };
        let graph = Arc::new(graph);
        for _ in 0..RUNS {
            let cases = case(&playbook, context.catalog, dice, errors);
            let (cases, findings) = testing::parse(&cases);
            assert!(findings.is_empty(), "{findings:#?}");
            let result = testing::run(&graph, &playbook, &cases[0]);
            tally.runs += 1;
            let differences = result.differences.iter().filter(|d| !d.starts_with("answers:"));
            for difference in differences {
                if WRONG.iter().any(|wrong| difference.contains(wrong)) {
                    tally.wrong.push(format!("{name}: {difference}\n{text}"));
                }
            }
        }
    }
    tally.ran += 1;
}

#[test]
fn a_mutant_is_refused_or_runs() {
    let catalog = shipped_catalog();
    let texts = texts();
    let all: Vec<Playbook> = texts.iter().filter_map(|(_, text)| parse(text).0).collect();
    let folder = Folder::new(&all, &catalog);
    let context = Context::new(&catalog).with_playbooks(&folder);
    let mut dice = Dice(1);
    let mut shown = String::new();
    let mut wrong = Vec::new();
    let (mut mutants_all, mut ran_all) = (0, 0);
    for (name, text) in &texts {
        let playbook = parse(text).0.unwrap_or_else(|| panic!("{name}"));
        let mut tally = Tally { mutants: 0, refused: 0, ran: 0, runs: 0, wrong: Vec::new() };
        for mutant in mutants(text, &playbook) {
            try_mutant(name, &mutant, &context, &mut dice, &mut tally);
        }
        let Tally { mutants, refused, ran, runs, .. } = tally;
        writeln!(shown, "{name}: {mutants} mutants, {refused} refused, {ran} ran {runs} times")
            .unwrap();
        mutants_all += mutants;
        ran_all += ran;
        wrong.extend(tally.wrong);
    }
    println!("{shown}{mutants_all} mutants, {ran_all} of them ran");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong[..wrong.len().min(3)].join("\n"));
    assert!(ran_all * 20 > mutants_all, "{ran_all} of {mutants_all} ran: too few to say anything");
}
