//! JSON values whose strings are templates.

use serde_json::{Map, Value};

use super::{OPEN, Template};
use crate::{
    check::TypeEnv,
    error::{CompileError, EvalError, EvalErrorKind},
    limits::VALUE_DEPTH_MAX,
    scope::Scope,
    types::{self, Type},
};

/// A JSON value in which every string is a compiled [`Template`].
#[derive(Clone, Debug, PartialEq)]
pub enum ValueTemplate {
    /// Null, a bool or a number.
    Plain(Value),
    /// A string.
    Text(Template),
    /// A list.
    List(Vec<ValueTemplate>),
    /// An object.
    Object(Vec<(String, ValueTemplate)>),
}

impl ValueTemplate {
    /// Reads a value.
    ///
    /// # Errors
    /// The first string that is no template, with offsets in that string; `${{` in a property's
    /// name; a value deeper than [`VALUE_DEPTH_MAX`].
    pub fn parse(value: &Value) -> Result<Self, CompileError> {
        Self::parse_at(value, 0)
    }

    fn parse_at(value: &Value, depth: usize) -> Result<Self, CompileError> {
        if depth >= VALUE_DEPTH_MAX {
            let message = format!("value is more than {VALUE_DEPTH_MAX} levels deep");
            return Err(CompileError::new(0, 0, message, "make it flatter"));
        }
        let deeper = depth.saturating_add(1);
        match value {
            Value::String(text) => Template::parse(text).map(Self::Text),
            Value::Array(list) => list
                .iter()
                .map(|v| Self::parse_at(v, deeper))
                .collect::<Result<_, _>>()
                .map(Self::List),
            Value::Object(map) => {
                let entry = |(name, value): (&String, &Value)| {
                    if name.contains(OPEN) {
                        let help = "write the property's name out";
                        let message = "names of properties hold no expressions";
                        return Err(CompileError::new(0, name.len(), message, help));
                    }
                    Ok((name.clone(), Self::parse_at(value, deeper)?))
                };
                map.iter().map(entry).collect::<Result<_, _>>().map(Self::Object)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(Self::Plain(value.clone())),
        }
    }

    /// The value with every string rendered.
    ///
    /// # Errors
    /// The first string that cannot be rendered, with offsets in that string.
    pub fn render(&self, scope: &Scope) -> Result<Value, EvalError> {
        match self {
            Self::Plain(value) => Ok(value.clone()),
            Self::Text(template) => template.render(scope),
            Self::List(list) => {
                list.iter().map(|v| v.render(scope)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Object(entries) => {
                let mut map = Map::new();
                for (name, value) in entries {
                    map.insert(name.clone(), value.render(scope)?);
                }
                Ok(Value::Object(map))
            }
        }
    }

    /// All its strings.
    #[must_use]
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Text(template) => vec![template],
            Self::List(list) => list.iter().flat_map(Self::templates).collect(),
            Self::Object(entries) => entries.iter().flat_map(|(_, v)| v.templates()).collect(),
        }
    }

    /// The type of its value, as far as `env` tells.
    #[must_use]
    pub fn infer(&self, env: &TypeEnv) -> Type {
        match self {
            Self::Plain(value) => types::of_value(value),
            Self::Text(template) => template.infer(env),
            Self::List(list) => {
                let of = list.iter().map(|v| v.infer(env)).reduce(Type::joined);
                Type::list(of.unwrap_or(Type::Any))
            }
            Self::Object(entries) => {
                Type::object(entries.iter().map(|(name, v)| (name.clone(), v.infer(env))).collect())
            }
        }
    }
}

/// Reads and renders a value in one go; for values that are rendered once.
///
/// # Errors
/// Strings that are no templates, as an [`EvalError`] of kind [`EvalErrorKind::Value`], and those
/// of [`ValueTemplate::render`].
pub fn render_value(value: &Value, scope: &Scope) -> Result<Value, EvalError> {
    let template = ValueTemplate::parse(value).map_err(|error| EvalError {
        kind: EvalErrorKind::Value,
        message: error.message,
        offset: error.offset,
        length: error.length,
    })?;
    template.render(scope)
}
