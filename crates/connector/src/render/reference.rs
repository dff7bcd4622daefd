//! References to secrets in an input, and what stands for them while expressions look at it.

use rand::RngExt as _;
use serde_json::Value;

/// A secret that an input takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// What stands for it: letters and digits, so that no encoding changes it, and by chance, so
    /// that no text from outside can hold it.
    pub(crate) stand_in: String,
    /// Its name.
    pub(crate) name: String,
}

/// Puts a stand-in for each reference (`{"secret": "NAME"}`) into the properties that take one.
///
/// Taken they are only by properties that the manifest marks `writeOnly` (JSON Schema 2020-12
/// §9.4). Anywhere else an object of that form is what it looks like: it may come from an alert,
/// and an alert must not be able to ask for a secret.
pub(crate) fn stand_ins(input: &mut Value, schema: &Value) -> Vec<Reference> {
    let Value::Object(input) = input else { return Vec::new() };
    let mut references = Vec::new();
    for (property, value) in input {
        let takes = schema.get("properties").and_then(|all| all.get(property));
        if takes.and_then(|of| of.get("writeOnly")) != Some(&Value::Bool(true)) {
            continue;
        }
        if let Some(name) = name_in(value) {
            let stand_in = format!("stanchsecret{:032x}", rand::rng().random::<u128>());
            references.push(Reference { stand_in: stand_in.clone(), name });
            *value = Value::String(stand_in);
        }
    }
    references
}

fn name_in(value: &Value) -> Option<String> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get("secret")?.as_str().map(str::to_owned)
}
