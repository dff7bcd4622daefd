//! `set` and `end`.

use std::sync::Arc;

use serde_json::Map;
use stanch_expression::Template;
use stanch_model::run::RunState;

use crate::{
    ast::Arg,
    run::{Run, apply::Todo, scope::NoValue, step::Status},
};

impl Run {
    pub(in crate::run) fn enter_set(
        &mut self,
        step: usize,
        values: &[(String, Arg)],
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let frame = self.place_of(step).unwrap_or_default().0;
        for (name, arg) in values {
            let value = self.value(frame, arg)?;
            if let Some(frame) = self.frames.get_mut(frame) {
                frame.vars.insert(name.clone(), Arc::new(value));
            }
        }
        self.succeed(step, Status::Succeeded, Map::new(), todo);
        Ok(())
    }

    pub(in crate::run) fn enter_end(
        &mut self,
        step: usize,
        succeeded: bool,
        note: Option<&Template>,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let frame = self.place_of(step).unwrap_or_default().0;
        let note = note.map_or(Ok(String::new()), |note| self.text(frame, note))?;
        self.close(step, Status::Succeeded, todo);
        let state = if succeeded { RunState::Succeeded } else { RunState::Failed };
        self.ending = Some((state, note));
        Ok(())
    }
}
