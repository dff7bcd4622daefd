//! The graph that a run walks: the playbook's steps, each with where it goes next.
//!
//! Compiling needs the catalog, because a graph holds what every `do` resolved to. It is kept by
//! the run's playbook digest; what a running step planned stands in the journal, so a later change
//! of a manifest cannot change a run behind an approval.
//!
//! Loops are not unrolled. A way that comes to the end of what a node holds inside goes to
//! [`Next::Leave`] of that node, and the run knows by the frame it is in whether that ends a turn, a
//! branch, or the body of a `try`.

mod compile;
mod defaults;
mod given;
mod node;
mod shape;
mod view;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;
use stanch_model::{guard::Mode, manifest::EffectClass};

pub use self::{
    compile::{CompileError, compile, compile_in},
    node::{
        AskCall, CallCall, DoCall, ForEachLoop, Form, Node, NodeKind, Pause, Question, ScriptCall,
        WhileLoop,
    },
};
pub(crate) use self::{
    defaults::{empty, turns},
    shape::Shape,
};
use crate::ast::{Arg, Trigger};

/// The connector that stands in the plan of a `script`.
pub const SCRIPT: &str = "script";

/// A compiled playbook.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The playbook's name.
    pub playbook: String,
    /// In plain words.
    pub title: String,
    /// SHA-256 of the playbook's text.
    pub digest: String,
    /// How far it may ever be trusted.
    pub max_mode: Mode,
    /// How long a run may take.
    pub timeout: Duration,
    /// What starts it.
    pub on: Option<Trigger>,
    /// What a caller or a person gives.
    pub inputs: Vec<Given>,
    /// What a caller reads at the end.
    pub outputs: Vec<(String, Arg)>,
    /// The steps, in the order of the text.
    pub nodes: Vec<Node>,
    /// The first step.
    pub entry: Next,
    /// The nodes by their ids.
    pub(crate) ids: BTreeMap<String, usize>,
}

/// Something that a caller or a person gives.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name in `inputs`.
    pub name: String,
    /// Its JSON Schema.
    pub schema: Value,
    /// What it is if it is not given; without it, it has to be.
    pub default: Option<Value>,
    shape: Shape,
}

/// Where a step goes when it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// To that node.
    Node(usize),
    /// What that node holds inside is done: a branch, a turn, the body of a `try` or its handler.
    Leave(usize),
    /// The run is done.
    End,
}

impl Graph {
    /// The node with that id.
    #[must_use]
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied()
    }

    /// The node that a step of this playbook came of: `block` of `each[3]/block`. `path` is the step's
    /// key, without what a call put before it; a step of a called playbook has no node here.
    #[must_use]
    pub fn node_of(&self, path: &str) -> Option<&Node> {
        let (loops, id) = path.rsplit_once('/').map_or((0, path), |(loops, id)| {
            let turns = loops.split('/').filter(|part| part.ends_with(']')).count();
            let others = loops.split('/').count().saturating_sub(turns);
            (if others == 0 { turns } else { usize::MAX }, id)
        });
        self.nodes.get(self.index_of(id)?).filter(|node| node.depth == loops)
    }

    /// The `do` steps, for shows.
    #[must_use]
    pub fn actions(&self) -> BTreeMap<String, &DoCall> {
        let calls = self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Do { call, .. } => Some((node.id.clone(), &**call)),
            _ => None,
        });
        calls.collect()
    }

    /// The playbooks that it calls.
    pub fn calls(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Call { call, .. } => Some(call.playbook.as_str()),
            _ => None,
        })
    }

    /// The names of the signals that it waits for.
    pub fn signals(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Wait { pause: Pause::Signal { name, .. }, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether everything that it changes by itself is at the practice target. What it calls has a
    /// mode of its own.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        self.nodes.iter().all(|node| match &node.kind {
            NodeKind::Do { call, .. } => call.practice || call.manifest.effect == EffectClass::Read,
            NodeKind::Script { script, .. } => script.effect == EffectClass::Read,
            _ => true,
        })
    }

    /// What `steps.ID` reads as before the step ran.
    pub(crate) fn default_of(&self, node: usize) -> Option<&Arc<Value>> {
        Some(&self.nodes.get(node)?.default)
    }
}
