//! The data that an expression sees.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;
use stanch_model::Severity;

/// Name of the constant that is always in scope.
pub(crate) const SEVERITY: &str = "SEVERITY";

/// `{info: 1, …, critical: 5}`: OCSF `severity_id` by word.
static SEVERITIES: LazyLock<Value> = LazyLock::new(|| {
    Severity::ALL.iter().map(|s| (s.word().to_owned(), Value::from(s.number()))).collect()
});

/// Named JSON values, built once and used by any number of evaluations, which borrow from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    variables: BTreeMap<String, Value>,
}

impl Scope {
    /// A scope without variables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a variable.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.variables.insert(name.into(), value);
    }

    /// Adds or replaces a variable.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: Value) -> Self {
        self.set(name, value);
        self
    }

    /// The value of a variable, or of the constant `SEVERITY`, which no variable can hide.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        if name == SEVERITY { Some(&SEVERITIES) } else { self.variables.get(name) }
    }

    /// The names of its variables.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

impl From<BTreeMap<String, Value>> for Scope {
    fn from(variables: BTreeMap<String, Value>) -> Self {
        Self { variables }
    }
}

impl FromIterator<(String, Value)> for Scope {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().collect() }
    }
}
