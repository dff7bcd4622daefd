//! What a run still has to do where time jumps: what needs no time in the order of the text, so that a run always
//! goes the same way, and then what comes earliest.

use std::{collections::BTreeMap, sync::Arc};

use stanch_model::{Time, plan::StepKey};

use crate::{
    graph::Graph,
    run::{Effect, IllegalEvent, Run, RunEvent, timer},
};

/// A run, its moment, and what is left to do.
#[derive(Debug)]
pub(crate) struct Agenda {
    pub(crate) run: Run,
    pub(crate) now: Time,
    /// To be done now, by place in the text and order of arrival.
    soon: BTreeMap<(usize, u64), Effect>,
    /// To happen later, likewise.
    later: BTreeMap<(Time, usize, u64), Next>,
    arrived: u64,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Next {
    /// To be carried out.
    Effect(Effect),
    /// It happens by itself: time has passed.
    Event(RunEvent),
}

impl Agenda {
    /// A run that has not started, at that moment.
    pub(crate) fn new(graph: &Arc<Graph>, now: Time) -> Self {
        Self {
            run: Run::new(Arc::clone(graph)),
            now,
            soon: BTreeMap::new(),
            later: BTreeMap::new(),
            arrived: 0,
        }
    }

    /// What comes next; nothing if nothing ever will.
    pub(crate) fn next(&mut self) -> Option<Next> {
        while let Some((_, effect)) = self.soon.pop_first() {
            if self.run.still_wants(&effect) {
                return Some(Next::Effect(effect));
            }
        }
        while let Some(((due, ..), next)) = self.later.pop_first() {
            // The step may have been called back, or done before its deadline.
            let is_wanted = match &next {
                Next::Effect(effect) => self.run.still_wants(effect),
                Next::Event(event) => self.run.admits(event).is_ok(),
            };
            if is_wanted {
                self.now = self.now.max(due);
                return Some(next);
            }
        }
        None
    }

    /// Takes what happened, and what follows from it.
    pub(crate) fn happened(&mut self, event: &RunEvent) -> Result<(), IllegalEvent> {
        for effect in self.run.apply(self.now, event)? {
            let place = effect.key().map_or(usize::MAX, |key| self.place(key));
            let number = self.number();
            self.soon.insert((place, number), effect);
        }
        Ok(())
    }

    /// It happens at that moment.
    pub(crate) fn at(&mut self, due: Time, key: &StepKey, next: Next) {
        let (place, number) = (self.place(key), self.number());
        self.later.insert((due, place, number), next);
    }

    /// The step's time is over at that moment, or the run's. What is due at the same moment comes first.
    pub(crate) fn deadline(&mut self, due: Time, key: Option<&StepKey>) {
        let (event, number) = (timer::fired(&timer::deadline(key)), self.number());
        self.later.insert((due, usize::MAX, number), Next::Event(event));
    }

    /// Where the step stands in the text.
    fn place(&self, key: &StepKey) -> usize {
        let node = self.run.node_of(key);
        node.and_then(|node| self.run.graph().index_of(&node.id)).unwrap_or(usize::MAX)
    }

    fn number(&mut self) -> u64 {
        self.arrived = self.arrived.saturating_add(1);
        self.arrived
    }
}
