//! Types of values, read from JSON Schema.
//!
//! Only what helps to find slips is kept of a schema: `type`, `properties`, `items`,
//! `additionalProperties`, `enum`, `const`. Everything else, and everything that is more than one
//! type, is [`Type::Any`], about which nothing is complained.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::Value;

/// What is known about a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Nothing.
    Any,
    /// Null.
    Null,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// A text.
    String,
    /// One of these texts.
    Choice(Arc<[String]>),
    /// A list of values of one type.
    List(Arc<Type>),
    /// An object.
    Object(Arc<ObjectType>),
}

/// What is known about an object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectType {
    /// Its properties. They may be absent: a schema's `required` is not looked at.
    pub properties: BTreeMap<String, Type>,
    /// What other properties hold; none if there are no others.
    pub rest: Option<Type>,
}

impl Type {
    /// An object with exactly these properties.
    #[must_use]
    pub fn object(properties: BTreeMap<String, Self>) -> Self {
        Self::Object(Arc::new(ObjectType { properties, rest: None }))
    }

    /// An object about which nothing is known.
    #[must_use]
    pub fn dynamic() -> Self {
        Self::Object(Arc::new(ObjectType { properties: BTreeMap::new(), rest: Some(Self::Any) }))
    }

    /// A list of values of one type.
    #[must_use]
    pub fn list(of: Self) -> Self {
        Self::List(Arc::new(of))
    }

    /// The type that a JSON Schema describes. An object without `properties`, or with
    /// `additionalProperties: true`, may have any.
    #[must_use]
    pub fn from_schema(schema: &Value) -> Self {
        const DEPTH_MAX: u8 = 32;
        from_schema(schema, DEPTH_MAX)
    }

    /// Whether it is a number of some kind.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Number)
    }

    /// Whether it is a text of some kind.
    #[must_use]
    pub fn is_string(&self) -> bool {
        matches!(self, Self::String | Self::Choice(_))
    }

    /// Whether a value of type `given` may stand where this one is wanted. It says no only where
    /// that can never be right.
    #[must_use]
    pub fn accepts(&self, given: &Self) -> bool {
        match (self, given) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Choice(wanted), Self::Choice(given)) => given.iter().any(|g| wanted.contains(g)),
            (Self::List(wanted), Self::List(given)) => wanted.accepts(given),
            (Self::Object(_), Self::Object(_)) => true,
            (wanted, given) => {
                wanted == given
                    || (wanted.is_number() && given.is_number())
                    || (wanted.is_string() && given.is_string())
            }
        }
    }

    /// The type of a value that is of one of both types.
    pub(crate) fn joined(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (a, b) if a.is_number() && b.is_number() => Self::Number,
            (a, b) if a.is_string() && b.is_string() => Self::String,
            _ => Self::Any,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any value",
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Number => "number",
            Self::String | Self::Choice(_) => "string",
            Self::Object(_) => "object",
            Self::List(of) => match **of {
                Self::Any => "list",
                ref of => return write!(f, "list of {of}"),
            },
        })
    }
}

fn from_schema(schema: &Value, depth: u8) -> Type {
    let Some(depth) = depth.checked_sub(1) else { return Type::Any };
    let known = |key: &str| schema.get(key).filter(|value| !value.is_null());
    if ["$ref", "anyOf", "oneOf", "allOf", "not", "if"].iter().any(|key| known(key).is_some()) {
        return Type::Any;
    }
    if let Some(value) = schema.get("const") {
        return of_values(std::slice::from_ref(value));
    }
    if let Some(Value::Array(values)) = known("enum") {
        return of_values(values);
    }
    match known("type").and_then(Value::as_str) {
        Some("null") => Type::Null,
        Some("boolean") => Type::Bool,
        Some("integer") => Type::Int,
        Some("number") => Type::Number,
        Some("string") => Type::String,
        Some("array") => {
            Type::list(known("items").map_or(Type::Any, |items| from_schema(items, depth)))
        }
        Some("object") => object(schema, depth),
        None if known("properties").is_some() => object(schema, depth),
        _ => Type::Any,
    }
}

fn object(schema: &Value, depth: u8) -> Type {
    let properties: BTreeMap<String, Type> = match schema.get("properties") {
        Some(Value::Object(map)) => {
            map.iter().map(|(name, schema)| (name.clone(), from_schema(schema, depth))).collect()
        }
        _ => BTreeMap::new(),
    };
    let rest = match schema.get("additionalProperties") {
        Some(Value::Bool(true)) => Some(Type::Any),
        Some(Value::Object(rest)) => Some(from_schema(&Value::Object(rest.clone()), depth)),
        Some(_) => None,
        None => properties.is_empty().then_some(Type::Any),
    };
    Type::Object(Arc::new(ObjectType { properties, rest }))
}

/// The type of an `enum`.
fn of_values(values: &[Value]) -> Type {
    let texts: Option<Arc<[String]>> =
        values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
    if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
        return Type::Choice(texts);
    }
    values.iter().map(of_value).reduce(Type::joined).unwrap_or(Type::Any)
}

/// The type of one value.
pub(crate) fn of_value(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Number(n) if n.is_f64() => Type::Number,
        Value::Number(_) => Type::Int,
        Value::String(_) => Type::String,
        Value::Array(_) => Type::list(Type::Any),
        Value::Object(_) => Type::dynamic(),
    }
}
