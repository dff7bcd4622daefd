//! Backtest: what happened once goes through the same machine again, and what it would have done is listed.
//!
//! A [`Replayer`] runs one version of a playbook for one alert of the past; nothing outside is touched and nothing is
//! written. What a read is answered by is, in this order: what an earlier run for the same alert was answered
//! ([`Recorded`]), what our own books say today ([`Around::ours`]), and the example in the manifest. Where there is
//! none of these, the replay stops there and says at what ([`End::NotKnown`]). What nothing in the playbook
//! reads needs no answer.
//!
//! Approvals and questions are answered with yes, acts succeed and are seen, and time passes at once. The guard
//! is asked ([`Around::judge`]), because what it refuses is not touched.

mod answers;
mod driver;
mod needs;
mod recorded;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;
use stanch_model::{Time, guard::Decision, plan::PlannedAction, run::RunState};

pub use self::recorded::Recorded;
use crate::{
    graph::Graph,
    run::{Beginning, Called, RunEvent},
};

/// What stands around a replay.
pub trait Around {
    /// What our own books answer to a read today; none if it is not theirs to answer.
    fn ours(&self, action: &PlannedAction) -> Option<Value>;

    /// What the guard says to an act at that moment. `again` if it held this one before.
    fn judge(&mut self, action: &PlannedAction, at: Time, again: bool) -> Judged;
}

/// What the guard says to an act; a question to people counts as answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// It may be done.
    Through,
    /// Not before that moment.
    Held(Time),
    /// It may not be done: the decision, which the run goes on from.
    Refused(Decision),
}

/// On what something rests; the greater one is the weaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// On the alert alone: nothing was read.
    Alert,
    /// On what was recorded then.
    Recorded,
    /// On what our own books say today.
    Ours,
    /// On the example in a manifest.
    Example,
}

impl Basis {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Recorded => "recorded",
            Self::Ours => "ours",
            Self::Example => "example",
        }
    }
}

/// The alert of a replay, as expressions see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Occasion {
    /// `Alert::context`.
    pub alert: Value,
    /// `Incident::context`.
    pub incident: Value,
    /// When the run would have begun.
    pub at: Time,
}

/// What a replay came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The acts that it came to, in order.
    pub acts: Vec<Act>,
    /// What a question to people was taken to be answered with: the step's id, and the answer.
    pub assumed: BTreeSet<(String, String)>,
    /// How it ended.
    pub end: End,
}

/// An act that a replay came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// What.
    pub action: PlannedAction,
    /// When.
    pub at: Time,
    /// On what that it came to it rests: the weakest answer that was given before and that something reads.
    pub rests_on: Basis,
    /// Whether the guard would have refused it.
    pub refused: bool,
}

/// How a replay ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// As the run would have.
    Ended(RunState),
    /// At something that nobody knows any more.
    NotKnown {
        /// What: an action, a script, a form, a signal.
        name: String,
        /// Why.
        why: String,
    },
}

/// Replays one version of a playbook.
#[derive(Debug)]
pub struct Replayer {
    graph: Arc<Graph>,
    called: Called,
    /// By digest of a playbook: its steps that something reads.
    needs: BTreeMap<String, BTreeSet<String>>,
}

impl Replayer {
    /// For `graph`, and the playbooks that it may call.
    #[must_use]
    pub fn new(graph: Arc<Graph>, called: Called) -> Self {
        Self { graph, called, needs: BTreeMap::new() }
    }

    /// Replays one occasion. The same gives the same.
    pub fn replay(
        &mut self,
        occasion: Occasion,
        recorded: &Recorded,
        around: &mut dyn Around,
    ) -> Replay {
        let mut replay = Replay {
            acts: Vec::new(),
            assumed: BTreeSet::new(),
            end: End::Ended(RunState::Failed),
        };
        let graph = Arc::clone(&self.graph);
        let begins = graph.given(serde_json::Map::new()).map(|inputs| RunEvent::Started {
            alert: occasion.alert,
            incident: occasion.incident,
            with: Box::new(Beginning { inputs, ..Beginning::default() }),
        });
        let came = match begins {
            Ok(begins) => {
                let mut rests_on = Basis::Alert;
                let given = driver::Given {
                    called: self.called.clone(),
                    needs: &mut self.needs,
                    recorded,
                    around,
                    replay: &mut replay,
                    rests_on: &mut rests_on,
                };
                driver::Driver::new(&graph, occasion.at, Vec::new(), given).drive(&begins)
            }
            Err(why) => Err(driver::NotKnown { name: graph.playbook.clone(), why }),
        };
        replay.end = match came {
            Ok(came) => End::Ended(came.state),
            Err(driver::NotKnown { name, why }) => End::NotKnown { name, why },
        };
        replay
    }
}
