//! The `with` of a step against the input schema of the action.

use serde_json::{Map, Value};
use stanch_expression::{Type, suggest};
use stanch_model::{Observable, Span, manifest::ActionManifest};

use super::{
    codes,
    flow::{Checker, Known},
};
use crate::ast::{Arg, Do, Spanned};

impl Checker<'_> {
    pub(super) fn inputs(&mut self, call: &Do, manifest: &ActionManifest, known: &Known) {
        let name = &call.name.value;
        self.properties(name, call.name.span, &manifest.input, &call.with, known);
        let Some(target) = &manifest.target else { return };
        let given = call.with.iter().find(|(input, _)| input.value == target.input);
        if let Some((_, arg)) = given
            && let Some(Value::String(text)) = constant(arg)
            && Observable::new(target.kind, &text).is_none()
        {
            let message = format!("`{}` is `{text}`, which is no {}", target.input, target.kind);
            let help = format!("write a value of kind {}", target.kind);
            self.error(codes::WRONG_INPUT, arg.span(), message, help);
        }
    }

    /// The entries of an object: none unknown, none missing, each of its type.
    fn properties(
        &mut self,
        owner: &str,
        place: Span,
        schema: &Value,
        given: &[(Spanned<String>, Arg)],
        known: &Known,
    ) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let names = || properties.into_iter().flat_map(Map::keys).map(String::as_str);
        let open = match schema.get("additionalProperties") {
            Some(Value::Bool(open)) => *open,
            Some(_) => true,
            None => properties.is_none(),
        };
        // A misspelt input is one slip, not a missing one as well.
        let mut misspelt = Vec::new();
        for (name, arg) in given {
            match properties.and_then(|properties| properties.get(&name.value)) {
                Some(schema) => self.fits(&name.value, schema, arg, known),
                None if open => {}
                None => {
                    let message = format!("`{owner}` takes no `{}`", name.value);
                    misspelt.extend(suggest::nearest(&name.value, names()));
                    let help = suggest::help(&name.value, names());
                    self.error(codes::UNKNOWN_INPUT, name.span, message, help);
                }
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !misspelt.contains(&name) && !given.iter().any(|(given, _)| given.value == name) {
                let message = format!("`{owner}` needs `{name}`");
                let help = needed_help(name, properties.and_then(|p| p.get(name)));
                self.error(codes::MISSING_INPUT, place, message, help);
            }
        }
    }

    fn fits(&mut self, name: &str, schema: &Value, arg: &Arg, known: &Known) {
        let wanted = Type::from_schema(schema);
        let given = self.infer(arg, known);
        if !wanted.accepts(&given) {
            let message = format!("`{name}` takes {wanted}, not {given}");
            return self.error(codes::WRONG_INPUT, arg.span(), message, type_help(&wanted, &given));
        }
        if let Some(value) = constant(arg) {
            return self.validate(name, schema, &value, arg.span());
        }
        match arg {
            Arg::Map(map) => self.properties(name, map.span, schema, &map.value, known),
            Arg::List(list) => {
                if let Some(items) = schema.get("items") {
                    for item in &list.value {
                        self.fits(name, items, item, known);
                    }
                }
            }
            Arg::Literal(_) | Arg::Text(_) => {}
        }
    }

    /// A value that is known now. The first error is enough: the rest follows from it.
    fn validate(&mut self, name: &str, schema: &Value, value: &Value, place: Span) {
        // A schema that cannot be used is a fault of the manifest, and refused there.
        let options = jsonschema::options().should_validate_formats(true);
        let Ok(validator) = options.build(schema) else { return };
        if let Some(error) = validator.iter_errors(value).next() {
            let said = error.to_string().replace('"', "`");
            let message = format!("`{name}` does not fit: {said}");
            self.error(codes::WRONG_INPUT, place, message, schema_help(schema));
        }
    }
}

/// The value, if it holds no expression.
fn constant(arg: &Arg) -> Option<Value> {
    match arg {
        Arg::Literal(literal) => Some(literal.value.clone()),
        Arg::Text(text) if text.value.is_literal() => Some(Value::from(text.value.text())),
        Arg::Text(_) => None,
        Arg::List(list) => list.value.iter().map(constant).collect::<Option<_>>().map(Value::Array),
        Arg::Map(map) => {
            let entry =
                |(name, arg): &(Spanned<String>, Arg)| Some((name.value.clone(), constant(arg)?));
            map.value.iter().map(entry).collect::<Option<Map<_, _>>>().map(Value::Object)
        }
    }
}

fn needed_help(name: &str, schema: Option<&Value>) -> String {
    let of = schema.map_or(Type::Any, Type::from_schema);
    let about = schema.and_then(|s| s.get("description")).and_then(Value::as_str);
    let about = about.map(|about| format!(" ({about})")).unwrap_or_default();
    format!("add under `with`: `{name}: …`, {of}{about}")
}

fn type_help(wanted: &Type, given: &Type) -> &'static str {
    match (wanted, given) {
        (Type::String, Type::Int | Type::Number | Type::Bool) => {
            "put the value in quotes, or write `${{ string(…) }}`"
        }
        (Type::Int | Type::Number, Type::String | Type::Choice(_)) => {
            "remove the quotes, or write `${{ int(…) }}`"
        }
        (Type::Bool, _) => "write true or false, without quotes",
        (Type::List(_), _) => "write a list: `[one, two]`",
        (Type::Object(_), _) => "write a mapping: `{ name: value }`",
        (_, Type::List(_)) => "take one element: `${{ list[0] }}`",
        (_, Type::Object(_)) => "name one of its properties",
        _ => "use a value of that type",
    }
}

fn schema_help(schema: &Value) -> String {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().map(|v| format!("`{}`", plain(v))).collect();
        return format!("use one of {}", values.join(", "));
    }
    let about = schema.get("description").and_then(Value::as_str);
    about.map_or_else(|| "see the action's input in its manifest".to_owned(), str::to_owned)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
