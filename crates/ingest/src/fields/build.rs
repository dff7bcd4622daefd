//! Flattening, with caps on depth, count and length of names.

use serde_json::{Map, Value};

use crate::limits::{DEPTH_MAX, DROPPED_FIELD, FIELDS_MAX, NAME_BYTES_MAX};

/// Fields of one event while they are gathered.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    map: Map<String, Value>,
    dropped: u64,
}

impl Fields {
    /// All of `object`, flat.
    pub(crate) fn of(object: Map<String, Value>) -> Self {
        let mut fields = Self::default();
        fields.flatten("", Value::Object(object));
        fields
    }

    /// All of `object`, flat, and those parts that rules search as a whole (`requestParameters`)
    /// as JSON text under their own names as well.
    pub(crate) fn with_texts(object: Map<String, Value>, wholes: &[&str]) -> Self {
        let find = |name: &&str| {
            let mut parts = name.split('.');
            let first = object.get(parts.next()?)?;
            let part = parts.try_fold(first, |value, part| value.get(part))?;
            let has_parts = |value: &Value| value.is_object() || value.is_array();
            let is_whole =
                part.is_object() || part.as_array().is_some_and(|list| list.iter().any(has_parts));
            is_whole.then(|| ((*name).to_owned(), part.to_string()))
        };
        let texts: Vec<_> = wholes.iter().filter_map(find).collect();
        let mut fields = Self::of(object);
        for (name, text) in texts {
            fields.set(&name, text);
        }
        fields
    }

