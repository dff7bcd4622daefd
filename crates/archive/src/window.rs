//! Which batches were seen lately, so that a retry is recognised.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use stanch_model::EventId;

use crate::scan::Batch;

/// The ids of one batch: `count` records from `first` on, all in one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: EventId,
    pub(crate) count: u64,
}

impl Run {
    pub(crate) fn ids(self) -> Vec<EventId> {
        let EventId { segment, sequence } = self.first;
        (sequence..sequence + self.count).map(|sequence| EventId { segment, sequence }).collect()
    }
}

/// The keys of the last batches; the oldest is forgotten first.
#[derive(Debug)]
pub(crate) struct Window {
    keys_max: usize,
    runs: BTreeMap<Arc<str>, Run>,
    order: VecDeque<Arc<str>>,
}

impl Window {
    pub(crate) const fn new(keys_max: usize) -> Self {
        Self { keys_max, runs: BTreeMap::new(), order: VecDeque::new() }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Run> {
        self.runs.get(key).copied()
    }

    pub(crate) fn insert(&mut self, key: &str, run: Run) {
        let key: Arc<str> = key.into();
        if self.runs.insert(Arc::clone(&key), run).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > self.keys_max {
            if let Some(oldest) = self.order.pop_front() {
                self.runs.remove(&oldest);
            }
        }
    }

    pub(crate) fn extend(&mut self, segment: u64, batches: &[Batch]) {
        for Batch { key, first, count } in batches {
            let first = EventId { segment, sequence: *first };
            self.insert(key, Run { first, count: *count });
        }
    }
}
