//! Values that are typed as NAME=VALUE: for the inputs of a playbook, a form, a signal.

use std::str::FromStr;

use serde_json::{Map, Value};

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    name: String,
    value: Value,
}

impl FromStr for Field {
    type Err = String;

    /// A value is JSON (`7`, `true`, `["a"]`), or the text itself if it is none.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                let json = serde_json::from_str(value).ok();
                let value = json.unwrap_or_else(|| Value::from(value));
                Ok(Self { name: name.to_owned(), value })
            }
            _ => Err("write NAME=VALUE, as in hours=24".to_owned()),
        }
    }
}

impl Field {
    /// All of them as an object; of two with one name the later counts.
    pub(crate) fn object(fields: &[Self]) -> Map<String, Value> {
        fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Field;

    #[test]
    fn a_value_is_json_or_a_text() {
        let read = |text: &str| text.parse::<Field>().unwrap();
        let fields =
            ["n=7", "b=true", "l=[1]", "t=ws-01", "e=", "u=a=b", "q=\"7\"", "n=8"].map(read);
        assert_eq!(
            Value::Object(Field::object(&fields)),
            json!({ "n": 8, "b": true, "l": [1], "t": "ws-01", "e": "", "u": "a=b", "q": "7" })
        );
        for wrong in ["", "=", "=7", "hours"] {
            assert!(wrong.parse::<Field>().is_err(), "{wrong}");
        }
    }
}
