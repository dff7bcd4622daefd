//! Frames: the run, its branches, the turns of its loops, the bodies of its `try`s.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;

use super::Run;

/// A part of a run with one way through the graph, its own variables and its own outcomes.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Where it stands; nothing for the run itself.
    pub(super) place: Option<Place>,
    /// What the keys of its steps begin with.
    pub(super) prefix: Arc<str>,
    /// Names that only it has: the element of a turn, the `error` of a handler.
    pub(super) names: BTreeMap<String, Arc<Value>>,
    /// The variables that were set in it.
    pub(super) vars: BTreeMap<String, Arc<Value>>,
    /// What its steps returned, by node.
    pub(super) outputs: BTreeMap<usize, Arc<Value>>,
    /// Its steps whose outcome is not known, because it was only recorded.
    pub(super) unknown: BTreeSet<usize>,
    /// Whether there is such a step in it or in what it held inside.
    pub(super) uncertain: bool,
    /// Nothing new begins in it.
    pub(super) stopped: bool,
}

/// Where a frame stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The frame around it.
    pub(super) parent: usize,
    /// The step that holds it.
    pub(super) owner: usize,
    pub(super) role: Role,
}

/// What a frame is to the step that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Branch(usize),
    Turn(usize),
    Body,
    Handler,
}

impl Frame {
    pub(super) fn root(prefix: String) -> Self {
        Self {
            place: None,
            prefix: prefix.into(),
            names: BTreeMap::new(),
            vars: BTreeMap::new(),
            outputs: BTreeMap::new(),
            unknown: BTreeSet::new(),
            uncertain: false,
            stopped: false,
        }
    }
}

impl Run {
    /// A new frame in `parent`, held by the step `owner`.
    pub(super) fn new_frame(&mut self, owner: usize, role: Role, prefix: Arc<str>) -> usize {
        let parent = self.steps.get(owner).map_or(0, |step| step.frame);
        let place = Place { parent, owner, role };
        self.frames.push(Frame { place: Some(place), prefix, ..Frame::root(String::new()) });
        self.frames.len().saturating_sub(1)
    }

    pub(super) fn prefix(&self, frame: usize) -> Arc<str> {
        self.frames.get(frame).map_or_else(Arc::default, |frame| frame.prefix.clone())
    }

    /// The frame and those around it, from the inside out.
    pub(super) fn frames_from(&self, frame: usize) -> impl Iterator<Item = (usize, &Frame)> {
        let mut next = Some(frame);
        std::iter::from_fn(move || {
            let index = next?;
            let frame = self.frames.get(index)?;
            next = frame.place.map(|place| place.parent);
            Some((index, frame))
        })
    }

    /// Whether nothing new begins in the frame.
    pub(super) fn is_stopped(&self, frame: usize) -> bool {
        self.ending.is_some() || self.frames_from(frame).any(|(_, frame)| frame.stopped)
    }

    pub(super) fn is_in(&self, frame: usize, outer: usize) -> bool {
        self.frames_from(frame).any(|(index, _)| index == outer)
    }

    /// What is known of a step's outcome from inside `frame`; an error names the step if that is not known.
    pub(super) fn outcome(&self, frame: usize, node: usize) -> Result<Option<&Arc<Value>>, String> {
        for (_, frame) in self.frames_from(frame) {
            if frame.unknown.contains(&node) {
                let id = self.graph.nodes.get(node).map(|node| node.id.clone());
                return Err(id.unwrap_or_default());
            }
            if let Some(output) = frame.outputs.get(&node) {
                return Ok(Some(output));
            }
        }
        Ok(self.graph.default_of(node))
    }

    pub(super) fn note_unknown(&mut self, frame: usize, node: usize) {
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.unknown.insert(node);
            frame.uncertain = true;
        }
    }

    /// What a frame came to becomes part of the frame around it.
    pub(super) fn merge(&mut self, frame: usize) {
        let Some(inner) = self.frames.get_mut(frame) else { return };
        let (vars, outputs) = (std::mem::take(&mut inner.vars), std::mem::take(&mut inner.outputs));
        let (unknown, uncertain) = (std::mem::take(&mut inner.unknown), inner.uncertain);
        let Some(place) = inner.place else { return };
        if let Some(outer) = self.frames.get_mut(place.parent) {
            outer.vars.extend(vars);
            outer.outputs.extend(outputs);
            outer.unknown.extend(unknown);
            outer.uncertain |= uncertain;
        }
    }

    /// Of what a turn came to, only its variables are seen outside.
    pub(super) fn merge_turn(&mut self, frame: usize) {
        let Some(inner) = self.frames.get_mut(frame) else { return };
        let (vars, uncertain) = (std::mem::take(&mut inner.vars), inner.uncertain);
        let Some(place) = inner.place else { return };
        if let Some(outer) = self.frames.get_mut(place.parent) {
            outer.vars.extend(vars);
            outer.uncertain |= uncertain;
        }
    }
}
