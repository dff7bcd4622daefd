//! `while`: turn after turn, as long as the condition holds.

use serde_json::Map;

use crate::{
    graph::WhileLoop,
    run::{
        Run,
        apply::Todo,
        frame::Role,
        scope::NoValue,
        step::{Group, Status},
    },
};

impl Run {
    pub(in crate::run) fn enter_while(
        &mut self,
        step: usize,
        repeat: &WhileLoop,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        self.set_group(step, Group::Rounds(0));
        let frame = self.place_of(step).unwrap_or_default().0;
        self.look(step, repeat, frame, todo)
    }

    /// Looks at the condition as `frame` sees it, and begins a turn or ends the loop.
    fn look(
        &mut self,
        step: usize,
        repeat: &WhileLoop,
        frame: usize,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let number = match self.steps.get(step).and_then(|step| step.group.as_deref()) {
            Some(Group::Rounds(number)) => *number,
            _ => 0,
        };
        if !self.truth(frame, &repeat.condition)? {
            let turns = if number == 1 { "1 turn".to_owned() } else { format!("{number} turns") };
            self.note(step, turns);
            self.succeed(step, Status::Succeeded, Map::new(), todo);
            return Ok(());
        }
        if number >= repeat.turns {
            let why =
                format!("its {} turns are used up, and the condition still holds", repeat.turns);
            return Err(NoValue::Invalid(why));
        }
        self.set_status(step, Status::Inside);
        self.set_group(step, Group::Rounds(number.saturating_add(1)));
        let prefix = format!("{}[{number}]/", self.key_of(step));
        let turn = self.new_frame(step, Role::Turn(number), prefix.into());
        todo.queue.push_back((turn, repeat.body));
        Ok(())
    }

    /// The condition sees what the steps of the turn that ended came to.
    pub(in crate::run) fn end_round(
        &mut self,
        step: usize,
        repeat: &WhileLoop,
        frame: usize,
        todo: &mut Todo,
    ) {
        self.merge_turn(frame);
        let looked = self.look(step, repeat, frame, todo);
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.outputs.clear();
        }
        if let Err(no_value) = looked {
            self.no_value(step, no_value, todo);
        }
    }
}
