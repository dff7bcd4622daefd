//! What `steps.ID` reads as before the step ran, or after it failed.

use serde_json::{Map, Value, json};
use stanch_expression::Type;

use crate::{
    ast::{self, AskKind, StepKind, Wait},
    check::Signature,
};

/// The empty value of every output that a step declares, and over that what its `default` says.
pub(super) fn of(kind: &StepKind, output: Option<&Value>, called: Option<&Signature>) -> Value {
    let mut value = match output.map(|schema| empty(&Type::from_schema(schema))) {
        Some(Value::Object(outputs)) => outputs,
        _ => Map::new(),
    };
    if let Some(called) = called {
        let each = called.outputs.iter().map(|(name, of)| (name.clone(), empty(of)));
        value.extend(each);
    }
    match kind {
        StepKind::Do(ast::Do { default: Some(default), .. })
        | StepKind::Script(ast::Script { default: Some(default), .. }) => {
            value.extend(default.value.clone());
        }
        StepKind::Ask(ask) => match &ask.kind {
            AskKind::Decision { .. } => drop(value.insert("answer".to_owned(), json!(""))),
            AskKind::Form(fields) => value.extend(fields_of(fields)),
        },
        StepKind::Wait(Wait::Signal { .. }) => drop(value.insert("data".to_owned(), json!({}))),
        StepKind::ForEach(_) => value.extend(turns(0, 0, Vec::new())),
        _ => {}
    }
    value.insert("ok".to_owned(), json!(false));
    Value::Object(value)
}

fn fields_of(fields: &[ast::Field]) -> Map<String, Value> {
    let entry = |field: &ast::Field| {
        (field.name.value.clone(), empty(&Type::from_schema(&field.schema.value)))
    };
    fields.iter().map(entry).collect()
}

/// What a `for_each` reads as, beside `ok`.
pub(crate) fn turns(count: usize, failed: usize, results: Vec<Value>) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("count".to_owned(), json!(count));
    value.insert("failed".to_owned(), json!(failed));
    value.insert("results".to_owned(), Value::Array(results));
    value
}

/// The empty value of a type, as the checker takes it to be: one of some texts is the empty text.
pub(crate) fn empty(of: &Type) -> Value {
    match of {
        Type::String | Type::Choice(_) => json!(""),
        Type::Int => json!(0),
        Type::Number => json!(0.0),
        Type::Bool => json!(false),
        Type::List(_) => json!([]),
        Type::Object(object) => {
            let inner = object.properties.iter().map(|(name, of)| (name.clone(), empty(of)));
            Value::Object(inner.collect())
        }
        Type::Any | Type::Null => Value::Null,
    }
}
