//! `wait` and `ask`.

use stanch_expression::suggest;
use stanch_yaml::Yaml;

use super::{LONGEST, MINUTE, SECOND};
use crate::{
    ast::{Ask, AskKind, Spanned, Wait},
    check::codes,
    parse::{
        reader::{Fields, Reader},
        schema,
    },
};

pub(super) fn read_wait(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Wait> {
    const HELP: &str =
        "write `wait: 10m`, `wait: { until: \"CEL\" }` or `wait: { signal: name, within: 4h }`";
    if let Yaml::Scalar(_) = yaml {
        return Some(Wait::For(reader.duration(yaml, "`wait`", SECOND, LONGEST)?));
    }
    let fields = reader.map(yaml, "`wait`", HELP)?;
    if let Some(until) = fields.get("until") {
        reader.unknown_keys(fields, "`wait`", &["until"]);
        return Some(Wait::Until(reader.expression(until, "`until`")?));
    }
    reader.unknown_keys(fields, "`wait`", &["until", "signal", "within"]);
    let name = reader.required(fields, "signal", "`wait`", HELP);
    let help = "write its name, as in `signal: vendor-done`";
    let name = name.and_then(|yaml| reader.named(yaml, "`signal`", help, "name of a signal", true));
    let help = "add how long it is waited for: `within: 4h`";
    let within = reader.required(fields, "within", "`wait`", help);
    let within = within.and_then(|yaml| reader.duration(yaml, "`within`", MINUTE, LONGEST));
    Some(Wait::Signal { name: name?, within: within? })
}

pub(super) fn read_ask(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<Ask> {
    let text = reader.template(yaml, "`ask`");
    let help = "add how long it stands: `within: 1h`";
    let within = reader.required(fields, "within", "this question", help);
    let within = within.and_then(|yaml| reader.duration(yaml, "`within`", MINUTE, LONGEST));
    let by = fields.get("by").map(|yaml| reader.text(yaml, "`by`", "name a group of people"));
    let kind = match fields.get("form") {
        Some(yaml) => read_form(reader, fields, yaml),
        None => read_decision(reader, fields),
    };
    Some(Ask { text: text?, kind: kind?, within: within?, by: by.flatten() })
}

fn read_form(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<AskKind> {
    for name in ["options", "otherwise"] {
        if let Some(key) = fields.key(name) {
            let message = format!("a question with a `form` has no `{name}`");
            let help = format!("remove `{name}`, or make a second question of it");
            reader.error_with(codes::UNKNOWN_KEY, key.span, message, help, |edit| {
                edit.remove_key(key.span)
            });
        }
    }
    Some(AskKind::Form(schema::form(reader, yaml)?))
}

fn read_decision(reader: &mut Reader<'_>, fields: Fields<'_>) -> Option<AskKind> {
    let what = "this question";
    let help = "add the answers to choose from: `options: [yes, no]`";
    let options = reader.required(fields, "options", what, help);
    let options = options.and_then(|yaml| read_options(reader, yaml));
    let help = "add the answer if nobody answers: `otherwise: OPTION`";
    let otherwise = reader.required(fields, "otherwise", what, help);
    let help = "write a short text";
    let otherwise = otherwise.and_then(|yaml| reader.text(yaml, "`otherwise`", help));
    let (options, otherwise) = (options?, otherwise?);
    if !options.iter().any(|option| option.value == otherwise.value) {
        let message = format!("`{}` is none of the options", otherwise.value);
        let words = || options.iter().map(|option| option.value.as_str());
        let help = suggest::help(&otherwise.value, words());
        let near = suggest::nearest(&otherwise.value, words()).or_else(|| words().next());
        reader.error_with(codes::BAD_OPTIONS, otherwise.span, message, help, |edit| {
            edit.rewrite(otherwise.span, near?)
        });
    }
    Some(AskKind::Decision { options, otherwise })
}

fn read_options(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Vec<Spanned<String>>> {
    const OPTIONS_MAX: usize = 20;
    let items = reader.list(yaml, "`options`", "write `options: [yes, no]`")?;
    if !(2..=OPTIONS_MAX).contains(&items.len()) {
        let message = format!("a question has 2 to {OPTIONS_MAX} options, not {}", items.len());
        reader.error(codes::BAD_OPTIONS, yaml.span(), message, "write `options: [yes, no]`");
    }
    let options: Vec<Spanned<String>> = items
        .iter()
        .filter_map(|item| reader.text(item, "an option", "write a short text"))
        .collect();
    for (index, option) in options.iter().enumerate() {
        if options.iter().take(index).any(|earlier| earlier.value == option.value) {
            let message = format!("option `{}` is given twice", option.value);
            reader.error_with(codes::BAD_OPTIONS, option.span, message, "remove one", |edit| {
                edit.remove_item(option.span)
            });
        }
    }
    Some(options)
}
