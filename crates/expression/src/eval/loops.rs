//! `all`, `exists`, `exists_one`, `map` and `filter`.

use std::borrow::Cow;

use serde_json::Value;

use super::{Held, Local, Machine, fault, kind_of, too_long};
use crate::{
    error::{EvalError, EvalErrorKind},
    limits::LIST_MAX,
    syntax::tree::{Loop, LoopKind, Range},
};

impl<'a> Machine<'a> {
    pub(super) fn repeat(
        &mut self,
        inner: &'a Loop,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Held<'a>, EvalError> {
        let over = self.eval(&inner.over, locals)?;
        let elements = self.elements(over, inner.over.range)?;
        let value = match inner.kind {
            LoopKind::All => Value::Bool(self.fold(inner, elements, false, locals)?),
            LoopKind::Exists => Value::Bool(self.fold(inner, elements, true, locals)?),
            LoopKind::ExistsOne => self.exists_one(inner, elements, locals)?,
            LoopKind::Map => self.map_each(inner, elements, locals)?,
            LoopKind::Filter => self.filter(inner, elements, locals)?,
        };
        Ok(Cow::Owned(value))
    }

    /// The elements of a list, the names of an object.
    fn elements(&mut self, over: Held<'a>, at: Range) -> Result<Vec<Held<'a>>, EvalError> {
        let size = match &*over {
            Value::Array(list) => list.len(),
            Value::Object(map) => map.len(),
            other => {
                let message = format!("{} has no elements", kind_of(other));
                return Err(fault(EvalErrorKind::Type, at, message));
            }
        };
        if size > LIST_MAX {
            return Err(too_long(at));
        }
        self.budget.spend(u64::try_from(size).unwrap_or(u64::MAX), at)?;
        if let Value::Object(map) = &*over {
            let bytes = map.keys().map(String::len).fold(0, usize::saturating_add);
            self.budget.spend_text(bytes, at)?;
        }
        Ok(match over {
            Cow::Borrowed(Value::Array(list)) => list.iter().map(Cow::Borrowed).collect(),
            Cow::Owned(Value::Array(list)) => list.into_iter().map(Cow::Owned).collect(),
            over => match over.as_object() {
                Some(map) => map.keys().map(|k| Cow::Owned(Value::from(k.as_str()))).collect(),
                None => Vec::new(),
            },
        })
    }

    /// `all` (`decisive` is false) and `exists` (`decisive` is true): an error is forgiven if
    /// another element decides.
    fn fold(
        &mut self,
        inner: &'a Loop,
        elements: Vec<Held<'a>>,
        decisive: bool,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<bool, EvalError> {
        let mut pending = None;
        for value in elements {
            let local = Local { name: &inner.name, value, outer: locals };
            match self.truth(&inner.body, Some(&local)) {
                Ok(found) if found == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(error) if error.kind == EvalErrorKind::Budget => return Err(error),
                Err(error) => pending = Some(error),
            }
        }
        pending.map_or(Ok(!decisive), Err)
    }

    fn exists_one(
        &mut self,
        inner: &'a Loop,
        elements: Vec<Held<'a>>,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Value, EvalError> {
        let mut found = 0_usize;
        for value in elements {
            let local = Local { name: &inner.name, value, outer: locals };
            let holds = self.truth(&inner.body, Some(&local))?;
            found = found.saturating_add(usize::from(holds));
        }
        Ok(Value::Bool(found == 1))
    }

    fn map_each(
        &mut self,
        inner: &'a Loop,
        elements: Vec<Held<'a>>,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Value, EvalError> {
        let mut list = Vec::with_capacity(elements.len());
        for value in elements {
            let local = Local { name: &inner.name, value, outer: locals };
            let wanted = match &inner.condition {
                Some(condition) => self.truth(condition, Some(&local))?,
                None => true,
            };
            if wanted {
                let value = self.eval(&inner.body, Some(&local))?;
                list.push(self.own(value, inner.body.range)?);
            }
        }
        Ok(Value::Array(list))
    }

    fn filter(
        &mut self,
        inner: &'a Loop,
        elements: Vec<Held<'a>>,
        locals: Option<&Local<'_, 'a>>,
    ) -> Result<Value, EvalError> {
        let mut list = Vec::new();
        for value in elements {
            let local = Local { name: &inner.name, value, outer: locals };
            if self.truth(&inner.body, Some(&local))? {
                list.push(self.own(local.value, inner.over.range)?);
            }
        }
        Ok(Value::Array(list))
    }
}
