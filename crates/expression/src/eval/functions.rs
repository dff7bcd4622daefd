//! The functions that expressions can call: one table, read by the checker and the evaluator.

use serde_json::Value;

use super::{
    Machine,
    address::cidr_contains,
    fault, kind_of,
    operators::{Numeric, whole},
    pattern::matches,
};
use crate::{
    error::{EvalError, EvalErrorKind},
    limits::REGEX_COST,
    suggest,
    syntax::tree::Range,
    types::Type,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Size,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    String,
    Int,
    Double,
    LowerAscii,
    Join,
    CidrContains,
}

/// How a function is called.
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) function: Function,
    /// Arguments after the target, where it is called on one.
    method: Option<usize>,
    /// Arguments, where it is called by name alone.
    global: Option<usize>,
    pub(crate) example: &'static str,
}

const fn signature(
    name: &'static str,
    function: Function,
    method: Option<usize>,
    global: Option<usize>,
    example: &'static str,
) -> Signature {
    Signature { name, function, method, global, example }
}

#[rustfmt::skip]
pub(crate) const FUNCTIONS: [Signature; 11] = [
    signature("size", Function::Size, Some(0), Some(1), "size(list)"),
    signature("startsWith", Function::StartsWith, Some(1), None, "text.startsWith('start')"),
    signature("endsWith", Function::EndsWith, Some(1), None, "text.endsWith('end')"),
    signature("contains", Function::Contains, Some(1), None, "text.contains('part')"),
    signature("matches", Function::Matches, Some(1), Some(2), "text.matches(r'^pattern$')"),
    signature("string", Function::String, None, Some(1), "string(value)"),
    signature("int", Function::Int, None, Some(1), "int(value)"),
    signature("double", Function::Double, None, Some(1), "double(value)"),
    signature("lowerAscii", Function::LowerAscii, Some(0), None, "text.lowerAscii()"),
    signature("join", Function::Join, Some(1), None, "list.join(', ')"),
    signature("cidr_contains", Function::CidrContains, None, Some(2), "cidr_contains('10.0.0.0/8', address)"),
];

impl Signature {
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|signature| signature.name == name)
    }

    pub(crate) fn takes(&self, is_method: bool, arguments: usize) -> bool {
        if is_method { self.method == Some(arguments) } else { self.global == Some(arguments) }
    }
}

impl Function {
    /// The type of what it returns.
    pub(crate) fn result(self) -> Type {
        match self {
            Self::Size | Self::Int => Type::Int,
            Self::Double => Type::Number,
            Self::String | Self::LowerAscii | Self::Join => Type::String,
            Self::StartsWith
            | Self::EndsWith
            | Self::Contains
            | Self::Matches
            | Self::CidrContains => Type::Bool,
        }
    }

    /// The types that it takes as operand `index`, the target being the first.
    pub(crate) fn wants(self, index: usize) -> Vec<Type> {
        match (self, index) {
            (Self::Size, _) => vec![Type::String, Type::list(Type::Any), Type::dynamic()],
            (Self::String, _) => vec![Type::String, Type::Number, Type::Bool],
            (Self::Int | Self::Double, _) => vec![Type::Number, Type::String],
            (Self::Join, 0) => vec![Type::list(Type::String)],
            _ => vec![Type::String],
        }
    }
}

