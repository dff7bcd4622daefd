//! What is known of the data, before there is any.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;
use stanch_model::Severity;

use crate::{scope::SEVERITY, types::Type};

static SEVERITIES: LazyLock<Type> = LazyLock::new(|| {
    Type::object(Severity::ALL.iter().map(|s| (s.word().to_owned(), Type::Int)).collect())
});

/// Variables and their types. `SEVERITY` is always among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeEnv {
    variables: BTreeMap<String, Type>,
}

impl TypeEnv {
    /// Knows no variable.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a variable whose values a JSON Schema describes.
    pub fn declare(&mut self, name: impl Into<String>, schema: &Value) {
        self.declare_type(name, Type::from_schema(schema));
    }

    /// Adds or replaces a variable.
    pub fn declare_type(&mut self, name: impl Into<String>, of: Type) {
        self.variables.insert(name.into(), of);
    }

    /// Adds or replaces a variable whose values a JSON Schema describes.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, schema: &Value) -> Self {
        self.declare(name, schema);
        self
    }

    /// The type of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Type> {
        if name == SEVERITY { Some(&SEVERITIES) } else { self.variables.get(name) }
    }

    /// The names of the variables, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}
