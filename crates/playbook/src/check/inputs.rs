//! The `with` of a step against the schema of what it is given to, and defaults against what they stand for.

use serde_json::{Map, Value};
use stanch_expression::{Edit, Type, suggest};
use stanch_model::{
    Fix, Observable, ObservableKind, Span,
    manifest::{ActionManifest, TargetSpec},
};
use stanch_yaml::Editor;

use super::{codes, flow::Checker, known::Known, schemas};
use crate::{
    ast::{Arg, Do, Spanned},
    parse::reader::change,
};

/// The entries of a `with`, and what they are given to.
#[derive(Clone, Copy)]
pub(super) struct Given<'g> {
    /// What it is called.
    pub(super) owner: &'g str,
    /// Where that stands.
    pub(super) place: Span,
    pub(super) with: &'g [(Spanned<String>, Arg)],
    /// What the action acts on.
    pub(super) target: Option<&'g TargetSpec>,
}

impl Checker<'_> {
    pub(super) fn inputs(&mut self, call: &Do, manifest: &ActionManifest, known: &Known) {
        let target = manifest.target.as_ref();
        let (owner, place) = (call.name.value.as_str(), call.name.span);
        let given = Given { owner, place, with: &call.with, target };
        self.given(given, &manifest.input, known);
        let Some(target) = target else { return };
        let given = call.with.iter().find(|(input, _)| input.value == target.input);
        let Some((_, arg)) = given else { return };
        if arg.secret().is_some() {
            let message = format!("`{}` is what the step acts on, and no secret", target.input);
            let help = "write the target itself: people see it before they approve";
            self.error(codes::SECRET, arg.span(), message, help);
        }
        if let Some(Value::String(text)) = arg.constant()
            && Observable::new(target.kind, &text).is_none()
        {
            let message = format!("`{}` is `{text}`, which is no {}", target.input, target.kind);
            let help = format!("write a value of kind {}", target.kind);
            let (span, of) = (arg.span(), self.of_cause(target.kind));
            self.error_with(codes::WRONG_INPUT, span, message, help, |e| e.rewrite(span, of?));
        }
    }

    /// All that a step gives against the schema of an object.
    pub(super) fn given(&mut self, given: Given<'_>, schema: &Value, known: &Known) {
        let map = given.with.first().map(|(name, _)| name.span);
        let needs = |checker: &Self, name: &str, of: Option<&Value>| -> String {
            let target = given.target.filter(|target| target.input == name);
            let of_target = target.and_then(|target| checker.of_cause(target.kind));
            of_target.unwrap_or_else(|| sample(of))
        };
        let here = self.here;
        let missing = self.properties(given.owner, schema, given.with, known);
        for name in missing {
            let of = schema.get("properties").and_then(|properties| properties.get(&name));
            let message = format!("`{}` needs `{name}`", given.owner);
            let help = needed_help(&name, of);
            let value = needs(self, &name, of);
            self.error_with(codes::MISSING_INPUT, given.place, message, help, |edit| match map {
                Some(map) => edit.add_key(map, &name, &value),
                None => match edit.entry_of(here, "with") {
                    Some((_, with)) => edit.rewrite(with, format!("{{ {name}: {value} }}")),
                    None => edit.add_key(here, "with", &format!("{{ {name}: {value} }}")),
                },
            });
        }
    }

    /// What a run usually has for a kind of target.
    fn of_cause(&self, kind: ObservableKind) -> Option<String> {
        let path = match kind {
            ObservableKind::Ip => "src.ip",
            ObservableKind::Host => "host.name",
            ObservableKind::User => "user.name",
            ObservableKind::Domain => "domain",
            ObservableKind::Url => "url",
            ObservableKind::FileHash => "file.sha256",
            ObservableKind::Process => "process.path",
            ObservableKind::EmailAddress | ObservableKind::Ticket => return None,
        };
        let has_alert = schemas::causes(self.playbook).contains(&"alert");
        has_alert.then(|| format!("\"${{{{ alert.{path} }}}}\""))
    }

    /// The entries of an object: none unknown, each of its type; says which are missing.
    fn properties(
        &mut self,
        owner: &str,
        schema: &Value,
        given: &[(Spanned<String>, Arg)],
        known: &Known,
    ) -> Vec<String> {
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
                    let taken = |near: &&str| given.iter().all(|(given, _)| given.value != *near);
                    let near = suggest::nearest(&name.value, names()).filter(taken);
                    misspelt.extend(near);
                    let help = suggest::help(&name.value, names());
                    let span = name.span;
                    self.error_with(codes::UNKNOWN_INPUT, span, message, help, |edit| match near {
                        Some(near) => edit.rename_key(span, near),
                        None => edit.remove_key(span),
                    });
                }
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        let absent = |name: &&str| {
            !misspelt.contains(name) && !given.iter().any(|(given, _)| given.value == *name)
        };
        required.filter(absent).map(str::to_owned).collect()
    }

    fn fits(&mut self, name: &str, schema: &Value, arg: &Arg, known: &Known) {
        if arg.secret().is_some() {
            return;
        }
        let wanted = Type::from_schema(schema);
        let of = self.infer(arg, known);
        let span = arg.span();
        if !wanted.accepts(&of) {
            let message = format!("`{name}` takes {wanted}, not {of}");
            let help = type_help(&wanted, &of);
            return self.error_with(codes::WRONG_INPUT, span, message, help, |edit| {
                converted(edit, arg, &wanted, &of)
            });
        }
        if let Some(value) = arg.constant() {
            return self.validate(codes::WRONG_INPUT, name, schema, &value, span);
        }
        match arg {
            Arg::Map(map) => {
                for missing in self.properties(name, schema, &map.value, known) {
                    let message = format!("`{name}` needs `{missing}`");
                    let of = schema.get("properties").and_then(|p| p.get(&missing));
                    let (help, value) = (needed_help(&missing, of), sample(of));
                    self.error_with(codes::MISSING_INPUT, map.span, message, help, |edit| {
                        edit.add_key(map.span, &missing, &value)
                    });
                }
            }
            Arg::List(list) => {
                if let Some(items) = schema.get("items") {
                    for item in &list.value {
                        self.fits(name, items, item, known);
                    }
                }
            }
            Arg::Text(text) => self.surely(name, &wanted, &of, text, known),
            Arg::Literal(_) => {}
        }
    }

    /// A value of any type is no text, and no number.
    fn surely(
        &mut self,
        name: &str,
        wanted: &Type,
        of: &Type,
        text: &Spanned<stanch_expression::Template>,
        known: &Known,
    ) {
        let env = self.env(known);
        let loose = self.loose(&text.value.references(), Some(known));
        if loose || wanted.surely_accepts(of) || !text.value.check(&env).is_empty() {
            return;
        }
        let Some((expression, offset)) = text.value.single() else { return };
        let written = expression.text();
        let instead = match wanted {
            Type::String | Type::Choice(_) => Some(format!("string({written})")),
            Type::Int => Some(format!("int({written})")),
            Type::Number => Some(format!("double({written})")),
            Type::Bool => Some(format!("{written} == true")),
            Type::List(element) if matches!(of, Type::Any) && **element == Type::Any => {
                Some(format!("list({written})"))
            }
            Type::List(element) if element.is_string() => {
                Some(format!("list({written}).map(x, string(x))"))
            }
            _ => None,
        };
        let message = format!("`{name}` takes {wanted}, and `{written}` may be {of}");
        let help = match &instead {
            Some(instead) => format!("write `{instead}`"),
            None => "name a value of that type".to_owned(),
        };
        let edit = instead.map(|text| Edit { offset, length: written.len(), text });
        let place = self.source.part(text.span, text.value.text(), offset, written.len());
        self.error_with(codes::UNTYPED, place, message, help, |editor| {
            editor.within(text.span, text.value.text(), change(&edit?))
        });
    }

    /// A value that is known now. The first error is enough: the rest follows from it.
    fn validate(&mut self, code: &str, name: &str, schema: &Value, value: &Value, place: Span) {
        // A schema that cannot be used is a fault of the manifest, and refused there.
        let options = jsonschema::options().should_validate_formats(true);
        let Ok(validator) = options.build(schema) else { return };
        if let Some(error) = validator.iter_errors(value).next() {
            let said = error.to_string().replace('"', "`");
            let message = format!("`{name}` does not fit: {said}");
            let nearest = nearest_value(schema, value);
            self.error_with(code, place, message, schema_help(schema), |edit| {
                edit.rewrite(place, nearest?)
            });
        }
    }

    /// The `default` of a step against what it gives.
    pub(super) fn default(
        &mut self,
        default: &Spanned<Map<String, Value>>,
        output: &Value,
        owner: &str,
    ) {
        let properties = output.get("properties").and_then(Value::as_object);
        let open =
            properties.is_none() || output.get("additionalProperties") == Some(&Value::Bool(true));
        let names = || properties.into_iter().flat_map(Map::keys).map(String::as_str);
        for (name, value) in &default.value {
            let place = self.editor().and_then(|edit| edit.entry_of(default.span, name));
            let (key, at) = place.unwrap_or((default.span, default.span));
            match properties.and_then(|properties| properties.get(name)) {
                Some(schema) => self.validate(codes::BAD_DEFAULT, name, schema, value, at),
                None if open && name != "ok" => {}
                None => {
                    let message = format!("`{owner}` gives no `{name}`");
                    let near = suggest::nearest(name, names());
                    let help = suggest::help(name, names());
                    self.error_with(codes::BAD_DEFAULT, key, message, help, |edit| match near {
                        Some(near) => edit.rename_key(key, near),
                        None => edit.remove_key(key),
                    });
                }
            }
        }
    }

    /// The defaults of the playbook's inputs.
    pub(super) fn input_defaults(&mut self) {
        for input in &self.playbook.inputs {
            if let Some(default) = &input.default {
                let (name, schema) = (&input.field.name.value, &input.field.schema.value);
                self.validate(codes::BAD_DEFAULT, name, schema, &default.value, default.span);
            }
        }
    }
}

