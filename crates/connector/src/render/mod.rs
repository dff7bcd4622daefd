//! Manifest texts filled in: the one place that speaks to the expression crate at a call.
//!
//! A secret never enters an expression. In `input` a stand-in holds its place, which nobody can
//! guess; the value is put in where a text of the request is complete, and nowhere else.

mod reference;

use std::time::Duration;

use serde_json::{Map, Value};
use stanch_expression::{Expression, Scope, Template, render_value};
use stanch_model::manifest::Instance;

use crate::Secret;
pub(crate) use reference::{Reference, stand_ins};

/// Marks where an expression begins and ends in a text.
const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// What an output shows where a secret was read.
const CONCEALED: &str = "[redacted]";

/// The variables of one call.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    scope: Scope,
    references: Vec<Reference>,
    secrets: Vec<(String, Secret)>,
}

impl Context {
    /// `input`, `config`, `key` and `ttl_seconds`. A part of a second counts as a whole one: 0
    /// means no expiry.
    pub(crate) fn new(
        input: Value,
        instance: &Instance,
        key: &str,
        expires: Option<Duration>,
    ) -> Self {
        let config: Map<String, Value> =
            instance.config.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let ttl = expires.unwrap_or_default();
        let seconds = ttl.as_secs().saturating_add(u64::from(ttl.subsec_nanos() > 0));
        let scope = Scope::new()
            .with("input", input)
            .with("config", Value::Object(config))
            .with("key", Value::from(key))
            .with("ttl_seconds", Value::from(seconds));
        Self { scope, references: Vec::new(), secrets: Vec::new() }
    }

    /// With what stands in `input` for secrets.
    pub(crate) fn with_references(self, references: Vec<Reference>) -> Self {
        Self { references, ..self }
    }

    /// The secrets that its requests take.
    pub(crate) fn references(&self) -> &[Reference] {
        &self.references
    }

    /// For the length of one request: with the values, by what stands for each.
    pub(crate) fn revealing(&self, secrets: Vec<(String, Secret)>) -> Self {
        Self { secrets, ..self.clone() }
    }

    /// With what the act returned.
    pub(crate) fn with_output(self, output: &Value) -> Self {
        Self { scope: self.scope.with("output", output.clone()), ..self }
    }

    /// With the entry that a directory found.
    pub(crate) fn with_entry(self, entry: Value) -> Self {
        Self { scope: self.scope.with("entry", entry), ..self }
    }

    /// With what the target answered now.
    pub(crate) fn with_response(self, response: Value) -> Self {
        Self { scope: self.scope.with("response", response), ..self }
    }

    /// With what the target answered to the requests that come before one.
    pub(crate) fn with_first(&self, answers: Vec<Value>) -> Self {
        Self { scope: self.scope.clone().with("first", Value::Array(answers)), ..self.clone() }
    }

    /// All variables by name, with their secrets, for what is not filled in but reads them.
    /// `output` only where there is one.
    pub(crate) fn variables(&self) -> Map<String, Value> {
        let names = ["input", "config", "key", "ttl_seconds", "output"];
        let there = names.into_iter().filter_map(|name| Some((name, self.scope.get(name)?)));
        let mut variables: Map<String, Value> =
            there.map(|(name, value)| (name.to_owned(), value.clone())).collect();
        for value in variables.values_mut() {
            each_text(value, &|text| *text = self.reveal(std::mem::take(text)));
        }
        variables
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expression: &str) -> Result<Value, String> {
        let compiled = Expression::compile(expression).map_err(|error| error.to_string())?;
        compiled.evaluate(&self.scope).map_err(|error| format!("`{expression}`: {error}"))
    }

