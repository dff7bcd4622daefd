//! Our evaluator against the `cel` crate's, wherever both claim to speak CEL.

use std::collections::HashMap;

use cel::{Context, Program};
use serde_json::Value;

use super::{scope, values};
use crate::{Expression, Scope};

/// JSON as the `cel` crate's values, whole numbers as ints.
fn to_cel(value: &Value) -> cel::Value {
    match value {
        Value::Number(n) => n
            .as_i64()
            .map_or_else(|| cel::Value::Float(n.as_f64().unwrap_or_default()), cel::Value::Int),
        Value::Array(list) => cel::Value::from(list.iter().map(to_cel).collect::<Vec<_>>()),
        Value::Object(map) => {
            let map: HashMap<String, cel::Value> =
                map.iter().map(|(name, value)| (name.clone(), to_cel(value))).collect();
            cel::Value::from(map)
        }
        Value::Null => cel::Value::Null,
        Value::Bool(b) => cel::Value::Bool(*b),
        Value::String(s) => cel::Value::from(s.as_str()),
    }
}

fn theirs(text: &str, scope: &Scope) -> Option<Value> {
    let mut context = Context::default();
    for name in ["alert", "steps", "big", "SEVERITY"] {
        context.add_variable_from_value(name, to_cel(scope.get(name).unwrap()));
    }
    Program::compile(text).ok()?.execute(&context).ok()?.json().ok()
}

#[test]
fn values_are_those_of_the_cel_crate() {
    let scope = scope();
    for (text, expect) in values::rows() {
        assert_eq!(theirs(text, &scope), Some(expect), "{text}");
    }
}

/// Every operator with every pair of these operands: both give the same value, or both fail.
#[test]
fn operators_agree_with_the_cel_crate() {
    let operands = [
        "null",
        "true",
        "false",
        "0",
        "3",
        "-2",
        "big",
        "'a'",
        "'b'",
        "''",
        "[]",
        "[3]",
        "['a', 'b']",
        "alert.techniques",
        "{'a': 3}",
        "alert.gone",
        "alert.host",
        "alert.score",
        "2.5",
    ];
    let signs = ["==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "&&", "||"];
    let scope = scope();
    let mut compared = 0;
    for left in operands {
        for sign in signs {
            for right in operands {
                let text = format!("{left} {sign} {right}");
                let ours = Expression::compile(&text).unwrap().evaluate(&scope).ok();
                let whole = |v: &str| ["0", "3", "-2", "big"].contains(&v);
                let double = |v: &str| ["alert.score", "2.5"].contains(&v);
                // Said on the crate's page: whole numbers and fractions mix in arithmetic, and a
                // result that JSON cannot hold is an error.
                let mixed = whole(left) && double(right) || double(left) && whole(right);
                if "+-*/%".contains(sign) && (mixed || double(left) && double(right)) {
                    continue;
                }
                // Their `list + map` appends the map's keys; CEL has no such overload.
                if sign == "+"
                    && (left.starts_with('[') || left == "alert.techniques")
                    && ["{'a': 3}", "alert.host"].contains(&right)
                {
                    continue;
                }
                assert_eq!(ours, theirs(&text, &scope), "{text}");
                compared += 1;
            }
        }
    }
    assert!(compared > 4900, "{compared} compared");
}
