//! Manifest texts filled in: the one place that speaks to the expression crate at a call.

use std::time::Duration;

use serde_json::{Map, Value};
use stanch_expression::{Expression, Scope, Template, render_value};
use stanch_model::manifest::Instance;

/// Marks where an expression begins and ends in a text.
const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// The variables of one call.
#[derive(Clone, Debug)]
pub(crate) struct Context(Scope);

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
        Self(
            Scope::new()
                .with("input", input)
                .with("config", Value::Object(config))
                .with("key", Value::from(key))
                .with("ttl_seconds", Value::from(seconds)),
        )
    }

    /// With what the act returned.
    pub(crate) fn with_output(self, output: &Value) -> Self {
        Self(self.0.with("output", output.clone()))
    }

    /// With what the target answered now.
    pub(crate) fn with_response(self, response: Value) -> Self {
        Self(self.0.with("response", response))
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expression: &str) -> Result<Value, String> {
        let compiled = Expression::compile(expression).map_err(|error| error.to_string())?;
        compiled.evaluate(&self.0).map_err(|error| format!("`{expression}`: {error}"))
    }

    /// The truth of a condition.
    pub(crate) fn condition(&self, expression: &str) -> Result<bool, String> {
        match self.value(expression)? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(format!("`{expression}` gives neither true nor false")),
        }
    }

    /// A text with its parts filled in.
    pub(crate) fn text(&self, template: &str) -> Result<String, String> {
        let parsed = Template::parse(template).map_err(|error| error.to_string())?;
        plain(parsed.render(&self.0).map_err(|error| format!("`{template}`: {error}"))?)
            .ok_or_else(|| format!("`{template}` gives no text"))
    }

    /// A JSON value with its leaves filled in.
    pub(crate) fn json(&self, value: &Value) -> Result<Value, String> {
        render_value(value, &self.0).map_err(|error| error.to_string())
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
