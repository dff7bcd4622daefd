//! Evaluation: JSON in, JSON out, every step and copy paid from one budget.
//!
//! Values are borrowed from the scope as long as nothing new is made of them. Operators follow the
//! CEL language definition: `&&` and `||` forgive an error on one side if the other decides, and
//! so do `all` and `exists`.

mod address;
mod budget;
pub(crate) mod functions;
mod loops;
mod operators;
pub(crate) mod pattern;

use std::borrow::Cow;

use serde_json::{Map, Value};

use self::budget::Budget;
use crate::{
    error::{EvalError, EvalErrorKind},
    limits::LIST_MAX,
    scope::Scope,
    suggest,
    syntax::tree::{Binary, Kind, Node, Range, Unary},
    types,
};

pub(crate) fn evaluate(tree: &Node, scope: &Scope) -> Result<Value, EvalError> {
    let mut machine = Machine { scope, budget: Budget::default() };
    let value = machine.eval(tree, None)?;
    machine.own(value, tree.range)
}

/// A value that may still be part of the scope.
type Held<'a> = Cow<'a, Value>;

/// A variable of a loop, and the loops around it.
struct Local<'f, 'a> {
    name: &'a str,
    value: Held<'a>,
    outer: Option<&'f Local<'f, 'a>>,
}

struct Machine<'a> {
    scope: &'a Scope,
    budget: Budget,
}

fn fault(kind: EvalErrorKind, at: Range, message: impl Into<String>) -> EvalError {
    EvalError { kind, message: message.into(), offset: at.start, length: at.length() }
}

/// What a value is called in messages.
fn kind_of(value: &Value) -> String {
    match value {
        Value::Array(_) => "list".to_owned(),
        other => types::of_value(other).to_string(),
    }
}

