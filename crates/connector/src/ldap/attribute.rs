//! Names of attributes, and what an entry holds under them.

use serde_json::{Map, Value};

/// An attribute's name with its options (RFC 4512 §2.5): `userAccountControl`, `cn;lang-de`, `2.5.4.3`.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ';' | '.'))
}

/// An entry as the server sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Entry {
    /// What it holds of `wanted`, each under the name it was asked by: servers write names in a case of
    /// their own.
    pub(super) fn shown(&self, wanted: &[String]) -> Map<String, Value> {
        wanted.iter().map(|name| (name.clone(), self.texts(name).into())).collect()
    }

    /// The values of one attribute as texts; what is no text is left out by name of its bytes.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let found = self.attributes.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.flat_map(|(_, values)| values).map(|value| text(value)).collect()
    }
}

/// A value as text; bytes that are no UTF-8 as `\xx`, so that they can still be told apart.
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|byte| format!("\\{byte:02x}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attributes_are_there_under_the_name_they_were_asked_by() {
        let entry = Entry {
            name: "uid=alice".to_owned(),
            attributes: vec![
                ("PWDRESET".to_owned(), vec![b"TRUE".to_vec()]),
                ("objectGUID".to_owned(), vec![vec![0xff, 0x01]]),
            ],
        };
        let wanted = ["pwdReset", "mail", "objectGUID"].map(str::to_owned);
        let shown = Value::Object(entry.shown(&wanted));
        assert_eq!(shown, json!({ "pwdReset": ["TRUE"], "mail": [], "objectGUID": ["\\ff\\01"] }));
    }

    #[test]
    fn names_are_names() {
        for name in ["uid", "msDS-User-Account-Control-Computed", "cn;lang-de", "2.5.4.3"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a b", "a=b", "(uid", "a*", "ü", "-a"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
