//! What is known of the data, before there is any.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde_json::Value;
use stanch_model::Severity;

use crate::{presence::Presence, scope::SEVERITY, types::Type};

static SEVERITIES: LazyLock<Type> = LazyLock::new(|| {
    Type::object(Severity::ALL.iter().map(|s| (s.word().to_owned(), Type::Int)).collect())
});

/// Variables and their types. `SEVERITY` is always among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeEnv {
    variables: BTreeMap<String, Type>,
    /// Variables whose own properties the caller looks after.
    open: BTreeSet<String>,
    strict: bool,
    present: Presence,
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

    /// Adds or replaces a variable; whether it has a property is for the caller to find out.
    pub fn declare_open(&mut self, name: impl Into<String>, of: Type) {
        let name = name.into();
        self.open.insert(name.clone());
        self.declare_type(name, of);
    }

    /// From here on a property that no schema declares has to be asked for with `has` or `in` first,
    /// and a value of any type has to be converted before it is used as one type.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// From here on it minds only what goes wrong whatever the data.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.strict = false;
        self
    }

    /// Whether it is strict.
    #[must_use]
    pub const fn is_strict(&self) -> bool {
        self.strict
    }

    /// These paths are there, because a condition that was met asks for them.
    pub fn assume(&mut self, present: &Presence) {
        self.present.extend(present);
    }

    /// Whether a value of type `found` may stand where `wanted` is needed.
    #[must_use]
    pub fn fits(&self, wanted: &Type, found: &Type) -> bool {
        if self.strict { wanted.surely_accepts(found) } else { wanted.accepts(found) }
    }

    pub(crate) const fn present(&self) -> &Presence {
        &self.present
    }

    pub(crate) fn is_open(&self, name: &str) -> bool {
        self.open.contains(name)
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