impl<'a> Machine<'a> {
    fn eval(
        &mut self,
        node: &'a Node,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Held<'a>, EvalError> {
        self.budget.spend(1, node.range)?;
        match &node.kind {
            Kind::Literal(value) => Ok(Cow::Borrowed(value)),
            Kind::Name(name) => self.name(node.range, name, locals),
            Kind::Select { of, field, .. } => {
                let value = self.eval(of, locals)?;
                self.property(value, field, node.range)
            }
            Kind::Has { of, field } => match &*self.eval(of, locals)? {
                Value::Object(map) => Ok(Cow::Owned(Value::Bool(map.contains_key(field)))),
                other => Err(no_property(other, field, node.range)),
            },
            Kind::Index { of, by } => {
                let value = self.eval(of, locals)?;
                let by = self.eval(by, locals)?;
                self.index(value, &by, node.range)
            }
            Kind::List(elements) => self.list(elements, locals),
            Kind::Map(entries) => self.map(entries, locals),
            Kind::Unary(Unary::Not, operand) => {
                Ok(Cow::Owned(Value::Bool(!self.truth(operand, locals)?)))
            }
            Kind::Unary(Unary::Negate, operand) => {
                let value = self.eval(operand, locals)?;
                operators::negate(&value, node.range).map(Cow::Owned)
            }
            Kind::Binary(sign @ (Binary::And | Binary::Or), left, right) => {
                let decided = self.logic(*sign == Binary::Or, left, right, locals)?;
                Ok(Cow::Owned(Value::Bool(decided)))
            }
            Kind::Binary(sign, left, right) => {
                let left = self.eval(left, locals)?;
                let right = self.eval(right, locals)?;
                self.binary(*sign, &left, &right, node.range).map(Cow::Owned)
            }
            Kind::Conditional(condition, then, otherwise) => {
                let chosen = if self.truth(condition, locals)? { then } else { otherwise };
                self.eval(chosen, locals)
            }
            Kind::Call { name, target, arguments, .. } => {
                let is_method = target.is_some();
                let mut operands = Vec::with_capacity(arguments.len().saturating_add(1));
                for operand in target.iter().map(|t| &**t).chain(arguments) {
                    operands.push(self.eval(operand, locals)?);
                }
                self.call(name, is_method, &operands, node.range).map(Cow::Owned)
            }
            Kind::Loop(inner) => self.repeat(inner, locals),
        }
    }

    /// The value as an own one; a copy is paid for.
    fn own(&mut self, value: Held<'a>, at: Range) -> Result<Value, EvalError> {
        if let Cow::Borrowed(value) = &value {
            self.budget.spend_value(value, at)?;
        }
        Ok(value.into_owned())
    }

    fn name(
        &mut self,
        range: Range,
        name: &str,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Held<'a>, EvalError> {
        let mut local = locals;
        while let Some(found) = local {
            if found.name == name {
                if let Cow::Owned(value) = &found.value {
                    self.budget.spend_value(value, range)?;
                }
                return Ok(found.value.clone());
            }
            local = found.outer;
        }
        let scope = self.scope;
        scope.get(name).map(Cow::Borrowed).ok_or_else(|| {
            let near = suggest::nearest(name, scope.names());
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            fault(EvalErrorKind::Missing, range, format!("`{name}` is not known here{hint}"))
        })
    }

    fn property(&mut self, value: Held<'a>, field: &str, at: Range) -> Result<Held<'a>, EvalError> {
        let found = match value {
            Cow::Borrowed(Value::Object(map)) => map.get(field).map(Cow::Borrowed),
            Cow::Owned(Value::Object(mut map)) => map.swap_remove(field).map(Cow::Owned),
            other => return Err(no_property(&other, field, at)),
        };
        found.ok_or_else(|| {
            fault(EvalErrorKind::Missing, at, format!("there is no property `{field}`"))
        })
    }

    fn index(&mut self, value: Held<'a>, by: &Value, at: Range) -> Result<Held<'a>, EvalError> {
        match (&*value, by) {
            (Value::Object(_), Value::String(field)) => self.property(value, field, at),
            (Value::Array(list), Value::Number(number)) => {
                let index = number.as_u64().and_then(|index| usize::try_from(index).ok());
                let size = list.len();
                let found = index.and_then(|index| match value {
                    Cow::Borrowed(list) => list.get(index).map(Cow::Borrowed),
                    Cow::Owned(Value::Array(mut list)) if index < list.len() => {
                        Some(Cow::Owned(list.swap_remove(index)))
                    }
                    Cow::Owned(_) => None,
                });
                found.ok_or_else(|| {
                    let message = format!("there is no element {number} in a list of {size}");
                    fault(EvalErrorKind::Missing, at, message)
                })
            }
            (value, by) => {
                let message = format!("{} cannot be indexed by {}", kind_of(value), kind_of(by));
                Err(fault(EvalErrorKind::Type, at, message))
            }
        }
    }

    fn list(
        &mut self,
        elements: &'a [Node],
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Held<'a>, EvalError> {
        let mut list = Vec::with_capacity(elements.len());
        for element in elements {
            let value = self.eval(element, locals)?;
            list.push(self.own(value, element.range)?);
        }
        Ok(Cow::Owned(Value::Array(list)))
    }

    fn map(
        &mut self,
        entries: &'a [(Node, Node)],
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Held<'a>, EvalError> {
        let mut map = Map::new();
        for (key, value) in entries {
            let name = match self.eval(key, locals)?.into_owned() {
                Value::String(name) => name,
                other => {
                    let message = format!("map keys are strings, not {}", kind_of(&other));
                    return Err(fault(EvalErrorKind::Type, key.range, message));
                }
            };
            let held = self.eval(value, locals)?;
            let owned = self.own(held, value.range)?;
            if map.contains_key(&name) {
                let message = format!("key `{name}` is given twice");
                return Err(fault(EvalErrorKind::Value, key.range, message));
            }
            map.insert(name, owned);
        }
        Ok(Cow::Owned(Value::Object(map)))
    }

    fn truth(&mut self, node: &'a Node, locals: Option<&Local<'_, 'a>>) -> Result<bool, EvalError> {
        let value = self.eval(node, locals)?;
        value.as_bool().ok_or_else(|| {
            let message = format!("bool is wanted, not {}", kind_of(&value));
            fault(EvalErrorKind::Type, node.range, message)
        })
    }

    /// `&&` (`decisive` is false) and `||` (`decisive` is true).
    fn logic(
        &mut self,
        decisive: bool,
        left: &'a Node,
        right: &'a Node,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<bool, EvalError> {
        let left = self.truth(left, locals);
        match left {
            Ok(left) if left == decisive => return Ok(decisive),
            Err(error) if error.kind == EvalErrorKind::Budget => return Err(error),
            Ok(_) | Err(_) => {}
        }
        match (left, self.truth(right, locals)?) {
            (_, right) if right == decisive => Ok(decisive),
            (left, _) => left,
        }
    }
}

fn no_property(value: &Value, field: &str, at: Range) -> EvalError {
    let message = format!("{} has no property `{field}`", kind_of(value));
    fault(EvalErrorKind::Type, at, message)
}

fn too_long(at: Range) -> EvalError {
    let message = format!("list has more than {LIST_MAX} elements");
    fault(EvalErrorKind::Budget, at, message)
}