/// A value of the type of a schema, to begin with.
pub(super) fn sample(schema: Option<&Value>) -> String {
    let first =
        schema.and_then(|s| s.get("enum")).and_then(Value::as_array).and_then(|v| v.first());
    if let Some(first) = first {
        return plain(first);
    }
    match schema.map_or(Type::Any, Type::from_schema) {
        Type::Int | Type::Number => {
            let least = schema.and_then(|s| s.get("minimum")).map(ToString::to_string);
            least.unwrap_or_else(|| "1".to_owned())
        }
        Type::Bool => "false".to_owned(),
        Type::List(_) => "[]".to_owned(),
        Type::Object(_) => "{}".to_owned(),
        _ => "\"…\"".to_owned(),
    }
}

/// A value written as the type that is wanted.
fn converted(edit: Editor<'_>, arg: &Arg, wanted: &Type, of: &Type) -> Option<Fix> {
    let span = arg.span();
    match (wanted, arg) {
        (wanted, Arg::Literal(literal)) if wanted.is_string() => {
            edit.rewrite(span, format!("\"{}\"", literal.value))
        }
        (_, Arg::Text(text)) if text.value.is_literal() => {
            let text = text.value.text();
            let number = wanted.is_number() && text.parse::<f64>().is_ok();
            let truth = *wanted == Type::Bool && text.parse::<bool>().is_ok();
            let list = matches!(wanted, Type::List(of) if of.is_string() || **of == Type::Any);
            match (number || truth, list) {
                (true, _) => edit.rewrite(span, text),
                (_, true) => edit.listed(span),
                _ => None,
            }
        }
        (wanted, Arg::Text(text)) => {
            let (expression, offset) = text.value.single()?;
            let written = expression.text();
            let instead = match (wanted, of) {
                (wanted, Type::List(of)) if wanted.is_string() && of.is_string() => {
                    format!("{written}.join(', ')")
                }
                (wanted, Type::Int | Type::Number | Type::Bool) if wanted.is_string() => {
                    format!("string({written})")
                }
                (Type::Int, of) if of.is_string() => format!("int({written})"),
                (Type::Number, of) if of.is_string() => format!("double({written})"),
                (Type::List(element), of) if element.accepts(of) => format!("[{written}]"),
                _ => return None,
            };
            let edit_of = Edit { offset, length: written.len(), text: instead };
            edit.within(text.span, text.value.text(), change(&edit_of))
        }
        _ => None,
    }
}

/// The value nearest to one that a schema refuses.
fn nearest_value(schema: &Value, value: &Value) -> Option<String> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        let near = value.as_str().and_then(|v| suggest::nearest(v, words.iter().copied()));
        return near.map(str::to_owned).or_else(|| values.first().map(plain));
    }
    let wanted = Type::from_schema(schema);
    if let (Some(number), true) = (value.as_f64(), wanted.is_number()) {
        let bound = |key: &str| schema.get(key).filter(|bound| bound.is_number());
        if let Some(most) = bound("maximum").filter(|m| m.as_f64().is_some_and(|m| number > m)) {
            return Some(most.to_string());
        }
        return bound("minimum").map(ToString::to_string);
    }
    match value {
        Value::String(text) if wanted.is_number() => text.parse::<f64>().ok().map(|_| text.clone()),
        Value::String(text) if wanted == Type::Bool => {
            text.parse::<bool>().ok().map(|b| b.to_string())
        }
        Value::Number(_) | Value::Bool(_) if wanted == Type::String => Some(format!("\"{value}\"")),
        _ => None,
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
    about.map_or_else(|| "see the schema that it has to fit".to_owned(), str::to_owned)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