    /// The truth of a condition.
    pub(crate) fn condition(&self, expression: &str) -> Result<bool, String> {
        match self.value(expression)? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(format!("`{expression}` gives neither true nor false")),
        }
    }

    /// A text of a request with its parts filled in.
    pub(crate) fn text(&self, template: &str) -> Result<String, String> {
        Ok(self.reveal(self.rendered(template)?))
    }

    /// A text of a request that others can read where it arrives: no secret goes into it.
    pub(crate) fn open_text(&self, template: &str) -> Result<String, String> {
        let text = self.rendered(template)?;
        match self.references.iter().find(|reference| text.contains(&reference.stand_in)) {
            None => Ok(text),
            Some(Reference { name, .. }) => Err(format!(
                "the secret `{name}` does not go on a command line, where others on the host can read it"
            )),
        }
    }

    fn rendered(&self, template: &str) -> Result<String, String> {
        let parsed = Template::parse(template).map_err(|error| error.to_string())?;
        plain(parsed.render(&self.scope).map_err(|error| format!("`{template}`: {error}"))?)
            .ok_or_else(|| format!("`{template}` gives no text"))
    }

    /// A JSON value of a request with its leaves filled in.
    pub(crate) fn json(&self, value: &Value) -> Result<Value, String> {
        let mut value = render_value(value, &self.scope).map_err(|error| error.to_string())?;
        each_text(&mut value, &|text| {
            if self.secrets.iter().any(|(stand_in, _)| text.contains(stand_in.as_str())) {
                *text = self.reveal(std::mem::take(text));
            }
        });
        Ok(value)
    }

    fn reveal(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, (stand_in, secret)| {
            if text.contains(stand_in) { text.replace(stand_in, secret.expose()) } else { text }
        })
    }

    /// Takes out of an output what stood for a secret.
    pub(crate) fn conceal(&self, output: &mut Value) {
        each_text(output, &|text| {
            for Reference { stand_in, .. } in &self.references {
                if text.contains(stand_in) {
                    *text = text.replace(stand_in, CONCEALED);
                }
            }
        });
    }

    /// A text in which every filled-in part goes through `encode`, and nothing else does.
    pub(crate) fn encoded(
        &self,
        template: &str,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, String> {
        let mut text = String::new();
        for part in parts(template)? {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Filled(part) => text.push_str(&encode(&self.text(part)?)),
            }
        }
        Ok(text)
    }

    /// The same, but parts that read nothing but `config` stand as they are: the installation's own words
    /// may be syntax, what comes from outside may not.
    pub(crate) fn encoded_but_config(
        &self,
        template: &str,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, String> {
        let mut text = String::new();
        for part in parts(template)? {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Filled(part) if reads_only_config(part) => text.push_str(&self.text(part)?),
                Part::Filled(part) => text.push_str(&encode(&self.text(part)?)),
            }
        }
        Ok(text)
    }
}

fn reads_only_config(part: &str) -> bool {
    let is_config = |path: &[String]| path.first().is_some_and(|root| root == "config");
    Template::parse(part)
        .is_ok_and(|part| part.references().iter().all(|reference| is_config(&reference.path)))
}

