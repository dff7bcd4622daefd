//! Values: YAML to JSON whose texts may hold `${{ }}` (YAML 1.2.2, §10.2, the JSON schema's types).

use serde_json::{Number, Value};

use super::{
    reader::Reader,
    yaml::{Key, Scalar, Yaml},
};
use crate::ast::{Arg, Spanned};

/// Entries of a mapping. Those that cannot be read are left out; the finding says so.
pub(super) fn entries(
    reader: &mut Reader<'_>,
    entries: &[(Key, Yaml)],
) -> Vec<(Spanned<String>, Arg)> {
    entries
        .iter()
        .filter_map(|(key, yaml)| {
            let name = Spanned { value: key.name.clone(), span: key.span };
            Some((name, read(reader, yaml)?))
        })
        .collect()
}

fn read(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Arg> {
    match yaml {
        Yaml::Scalar(scalar) => match literal(scalar) {
            Some(value) => Some(Arg::Literal(Spanned { value, span: scalar.span })),
            None => reader.template_of(scalar).map(Arg::Text),
        },
        Yaml::List(items, span) => {
            let value = items.iter().filter_map(|item| read(reader, item)).collect();
            Some(Arg::List(Spanned { value, span: *span }))
        }
        Yaml::Map(map, span) => {
            Some(Arg::Map(Spanned { value: entries(reader, map), span: *span }))
        }
    }
}

/// What a value without quotes is, if not a text.
fn literal(scalar: &Scalar) -> Option<Value> {
    if !scalar.plain {
        return None;
    }
    let text = scalar.text.as_str();
    match text {
        "" | "null" | "Null" | "NULL" | "~" => return Some(Value::Null),
        "true" | "True" | "TRUE" => return Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Value::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    // `007` and `0123` are texts: as numbers they would lose their zeros.
    if digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.") {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::from(whole));
    }
    // A whole number beyond 64 bits stays a text: as a double it would lose digits.
    if digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
}
