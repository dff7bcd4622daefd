//! `if`, `switch`, `parallel`, `for_each`, `while`, `try`, `set` and `end`.

use stanch_yaml::Yaml;

use super::{block, on_error, read, read_all};
use crate::{
    ast::{
        Arg, Case, End, ForEach, If, LIMIT, LIMIT_MAX, Parallel, Spanned, Switch, TURNS_MAX, Try,
        Until, WIDTH, WIDTH_MAX, While,
    },
    check::codes,
    parse::{
        reader::{Fields, Reader},
        value,
    },
};

pub(super) fn read_if(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<If> {
    let condition = reader.expression(yaml, "`if`");
    let then = block(reader, fields, "then", "this `if`");
    let otherwise = fields.get("else").map(|yaml| read_all(reader, yaml, "`else`"));
    Some(If {
        condition: condition?,
        then: then?,
        otherwise: otherwise.flatten().unwrap_or_default(),
    })
}

pub(super) fn read_switch(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
    yaml: &Yaml,
) -> Option<Switch> {
    const HELP: &str = "add `cases:`, a list of `{ in: [value], then: [ … ] }`";
    let subject = reader.expression(yaml, "`switch`");
    let cases = reader.required(fields, "cases", "this `switch`", HELP);
    let cases = cases.and_then(|yaml| {
        let items = reader.list(yaml, "`cases`", HELP)?;
        if items.is_empty() {
            reader.error(codes::WRONG_SHAPE, yaml.span(), "`cases` holds no case", HELP);
        }
        Some(items.iter().filter_map(|item| read_case(reader, item)).collect())
    });
    let otherwise = fields.get("else").map(|yaml| read_all(reader, yaml, "`else`"));
    Some(Switch { subject: subject?, cases: cases?, otherwise: otherwise.flatten() })
}

fn read_case(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Case> {
    const HELP: &str = "write `{ in: [value], then: [ … ] }`";
    let fields = reader.map(yaml, "a case", HELP)?;
    reader.unknown_keys(fields, "a case", &["in", "then"]);
    let values = reader.required(fields, "in", "this case", HELP);
    let values = values.and_then(|yaml| {
        let items = reader.list(yaml, "`in`", "write a list: `in: [value]`")?;
        if items.is_empty() {
            let help = "add at least one value: `in: [value]`";
            reader.error(codes::WRONG_SHAPE, yaml.span(), "`in` holds no value", help);
        }
        let constant = |reader: &mut Reader<'_>, item: &Yaml| {
            reader.scalar_or_null(item, "a value of `in`")?;
            let value = value::constant(reader, item, "`in`")?;
            Some(Spanned { value, span: item.span() })
        };
        Some(items.iter().filter_map(|item| constant(reader, item)).collect())
    });
    let then = block(reader, fields, "then", "this case");
    Some(Case { values: values?, then: then?, span: fields.span })
}

pub(super) fn read_parallel(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
    yaml: &Yaml,
) -> Option<Parallel> {
    let help = "write a list of at least two steps; each branch is one step";
    let branches = reader.list(yaml, "`parallel`", help)?;
    if branches.len() < 2 {
        let span = fields.key("parallel").map_or(fields.span, |key| key.span);
        let message = "`parallel` has fewer than two branches";
        let help = "add a branch, or write the step alone";
        let only = branches.first().map(Yaml::span);
        reader.error_with(codes::ONE_BRANCH, span, message, help, |edit| {
            edit.instead(fields.span, only?)
        });
    }
    let words = [("all", Until::All), ("any", Until::Any)];
    let until = fields.get("until").map(|yaml| reader.word(yaml, "`until`", &words));
    let branches = branches.iter().filter_map(|branch| read(reader, branch)).collect();
    Some(Parallel { branches, until: until.flatten().unwrap_or_default() })
}

pub(super) fn read_for_each(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
    yaml: &Yaml,
) -> Option<ForEach> {
    let list = reader.expression(yaml, "`for_each`");
    let help = "add what an element is called inside: `as: item`";
    let name = reader.required(fields, "as", "this `for_each`", help);
    let name = name.and_then(|yaml| reader.named(yaml, "`as`", help, "name of an element", false));
    let width = fields.get("width").map(|yaml| reader.number(yaml, "`width`", 1, WIDTH_MAX));
    let limit = fields.get("limit").map(|yaml| reader.number(yaml, "`limit`", 1, LIMIT_MAX));
    let steps = block(reader, fields, "steps", "this `for_each`");
    let on_error = on_error(reader, fields);
    Some(ForEach {
        list: list?,
        name: name?,
        width: width.flatten().map_or(WIDTH, |width| width.value),
        limit: limit.flatten().map_or(LIMIT, |limit| limit.value),
        steps: steps?,
        on_error,
    })
}

pub(super) fn read_while(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
    yaml: &Yaml,
) -> Option<While> {
    let condition = reader.expression(yaml, "`while`");
    let help = "add how many turns at the most: `turns: 20`";
    let turns = reader.required(fields, "turns", "this `while`", help);
    let turns = turns.and_then(|yaml| reader.number(yaml, "`turns`", 1, TURNS_MAX));
    let steps = block(reader, fields, "steps", "this `while`");
    let on_error = on_error(reader, fields);
    Some(While { condition: condition?, turns: turns?, steps: steps?, on_error })
}

pub(super) fn read_try(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<Try> {
    let steps = read_all(reader, yaml, "`try`");
    let on_error = block(reader, fields, "on_error", "this `try`");
    Some(Try { steps: steps?, on_error: on_error? })
}

pub(super) fn read_set(
    reader: &mut Reader<'_>,
    yaml: &Yaml,
) -> Option<Vec<(Spanned<String>, Arg)>> {
    let fields = reader.map(yaml, "`set`", "write `set: { name: value }`")?;
    if fields.entries.is_empty() {
        let help = "write `set: { name: value }`";
        reader.error(codes::WRONG_SHAPE, fields.span, "`set` names no value", help);
    }
    for (key, _) in fields.entries {
        reader.name(&key.name, key.span, "name of a variable", false);
    }
    Some(value::entries(reader, fields.entries))
}

pub(super) fn read_end(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<End> {
    let succeeded = reader.word(yaml, "`end`", &[("succeeded", true), ("failed", false)]);
    let note = fields.get("note").map(|yaml| reader.template(yaml, "`note`"));
    Some(End { succeeded: succeeded?, note: note.flatten() })
}
