//! What an evaluation has spent.

use serde_json::Value;

use super::fault;
use crate::{
    error::{EvalError, EvalErrorKind},
    limits::{BYTES_PER_UNIT, COST_MAX},
    syntax::tree::Range,
};

#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: u64,
}

impl Budget {
    pub(super) fn spend(&mut self, units: u64, at: Range) -> Result<(), EvalError> {
        self.spent = self.spent.saturating_add(units);
        if self.spent <= COST_MAX {
            return Ok(());
        }
        let message = format!("expression is too much work: more than {COST_MAX} steps and copies");
        Err(fault(EvalErrorKind::Budget, at, message))
    }

    /// Pays for a copy of a text, or one pass over it.
    pub(super) fn spend_text(&mut self, bytes: usize, at: Range) -> Result<(), EvalError> {
        self.spend(text_cost(bytes), at)
    }

    /// Pays for a copy of a value, or one pass over it. Stops counting where the budget ends.
    pub(super) fn spend_value(&mut self, value: &Value, at: Range) -> Result<(), EvalError> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => self.spend(1, at),
            Value::String(text) => self.spend_text(text.len(), at),
            Value::Array(list) => {
                self.spend(1, at)?;
                list.iter().try_for_each(|element| self.spend_value(element, at))
            }
            Value::Object(map) => {
                self.spend(1, at)?;
                map.iter().try_for_each(|(name, value)| {
                    self.spend_text(name.len(), at)?;
                    self.spend_value(value, at)
                })
            }
        }
    }
}

fn text_cost(bytes: usize) -> u64 {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    bytes.checked_div(BYTES_PER_UNIT).unwrap_or(bytes).saturating_add(1)
}