fn each_text(value: &mut Value, change: &impl Fn(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(map) => map.values_mut().for_each(|item| each_text(item, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// As it stands.
    Literal(&'a str),
    /// `${{ … }}`, with its marks.
    Filled(&'a str),
}

/// Splits a text into its pieces. The end of a part is the first `}}` up to which it reads as one
/// expression, so a `}}` in a quoted text does not end it.
pub(crate) fn parts(template: &str) -> Result<Vec<Part<'_>>, String> {
    Template::parse(template).map_err(|error| error.to_string())?;
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find(OPEN) {
        let (literal, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        let end = from
            .match_indices(CLOSE)
            .map(|(at, close)| at + close.len())
            .find(|end| from.get(..*end).is_some_and(is_one))
            .ok_or_else(|| format!("`{template}` has a part without end"))?;
        let (part, after) = from.split_at_checked(end).unwrap_or((from, ""));
        parts.push(Part::Filled(part));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    Ok(parts)
}

fn is_one(text: &str) -> bool {
    Template::parse(text).is_ok_and(|template| template.single().is_some())
}

/// As the template engine writes it into a text.
fn plain(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn context(input: Value, expires: Option<Duration>) -> Context {
        let instance: Instance =
            serde_json::from_value(json!({ "name": "i", "connector": "c" })).unwrap();
        Context::new(input, &instance, "k1", expires)
    }

    #[test]
    fn only_filled_in_parts_are_encoded() {
        let context = context(json!({ "name": "a/b" }), None);
        let encode = |text: &str| text.replace('/', "%2F");
        for (template, expect) in [
            ("/hosts/${{ input.name }}/x", "/hosts/a%2Fb/x"),
            ("/${{ input.name }}${{ '/' }}", "/a%2Fb%2F"),
            ("/${{ '}}/' + input.name }}?key=${{ key }}", "/}}%2Fa%2Fb?key=k1"),
            ("/plain", "/plain"),
        ] {
            assert_eq!(context.encoded(template, encode).unwrap(), expect, "{template}");
        }
        assert!(context.encoded("/${{ input.none }}", encode).is_err());
        assert!(context.encoded("/${{ input", encode).is_err());
        assert!(context.encoded("/${{ input }}", encode).is_err(), "an object is no text");
    }

    #[test]
    fn a_secret_goes_into_requests_and_into_nothing_else() {
        let schema =
            json!({ "properties": { "password": { "type": "string", "writeOnly": true } } });
        let mut input = json!({ "password": { "secret": "new" }, "note": { "secret": "new" } });
        let references = stand_ins(&mut input, &schema);
        assert_eq!(references.len(), 1, "only where the manifest takes one");
        let bare = context(input, None).with_references(references.clone());
        let stand_in = references[0].stand_in.clone();
        let secret = Secret::from("p/w \"1".to_owned());
        let call = bare.revealing(vec![(stand_in.clone(), secret)]);
        assert_eq!(call.text("x ${{ input.password }}").unwrap(), "x p/w \"1");
        let body = json!({ "to": ["${{ input.password }}"], "note": "${{ input.note }}" });
        let sent = json!({ "to": ["p/w \"1"], "note": { "secret": "new" } });
        assert_eq!(call.json(&body).unwrap(), sent);
        let encode = |text: &str| text.replace('/', "%2F");
        assert_eq!(call.encoded("/${{ input.password }}", encode).unwrap(), "/p%2Fw \"1");
        assert!(call.open_text("${{ input.password }}").unwrap_err().contains("command line"));

        // What an expression sees, and so what it could return or compare, is not the value.
        assert_eq!(call.value("input.password").unwrap(), json!(stand_in));
        assert!(!call.condition("input.password.startsWith('p')").unwrap());
        let mut output = json!({ "echo": [format!("is {stand_in}")] });
        call.conceal(&mut output);
        assert_eq!(output, json!({ "echo": ["is [redacted]"] }));
    }

    #[test]
    fn what_the_configuration_says_may_be_syntax() {
        let config = json!({ "name": "i", "connector": "c", "config": { "base": "dc=a,dc=b" } });
        let instance: Instance = serde_json::from_value(config).unwrap();
        let context = Context::new(json!({ "user": "x,y" }), &instance, "k,1", None);
        let encode = |text: &str| text.replace(',', "\\2c");
        for (template, expect) in [
            ("${{ config.base }}", "dc=a,dc=b"),
            ("uid=${{ input.user }},${{ config.base }}", "uid=x\\2cy,dc=a,dc=b"),
            ("${{ config.base + input.user }}", "dc=a\\2cdc=bx\\2cy"),
            ("${{ input.user == '' ? config.base : config.base }}", "dc=a\\2cdc=b"),
            ("${{ key }}", "k\\2c1"),
        ] {
            assert_eq!(context.encoded_but_config(template, encode).unwrap(), expect, "{template}");
        }
    }

    #[test]
    fn a_part_of_a_second_is_no_endless_act() {
        for (expires, seconds) in [
            (None, 0),
            (Some(Duration::from_millis(1)), 1),
            (Some(Duration::from_secs(60)), 60),
            (Some(Duration::from_millis(1_500)), 2),
        ] {
            let context = context(json!({}), expires);
            assert_eq!(context.value("ttl_seconds").unwrap(), json!(seconds));
        }
    }
}
