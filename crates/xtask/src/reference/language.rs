//! docs/reference/language.md: the language of playbooks, from the table that the parser and the editors' schema use.

use std::{fmt::Write as _, time::Duration};

use stanch_model::duration;
use stanch_playbook::language::{
    APPROVE, CASE, Fields, ID, KINDS, Key, Kind, Need, Object, PLAYBOOK, RETRY, Shape, TARGET,
    TRIGGER, WAIT,
};

use super::markdown::{block, capital, code, head, table};
use crate::root::read;

const FROM: &str = "crates/playbook/src/language/ and crates/playbook/corpus/examples/";

const INTRODUCTION: &str = "
A playbook is one YAML file. `stanch check` and `stanch playbook check` say what is wrong with one, with code, place
and fix ([codes.md](codes.md)); `stanch playbook fmt` writes one in this order, and `stanch playbook schema` prints
the JSON Schema of all this for editors. What stands between `${{` and `}}`, and every condition, is an expression in
[CEL](https://cel.dev); it is checked against the schemas of the connectors before anything runs.

Every example below is one of the tests: it is checked, and its cases run.
";

const COLUMNS: [&str; 4] = ["key", "holds", "if absent", "meaning"];

const REQUIRED: &str = "**required**";

/// The mappings that stand inside steps.
const OBJECTS: [&Object; 5] = [&APPROVE, &RETRY, &TARGET, &CASE, &WAIT];

/// The page.
pub(super) fn page() -> anyhow::Result<String> {
    let mut text = head("The language of playbooks", FROM);
    text.push_str(INTRODUCTION);
    section(&mut text, "A playbook", PLAYBOOK.keys)?;
    section(&mut text, "What starts it: `on`", TRIGGER.keys)?;
    write!(text, "\n## Steps\n\n")?;
    let rows: Vec<Vec<String>> =
        KINDS.iter().map(|kind| vec![link(kind), kind.title.to_owned()]).collect();
    text.push_str(&table(&["step", "what it does"], &rows));
    write!(text, "\nEvery step can have this key too:\n\n{}", table(&COLUMNS, &[row(&ID)]))?;
    for kind in KINDS {
        step(&mut text, kind)?;
    }
    for object in OBJECTS {
        section(&mut text, &capital(object.what), object.keys)?;
    }
    Ok(text)
}

fn step(text: &mut String, kind: &Kind) -> anyhow::Result<()> {
    write!(text, "\n### `{}`\n\n{}\n", kind.word, kind.text)?;
    let own = vec![code(kind.word), shape(&kind.value), REQUIRED.to_owned(), kind.title.to_owned()];
    let rows: Vec<Vec<String>> = std::iter::once(own).chain(kind.keys.iter().map(row)).collect();
    write!(text, "\n{}", table(&COLUMNS, &rows))?;
    if !kind.gives.is_empty() {
        write!(text, "\n`steps.ID` then holds `ok` and: {}\n", kind.gives)?;
    }
    let example = read(&format!("crates/playbook/corpus/examples/{}.yaml", kind.word))?;
    write!(text, "\n{}", block("yaml", &example))?;
    Ok(())
}

fn section(text: &mut String, title: &str, keys: &[Key]) -> anyhow::Result<()> {
    let rows: Vec<Vec<String>> = keys.iter().map(row).collect();
    write!(text, "\n## {title}\n\n{}", table(&COLUMNS, &rows))?;
    Ok(())
}

fn row(key: &Key) -> Vec<String> {
    let otherwise = match key.need {
        Need::Always => REQUIRED,
        Need::Else(otherwise) => otherwise,
    };
    vec![code(key.name), shape(&key.shape), otherwise.to_owned(), key.text.to_owned()]
}

/// What a key holds, in words.
fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Template => "text, `${{ }}` in it".to_owned(),
        Shape::Expression(gives) => format!("expression: {gives}"),
        Shape::Word(words) => words.iter().map(|word| code(word)).collect::<Vec<_>>().join(", "),
        Shape::Number { least, most } => format!("number, {least} to {most}"),
        Shape::Time { least, most } => format!("duration, {} to {}", time(*least), time(*most)),
        Shape::Name { dashes: true } => "name: letters, digits, `-`".to_owned(),
        Shape::Name { dashes: false } => "name: letters, digits, `_`".to_owned(),
        Shape::Steps(least) => format!("steps, {least} or more"),
        Shape::Values => "names and values, `${{ }}` in them".to_owned(),
        Shape::Constants => "names and constants".to_owned(),
        Shape::Fields(Fields::Form) => "names and JSON Schemas of single values".to_owned(),
        Shape::Fields(Fields::Inputs | Fields::Output) => "names and JSON Schemas".to_owned(),
        Shape::Constant => "a constant".to_owned(),
        Shape::List(of, least, most) => format!("list of {least} to {most}: {}", self::shape(of)),
        Shape::Object(object) => format!("mapping: {}", object.what),
        Shape::Either(shapes) => shapes.iter().map(self::shape).collect::<Vec<_>>().join("; or "),
    }
}

fn time(time: Duration) -> String {
    code(&duration::format(time))
}

fn link(kind: &Kind) -> String {
    format!("[`{0}`](#{0})", kind.word)
}
