//! Whether input and output schemas check something, and whether `returns` and examples fit them.

use serde_json::Value;
use stanch_model::manifest::ActionManifest;

use super::{Findings, codes, source::Path};
use crate::schema;

/// Checks both schemas, and the examples where they hold.
pub(super) fn check(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) -> bool {
    let input = object(&action.input, &at.key("input"), findings);
    let output = object(&action.output, &at.key("output"), findings);
    if input && output {
        examples(action, at, findings);
    }
    input && output
}

fn object(schema: &Value, at: &Path, findings: &mut Findings<'_>) -> bool {
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        findings.error(codes::SCHEMA, at, "schema is no object's", "begin with `type: object`");
        return false;
    }
    match schema::validator(schema) {
        Ok(_) => true,
        Err(why) => {
            findings.error(
                codes::SCHEMA,
                at,
                format!("schema cannot be used: {}", crate::outside::quote(&why)),
                "write JSON Schema 2020-12 that refers to nothing outside",
            );
            false
        }
    }
}

fn examples(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    for (index, example) in action.examples.iter().enumerate() {
        let at = at.key("examples").item(index);
        let sides =
            [("input", &action.input, &example.input), ("output", &action.output, &example.output)];
        for (name, schema, value) in sides {
            if let Err(why) = schema::check(schema, value) {
                findings.error(
                    codes::EXAMPLE,
                    &at.key(name),
                    format!("example does not fit the {name}: {why}"),
                    format!("correct the example, or the schema of the {name}"),
                );
            }
        }
    }
}

/// Checks `returns` against the output's properties.
pub(super) fn returns(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    let properties = action.output.get("properties").and_then(Value::as_object);
    let known = || properties.into_iter().flat_map(|map| map.keys()).map(String::as_str);
    for name in action.returns.keys() {
        if !known().any(|property| property == name) {
            findings.error_at_key(
                codes::RETURNS,
                &at.key("returns").key(name),
                format!("output has no property `{}`", crate::outside::quote(name)),
                stanch_expression::suggest::help(name, known()),
            );
        }
    }
    let required = action.output.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !action.returns.contains_key(name) {
            findings.error_at_key(
                codes::RETURNS,
                &at.key("returns"),
                format!("output needs `{name}`, but nothing returns it"),
                format!("add `{name}: response.body.…` below `returns:`"),
            );
        }
    }
}