impl Machine<'_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        is_method: bool,
        operands: &[std::borrow::Cow<'_, Value>],
        at: Range,
    ) -> Result<Value, EvalError> {
        let Some(signature) = Signature::of(name) else {
            let help = suggest::help(name, FUNCTIONS.iter().map(|signature| signature.name));
            let message = format!("there is no function `{name}`; {help}");
            return Err(fault(EvalErrorKind::Type, at, message));
        };
        let arguments = operands.len().saturating_sub(usize::from(is_method));
        if !signature.takes(is_method, arguments) {
            let message = format!("`{name}` is not called this way; write `{}`", signature.example);
            return Err(fault(EvalErrorKind::Type, at, message));
        }
        for operand in operands {
            if let Value::String(text) = &**operand {
                self.budget.spend_text(text.len(), at)?;
            }
        }
        let wrong = |value: &Value| {
            let message = format!("`{name}` does not take {}", kind_of(value));
            fault(EvalErrorKind::Type, at, message)
        };
        match (signature.function, operands) {
            (Function::Size, [value]) => size(value).ok_or_else(|| wrong(value)),
            (Function::Join, [list, separator]) => self.join(list, separator, at),
            (Function::String, [value]) => text(value).ok_or_else(|| wrong(value)),
            (Function::Int, [value]) => int(value, at),
            (Function::Double, [value]) => double(value, at),
            (Function::LowerAscii, [value]) => {
                let text = value.as_str().ok_or_else(|| wrong(value))?;
                Ok(Value::String(text.to_ascii_lowercase()))
            }
            (function, [first, second]) => {
                let one = first.as_str().ok_or_else(|| wrong(first))?;
                let other = second.as_str().ok_or_else(|| wrong(second))?;
                self.predicate(function, one, other, at).map(Value::Bool)
            }
            _ => unreachable!("invariant: `takes` has counted the operands"),
        }
    }

    fn predicate(
        &mut self,
        function: Function,
        one: &str,
        other: &str,
        at: Range,
    ) -> Result<bool, EvalError> {
        match function {
            Function::StartsWith => Ok(one.starts_with(other)),
            Function::EndsWith => Ok(one.ends_with(other)),
            Function::Contains => Ok(one.contains(other)),
            Function::CidrContains => cidr_contains(one, other)
                .map_err(|message| fault(EvalErrorKind::Value, at, message)),
            _ => {
                self.budget.spend(REGEX_COST, at)?;
                matches(one, other).map_err(|message| fault(EvalErrorKind::Value, at, message))
            }
        }
    }

    fn join(&mut self, list: &Value, separator: &Value, at: Range) -> Result<Value, EvalError> {
        let (Value::Array(list), Value::String(separator)) = (list, separator) else {
            let message = "`join` takes a list of strings and a string";
            return Err(fault(EvalErrorKind::Type, at, message));
        };
        let mut joined = String::new();
        for (index, element) in list.iter().enumerate() {
            let Value::String(text) = element else {
                let message =
                    format!("`join` takes a list of strings; it holds {}", kind_of(element));
                return Err(fault(EvalErrorKind::Type, at, message));
            };
            self.budget.spend_text(text.len().saturating_add(separator.len()), at)?;
            if index > 0 {
                joined.push_str(separator);
            }
            joined.push_str(text);
        }
        Ok(Value::String(joined))
    }
}

fn size(value: &Value) -> Option<Value> {
    let size = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => return None,
    };
    Some(Value::from(size))
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Bool(_) | Value::Number(_) => Some(Value::String(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn no_number(value: &Value, at: Range) -> EvalError {
    let message = match value {
        Value::String(_) => "the text is no number".to_owned(),
        other => format!("{} is no number", kind_of(other)),
    };
    fault(EvalErrorKind::Value, at, message)
}

fn int(value: &Value, at: Range) -> Result<Value, EvalError> {
    match value {
        Value::String(text) => whole(text.parse::<i64>().ok().map(i128::from), at)
            .map_err(|_not_whole| no_number(value, at)),
        Value::Number(number) => match Numeric::of(number) {
            Numeric::Whole(n) => whole(Some(n), at),
            Numeric::Double(d) => {
                const LIMIT: f64 = 9_223_372_036_854_775_807.0;
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "rounded towards zero, in range"
                )]
                let cut = (d.abs() < LIMIT).then_some(d.trunc() as i64);
                whole(cut.map(i128::from), at)
            }
        },
        other => Err(no_number(other, at)),
    }
}

fn double(value: &Value, at: Range) -> Result<Value, EvalError> {
    let found = match value {
        Value::String(text) => text.parse::<f64>().ok(),
        Value::Number(number) => Some(Numeric::of(number).double()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let number = found.and_then(serde_json::Number::from_f64);
    number.map(Value::Number).ok_or_else(|| no_number(value, at))
}
