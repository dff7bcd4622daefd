//! Schemas that were compiled once: making one costs more than a whole event.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// A schema that is compiled when it is first needed, and then kept.
#[derive(Clone, Debug)]
pub(crate) struct Shape(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    schema: Value,
    /// Ready for use, or why it cannot be used.
    built: OnceLock<Result<jsonschema::Validator, String>>,
}

impl Shape {
    pub(crate) fn new(schema: &Value) -> Self {
        Self(Arc::new(Inner { schema: schema.clone(), built: OnceLock::new() }))
    }

    fn validator(&self) -> &Result<jsonschema::Validator, String> {
        self.0.built.get_or_init(|| {
            let built = jsonschema::options().should_validate_formats(true).build(&self.0.schema);
            built.map_err(|error| error.to_string())
        })
    }

    /// Why `value` does not fit, if it does not. What is a reference to a secret is not looked at: its
    /// value is known only at the call.
    pub(crate) fn misfit(&self, value: &Value) -> Option<String> {
        let validator = match self.validator() {
            Ok(validator) => validator,
            Err(why) => return Some(format!("its schema is broken: {why}")),
        };
        let wrong: Vec<String> = validator
            .iter_errors(value)
            .filter(|error| !is_in_secret(value, error.instance_path().as_str()))
            .take(3)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        (!wrong.is_empty()).then(|| wrong.join("; "))
    }
}

/// Whether the place is a reference to a secret, or inside of one.
fn is_in_secret(value: &Value, path: &str) -> bool {
    let whole = value.pointer(path).is_some_and(is_secret);
    let around = path.rsplit_once('/').and_then(|(around, _)| value.pointer(around));
    whole || around.is_some_and(is_secret)
}

/// Whether a value stands for a secret that is looked up at the call.
fn is_secret(value: &Value) -> bool {
    value.as_object().is_some_and(|object| {
        object.len() == 1 && object.get("secret").is_some_and(Value::is_string)
    })
}