    /// Sets a field, whatever it was before.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        if self.takes(name) {
            self.map.insert(name.to_owned(), value.into());
        }
    }

    /// Sets a field unless the value is missing.
    pub(crate) fn set_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Puts `text` behind the text that the field has.
    pub(crate) fn append(&mut self, name: &str, text: &str) {
        match self.map.get_mut(name) {
            Some(Value::String(whole)) => whole.push_str(text),
            Some(_) | None => self.set(name, text),
        }
    }

    /// Gives the value of field `from` the second name `to`, unless that name is taken.
    pub(crate) fn alias(&mut self, from: &str, to: &str) {
        if let Some(value) = self.map.get(from).cloned()
            && !self.map.contains_key(to)
        {
            self.set(to, value);
        }
    }

    /// Gives the first of `from` that there is the second name `to`, unless that name is taken.
    pub(crate) fn alias_first(&mut self, from: &[&str], to: &str) {
        if let Some(from) =
            from.iter().find(|name| self.map.get(**name).is_some_and(|v| !v.is_null()))
        {
            self.alias(from, to);
        }
    }

    /// Adds `value` under `name`, its parts under dotted names.
    pub(crate) fn flatten(&mut self, name: &str, value: Value) {
        let mut path = name.to_owned();
        self.walk(&mut path, value, 0, false);
    }

    /// The finished map; says how many fields the limits left out.
    pub(crate) fn finish(mut self) -> Map<String, Value> {
        if self.dropped > 0 {
            self.map.insert(DROPPED_FIELD.to_owned(), self.dropped.into());
        }
        self.map
    }

    pub(super) const fn map(&self) -> &Map<String, Value> {
        &self.map
    }

    fn walk(&mut self, path: &mut String, value: Value, depth: usize, in_list: bool) {
        match value {
            Value::Object(_) | Value::Array(_) if depth >= DEPTH_MAX => {
                self.add(path, Value::String(value.to_string()), in_list);
            }
            Value::Object(object) => {
                for (name, value) in object {
                    let parent = path.len();
                    if parent > 0 {
                        path.push('.');
                    }
                    path.push_str(&name);
                    self.walk(path, value, depth.saturating_add(1), in_list);
                    path.truncate(parent);
                }
            }
            Value::Array(list) if list.iter().any(|v| v.is_object() || v.is_array()) => {
                for value in list {
                    self.walk(path, value, depth.saturating_add(1), true);
                }
            }
            Value::Array(list) if in_list => {
                for value in list {
                    self.add(path, value, true);
                }
            }
            Value::Array(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => self.add(path, value, in_list),
        }
    }

    /// Adds beside what has the name already.
    fn add(&mut self, name: &str, value: Value, in_list: bool) {
        if let Some(present) = self.map.get_mut(name) {
            if let Value::Array(list) = present {
                list.push(value);
            } else {
                let first = present.take();
                *present = Value::Array(vec![first, value]);
            }
        } else if in_list {
            self.set(name, vec![value]);
        } else {
            self.set(name, value);
        }
    }

    fn takes(&mut self, name: &str) -> bool {
        let room = self.map.len() < FIELDS_MAX || self.map.contains_key(name);
        let takes = room && name.len() <= NAME_BYTES_MAX;
        if !takes {
            self.dropped = self.dropped.saturating_add(1);
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flat(value: Value) -> Value {
        let Value::Object(object) = value else { panic!("the test gives an object") };
        Value::Object(Fields::of(object).finish())
    }

    #[track_caller]
    fn check(value: Value, expect: &Value) {
        assert_eq!(&flat(value), expect);
    }

    #[test]
    fn nested_values_get_dotted_names() {
        check(json!({"a": {"b": 1, "c": {"d": "x"}}}), &json!({"a.b": 1, "a.c.d": "x"}));
        check(json!({"a": [1, "x"], "e": []}), &json!({"a": [1, "x"], "e": []}));
        check(json!({"a": [{"b": 1}, {"b": 2, "c": 3}]}), &json!({"a.b": [1, 2], "a.c": [3]}));
        check(json!({"a": [{"b": [1, 2]}, {"b": [3]}]}), &json!({"a.b": [1, 2, 3]}));
        check(json!({"a": [[1], [2]]}), &json!({"a": [1, 2]}));
        check(json!({"a": {}, "b": null}), &json!({"b": null}));
    }

    #[test]
    fn a_second_value_hides_no_first_one() {
        check(json!({"a.b": 1, "a": {"b": 2}}), &json!({"a.b": [1, 2]}));
    }

    #[test]
    fn wholes_are_kept_as_text_beside_their_parts() {
        let value = json!({"a": {"b": {"c": 1}}, "l": [{"x": 1}], "s": [1], "t": "u"});
        let Value::Object(object) = value else { unreachable!() };
        let fields = Fields::with_texts(object, &["a.b", "l", "s", "t", "none"]).finish();
        let expect = json!({"a.b.c": 1, "l.x": [1], "s": [1], "t": "u",
            "a.b": "{\"c\":1}", "l": "[{\"x\":1}]"});
        assert_eq!(Value::Object(fields), expect);
    }

    #[test]
    fn depth_is_capped_and_kept_as_text() {
        let nest = |levels: usize| (1..levels).fold(json!({"a": 1}), |v, _| json!({"a": v}));
        let name = |levels: usize| ["a"].repeat(levels).join(".");
        check(nest(DEPTH_MAX), &json!({ name(DEPTH_MAX): 1 }));
        check(nest(DEPTH_MAX + 1), &json!({ name(DEPTH_MAX): r#"{"a":1}"# }));
    }

    #[test]
    fn count_and_length_of_names_are_capped_and_said() {
        let wide = |n: usize| (0..n).map(|i| (format!("f{i}"), json!(i))).collect::<Map<_, _>>();
        assert_eq!(Fields::of(wide(FIELDS_MAX)).finish().len(), FIELDS_MAX);
        let over = Fields::of(wide(FIELDS_MAX + 3)).finish();
        assert_eq!(over.len(), FIELDS_MAX + 1);
        assert_eq!(over.get(DROPPED_FIELD), Some(&json!(3)));
        let (fits, long) = ("n".repeat(NAME_BYTES_MAX), "n".repeat(NAME_BYTES_MAX + 1));
        check(json!({fits.clone(): 1, long: 2}), &json!({fits: 1, DROPPED_FIELD: 1}));
    }
}
