//! Operators on values.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{Machine, fault, kind_of, too_long};
use crate::{
    error::{EvalError, EvalErrorKind},
    limits::LIST_MAX,
    syntax::tree::{Binary, Range},
};

/// A number as JSON holds it: whole numbers from i64::MIN to u64::MAX, everything else a double.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numeric {
    Whole(i128),
    Double(f64),
}

impl Numeric {
    pub(super) fn of(number: &Number) -> Self {
        let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        whole.map_or_else(|| Self::Double(number.as_f64().unwrap_or(f64::NAN)), Self::Whole)
    }

    #[expect(clippy::cast_precision_loss, reason = "CEL compares and adds across kinds as doubles")]
    pub(super) fn double(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Double(double) => double,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            (a, b) => a.double().partial_cmp(&b.double()),
        }
    }
}

pub(super) fn whole(value: Option<i128>, at: Range) -> Result<Value, EvalError> {
    let fits = value.and_then(|value| i64::try_from(value).ok());
    let error = || fault(EvalErrorKind::Value, at, "the number does not fit 64 bits");
    fits.map(Value::from).ok_or_else(error)
}

fn double(value: f64, at: Range) -> Result<Value, EvalError> {
    let error = || fault(EvalErrorKind::Value, at, "the result is no finite number");
    Number::from_f64(value).map(Value::Number).ok_or_else(error)
}

pub(super) fn negate(value: &Value, at: Range) -> Result<Value, EvalError> {
    let Value::Number(number) = value else {
        let message = format!("`-` takes a number, not {}", kind_of(value));
        return Err(fault(EvalErrorKind::Type, at, message));
    };
    match Numeric::of(number) {
        Numeric::Whole(n) => whole(n.checked_neg(), at),
        Numeric::Double(d) => double(-d, at),
    }
}

impl Machine<'_> {
    /// Every operator but `&&` and `||`.
    pub(super) fn binary(
        &mut self,
        sign: Binary,
        left: &Value,
        right: &Value,
        at: Range,
    ) -> Result<Value, EvalError> {
        let decided = match sign {
            Binary::Equal => self.equal(left, right, at)?,
            Binary::NotEqual => !self.equal(left, right, at)?,
            Binary::In => self.contains(right, left, at)?,
            Binary::Less => self.order(sign, left, right, at)?.is_lt(),
            Binary::LessEqual => self.order(sign, left, right, at)?.is_le(),
            Binary::Greater => self.order(sign, left, right, at)?.is_gt(),
            Binary::GreaterEqual => self.order(sign, left, right, at)?.is_ge(),
            Binary::Add => return self.add(left, right, at),
            Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
                return arithmetic(sign, left, right, at);
            }
            Binary::And | Binary::Or => unreachable!("invariant: `logic` handles && and ||"),
        };
        Ok(Value::Bool(decided))
    }

    /// CEL equality: values of different types differ, numbers compare across kinds.
    fn equal(&mut self, left: &Value, right: &Value, at: Range) -> Result<bool, EvalError> {
        self.budget.spend(1, at)?;
        match (left, right) {
            (Value::Number(a), Value::Number(b)) => {
                Ok(Numeric::of(a).compare(Numeric::of(b)) == Some(Ordering::Equal))
            }
            (Value::String(a), Value::String(b)) => {
                self.budget.spend_text(a.len().min(b.len()), at)?;
                Ok(a == b)
            }
            (Value::Array(a), Value::Array(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.iter().zip(b) {
                    if !self.equal(a, b, at)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Object(a), Value::Object(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (name, a) in a {
                    self.budget.spend_text(name.len(), at)?;
                    let Some(b) = b.get(name) else { return Ok(false) };
                    if !self.equal(a, b, at)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (a, b) => Ok(a == b),
        }
    }

    fn contains(&mut self, container: &Value, item: &Value, at: Range) -> Result<bool, EvalError> {
        match (container, item) {
            (Value::Array(list), item) => {
                for element in list {
                    if self.equal(element, item, at)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Value::Object(map), Value::String(name)) => Ok(map.contains_key(name)),
            (Value::Object(_), Value::Bool(_) | Value::Number(_)) => Ok(false),
            (Value::Object(_), other) => {
                let message = format!("names of properties are strings, not {}", kind_of(other));
                Err(fault(EvalErrorKind::Type, at, message))
            }
            (other, _) => {
                let message = format!("`in` takes a list, not {}", kind_of(other));
                Err(fault(EvalErrorKind::Type, at, message))
            }
        }
    }

    fn order(
        &mut self,
        sign: Binary,
        left: &Value,
        right: &Value,
        at: Range,
    ) -> Result<Ordering, EvalError> {
        let order = match (left, right) {
            (Value::Number(a), Value::Number(b)) => Numeric::of(a).compare(Numeric::of(b)),
            (Value::String(a), Value::String(b)) => {
                self.budget.spend_text(a.len().min(b.len()), at)?;
                Some(a.cmp(b))
            }
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            _ => None,
        };
        order.ok_or_else(|| mismatch(sign, left, right, at))
    }

    fn add(&mut self, left: &Value, right: &Value, at: Range) -> Result<Value, EvalError> {
        match (left, right) {
            (Value::String(a), Value::String(b)) => {
                self.budget.spend_text(a.len().saturating_add(b.len()), at)?;
                Ok(Value::String(format!("{a}{b}")))
            }
            (Value::Array(a), Value::Array(b)) => {
                if a.len().saturating_add(b.len()) > LIST_MAX {
                    return Err(too_long(at));
                }
                self.budget.spend_value(left, at)?;
                self.budget.spend_value(right, at)?;
                Ok(Value::Array(a.iter().chain(b).cloned().collect()))
            }
            _ => arithmetic(Binary::Add, left, right, at),
        }
    }
}

fn mismatch(sign: Binary, left: &Value, right: &Value, at: Range) -> EvalError {
    let message =
        format!("`{}` does not take {} and {}", sign.sign(), kind_of(left), kind_of(right));
    fault(EvalErrorKind::Type, at, message)
}

fn arithmetic(sign: Binary, left: &Value, right: &Value, at: Range) -> Result<Value, EvalError> {
    let (Value::Number(a), Value::Number(b)) = (left, right) else {
        return Err(mismatch(sign, left, right, at));
    };
    match (Numeric::of(a), Numeric::of(b)) {
        (Numeric::Whole(a), Numeric::Whole(b)) => {
            let divides = matches!(sign, Binary::Divide | Binary::Remainder);
            if divides && b == 0 {
                return Err(fault(EvalErrorKind::Value, at, "division by zero"));
            }
            whole(
                match sign {
                    Binary::Add => a.checked_add(b),
                    Binary::Subtract => a.checked_sub(b),
                    Binary::Multiply => a.checked_mul(b),
                    Binary::Divide => a.checked_div(b),
                    _ => a.checked_rem(b),
                },
                at,
            )
        }
        (a, b) => {
            let (a, b) = (a.double(), b.double());
            match sign {
                Binary::Add => double(a + b, at),
                Binary::Subtract => double(a - b, at),
                Binary::Multiply => double(a * b, at),
                Binary::Divide => double(a / b, at),
                _ => Err(fault(EvalErrorKind::Type, at, "`%` takes whole numbers")),
            }
        }
    }
}
