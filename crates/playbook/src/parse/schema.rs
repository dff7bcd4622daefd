//! JSON Schemas of inputs, of what a script gives, and of forms: the part of JSON Schema 2020-12 that
//! says something about one value. A keyword that is not known would check nothing, so it is refused.

use serde_json::{Map, Value};
use stanch_expression::suggest;
use stanch_yaml::{Key, Yaml};

use super::{reader::Reader, value};
use crate::{
    ast::{Field, Input, Spanned},
    check::codes,
};

/// Fields of one object.
const FIELDS_MAX: usize = 50;

/// The types of JSON Schema.
const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "null"];

/// The keywords that are known.
const KEYWORDS: [&str; 20] = [
    "type",
    "enum",
    "title",
    "description",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
];

/// The types that a field of a form can have.
const FORM_TYPES: [&str; 4] = ["string", "integer", "number", "boolean"];

/// The keywords that a field of a form can have.
const FORM_KEYWORDS: [&str; 10] = [
    "type",
    "enum",
    "title",
    "description",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
];

#[derive(Clone, Copy)]
struct Grammar {
    types: &'static [&'static str],
    keywords: &'static [&'static str],
}

const FULL: Grammar = Grammar { types: &TYPES, keywords: &KEYWORDS };
const FLAT: Grammar = Grammar { types: &FORM_TYPES, keywords: &FORM_KEYWORDS };

const HELP: &str = "write `name: { type: string }`";

