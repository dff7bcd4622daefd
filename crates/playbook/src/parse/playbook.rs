//! The top of a playbook.

use stanch_model::{canonical::sha256_bytes, guard::Mode};

use super::{
    reader::{Fields, Reader},
    step,
    yaml::Yaml,
};
use crate::ast::{Playbook, Spanned, Trigger};

const KEYS: [&str; 6] = ["playbook", "title", "description", "max_mode", "on", "steps"];

const MODES: [(&str, Mode); 3] =
    [("shadow", Mode::Shadow), ("assist", Mode::Assist), ("auto", Mode::Auto)];

pub(super) fn read(reader: &mut Reader<'_>, tree: &Yaml) -> Option<Playbook> {
    let fields = reader.map(tree, "a playbook", "begin with `playbook: NAME`")?;
    reader.unknown_keys(fields, "a playbook", &KEYS);
    let name = name(reader, fields);
    let title = title(reader, fields);
    let description = fields.get("description").map(|yaml| {
        let scalar = reader.scalar(yaml, "`description`", "write a text");
        scalar.map(|scalar| scalar.text.clone()).unwrap_or_default()
    });
    let max_mode = fields.get("max_mode").map(|yaml| reader.word(yaml, "`max_mode`", &MODES));
    let on = fields.get("on").map(|yaml| trigger(reader, yaml));
    let help = "add `steps:` with at least one step";
    let steps = reader.required(fields, "steps", "the playbook", help)?;
    let steps = step::read_all(reader, steps, "`steps`")?;
    let text = reader.source.text.to_owned();
    Some(Playbook {
        name: name?,
        title: title?,
        description: description.unwrap_or_default(),
        max_mode: max_mode.unwrap_or_default().unwrap_or_default(),
        on: on.flatten(),
        steps,
        digest: sha256_bytes(text.as_bytes()),
        text,
    })
}

fn name(reader: &mut Reader<'_>, fields: Fields<'_>) -> Option<Spanned<String>> {
    let help = "begin with `playbook: NAME`";
    let yaml = reader.required(fields, "playbook", "the playbook", help)?;
    let scalar = reader.scalar(yaml, "`playbook`", "write its name")?;
    reader
        .name(&scalar.text, scalar.span, "name of a playbook", true)
        .then(|| Spanned { value: scalar.text.clone(), span: scalar.span })
}

fn title(reader: &mut Reader<'_>, fields: Fields<'_>) -> Option<String> {
    let help = "add `title:`, in plain words, for the people who approve";
    let yaml = reader.required(fields, "title", "the playbook", help)?;
    reader.scalar(yaml, "`title`", "write a text").map(|scalar| scalar.text.clone())
}

fn trigger(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Trigger> {
    let help = "write `on: { alert: \"alert.severity >= SEVERITY.high\" }`";
    let fields = reader.map(yaml, "`on`", help)?;
    reader.unknown_keys(fields, "`on`", &["alert"]);
    let yaml = reader.required(fields, "alert", "`on`", help)?;
    Some(Trigger { alert: reader.expression(yaml, "`alert`")? })
}