/// The `inputs` of a playbook.
pub(super) fn inputs(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Vec<Input>> {
    let entries = entries(reader, yaml, "`inputs`")?;
    let mut inputs = Vec::new();
    for (key, yaml) in entries {
        let Yaml::Map(keywords, extent) = yaml else {
            field(reader, key, yaml, FULL);
            continue;
        };
        let given = keywords.iter().find(|(key, _)| key.name == "default");
        let default = given.and_then(|(_, yaml)| {
            let value = value::constant(reader, yaml, "`default`")?;
            Some(Spanned { value, span: yaml.span() })
        });
        let rest = keywords.iter().filter(|(key, _)| key.name != "default").cloned().collect();
        if let Some(field) = field(reader, key, &Yaml::Map(rest, *extent), FULL) {
            inputs.push(Input { field, default });
        }
    }
    Some(inputs)
}

/// The `output` of a script.
pub(super) fn fields(reader: &mut Reader<'_>, yaml: &Yaml, what: &str) -> Option<Vec<Field>> {
    let entries = entries(reader, yaml, what)?;
    Some(entries.iter().filter_map(|(key, yaml)| field(reader, key, yaml, FULL)).collect())
}

/// The `form` of a question.
pub(super) fn form(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Vec<Field>> {
    let entries = entries(reader, yaml, "`form`")?;
    if entries.is_empty() {
        reader.error(codes::BAD_SCHEMA, yaml.span(), "`form` has no field", HELP);
    }
    Some(entries.iter().filter_map(|(key, yaml)| field(reader, key, yaml, FLAT)).collect())
}

fn entries<'y>(reader: &mut Reader<'_>, yaml: &'y Yaml, what: &str) -> Option<&'y [(Key, Yaml)]> {
    let fields = reader.map(yaml, what, HELP)?;
    if fields.entries.len() > FIELDS_MAX {
        let message = format!("{what} has more than {FIELDS_MAX} fields");
        reader.error(codes::TOO_LARGE, fields.span, message, "leave some out");
    }
    Some(fields.entries)
}

fn field(reader: &mut Reader<'_>, key: &Key, yaml: &Yaml, grammar: Grammar) -> Option<Field> {
    let sound = field_name(reader, key);
    let value = schema(reader, yaml, &key.name, grammar)?;
    let name = Spanned { value: key.name.clone(), span: key.span };
    sound.then_some(Field { name, schema: Spanned { value, span: yaml.span() } })
}

/// Whether a field can have that name.
pub(super) fn field_name(reader: &mut Reader<'_>, key: &Key) -> bool {
    if key.name == "ok" {
        let help = "choose another: `ok` says whether the step succeeded";
        let message = "name `ok` is reserved";
        reader.error_with(codes::BAD_NAME, key.span, message, help, |edit| {
            edit.rename_key(key.span, "is_ok")
        });
        return false;
    }
    reader.name(&key.name, key.span, "name of a field", false)
}

/// One schema, with what is inside of it.
fn schema(reader: &mut Reader<'_>, yaml: &Yaml, name: &str, grammar: Grammar) -> Option<Value> {
    let fields = reader.map(yaml, &format!("`{name}`"), HELP)?;
    let before = reader.findings.len();
    let mut schema = Map::new();
    for (key, yaml) in fields.entries {
        if !grammar.keywords.contains(&key.name.as_str()) {
            let message = format!("a schema here has no `{}`", key.name);
            let help = suggest::help(&key.name, grammar.keywords.iter().copied());
            let near = suggest::nearest(&key.name, grammar.keywords.iter().copied());
            reader.error_with(codes::BAD_SCHEMA, key.span, message, help, |edit| match near {
                Some(near) => edit.rename_key(key.span, near),
                None => edit.remove_key(key.span),
            });
            continue;
        }
        if let Some(value) = keyword(reader, key, yaml, grammar) {
            schema.insert(key.name.clone(), value);
        }
    }
    let typed = fields.get("type").is_some() || fields.get("enum").is_some();
    // A misspelt `type` is one slip, not a missing one as well.
    if !typed && reader.findings.len() == before {
        let message = format!("`{name}` has no `type`");
        let help = format!("add one: `type: string`; {}", suggest::list(grammar.types));
        reader.error_with(codes::BAD_SCHEMA, fields.span, message, help, |edit| {
            edit.add_key(fields.span, "type", "string")
        });
    }
    let schema = Value::Object(schema);
    let sound = reader.findings.len() == before;
    if sound && let Some(why) = unusable(&schema) {
        let message = format!("the schema of `{name}` cannot be used: {why}");
        reader.error(codes::BAD_SCHEMA, fields.span, message, "see JSON Schema 2020-12");
        return None;
    }
    sound.then_some(schema)
}

fn keyword(reader: &mut Reader<'_>, key: &Key, yaml: &Yaml, grammar: Grammar) -> Option<Value> {
    match key.name.as_str() {
        "type" => type_word(reader, yaml, grammar).map(Value::from),
        "items" => schema(reader, yaml, "items", grammar),
        "properties" => {
            let fields = reader.map(yaml, "`properties`", HELP)?;
            let mut properties = Map::new();
            for (key, yaml) in fields.entries {
                if let Some(of) = schema(reader, yaml, &key.name, grammar) {
                    properties.insert(key.name.clone(), of);
                }
            }
            Some(Value::Object(properties))
        }
        "additionalProperties" if matches!(yaml, Yaml::Map(..)) => {
            schema(reader, yaml, "additionalProperties", grammar)
        }
        name => value::constant(reader, yaml, &format!("`{name}`")),
    }
}

/// What other languages call the types.
const ALIASES: [(&str, &str); 9] = [
    ("text", "string"),
    ("str", "string"),
    ("int", "integer"),
    ("bool", "boolean"),
    ("float", "number"),
    ("double", "number"),
    ("list", "array"),
    ("map", "object"),
    ("dict", "object"),
];

fn type_word(reader: &mut Reader<'_>, yaml: &Yaml, grammar: Grammar) -> Option<&'static str> {
    let known = |word: &str| grammar.types.iter().copied().find(|of| *of == word);
    let scalar = reader.scalar(yaml, "`type`", &suggest::list(grammar.types))?;
    if let Some(word) = known(&scalar.text) {
        return Some(word);
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == scalar.text).map(|(_, of)| *of);
    let meant = alias.and_then(known);
    let meant = meant.or_else(|| suggest::nearest(&scalar.text, grammar.types.iter().copied()));
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => suggest::list(grammar.types),
    };
    let message = format!("`type` is never `{}`", scalar.text);
    reader.error_with(codes::BAD_SCHEMA, scalar.span, message, help, |edit| {
        edit.rewrite(scalar.span, meant?)
    });
    None
}

/// Why a schema checks nothing.
fn unusable(schema: &Value) -> Option<String> {
    let built = jsonschema::options().should_validate_formats(true).build(schema);
    built.err().map(|error| error.to_string().replace('"', "`"))
}
