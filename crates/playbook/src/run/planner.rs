//! The plan driver: the same machine, with acts recorded instead of made.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value};
use stanch_model::{
    RunId, TenantId, Time,
    plan::{Evidence, Plan, PlannedAction, StepKey},
    run::RunState,
};

use super::{Approved, Effect, Run, RunEvent, ScriptJob};
use crate::{ast::Approve, check::CALLS_MAX, graph::Graph};

/// The playbooks that others may call, by name.
#[derive(Clone, Debug, Default)]
pub struct Called(Arc<BTreeMap<String, Arc<Graph>>>);

impl Called {
    /// The playbook by that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Graph>> {
        self.0.get(name)
    }
}

impl FromIterator<Arc<Graph>> for Called {
    fn from_iter<I: IntoIterator<Item = Arc<Graph>>>(graphs: I) -> Self {
        let named = graphs.into_iter().map(|graph| (graph.playbook.clone(), graph));
        Self(Arc::new(named.collect()))
    }
}

/// Walks a copy of a run to the next point that depends on the outcome of an act or an answer.
#[derive(Clone, Debug)]
pub struct Planner {
    run: Run,
    at: Time,
    queue: VecDeque<Effect>,
    actions: Vec<PlannedAction>,
    needs: BTreeMap<StepKey, Approve>,
    evidence: Vec<Evidence>,
    stops_at: Option<String>,
    called: Called,
    /// Versions of the playbooks that are planned through.
    versions: BTreeMap<String, String>,
    /// The playbooks around this one.
    callers: Vec<String>,
    /// A called playbook that is being planned, and the step that calls it.
    child: Option<(StepKey, Box<Planner>)>,
}

/// What the planner needs next.
#[derive(Clone, Debug, PartialEq)]
pub enum PlannerStep {
    /// A read that changes nothing and discloses nothing: make it and give the answer to
    /// [`Planner::answer`].
    Read {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// A script that only reads, and only what it is given: run it, and give what it wrote to
    /// [`Planner::answer`].
    Script {
        /// The step.
        key: StepKey,
        /// The script.
        job: Box<ScriptJob>,
    },
    /// Nothing: call [`Planner::into_plan`].
    Done,
}

impl Planner {
    /// Plans on from where `run` stands, through the playbooks that it calls. `at` is only for shows.
    #[must_use]
    pub fn new(run: &Run, at: Time, called: &Called) -> Self {
        let mut run = run.clone();
        run.planning = true;
        let mut planner = Self {
            queue: run.outstanding().into(),
            evidence: run.evidence(),
            run,
            at,
            actions: Vec::new(),
            needs: BTreeMap::new(),
            stops_at: None,
            called: called.clone(),
            versions: BTreeMap::new(),
            callers: Vec::new(),
            child: None,
        };
        // Time passes, whether or not its timer is set already.
        for key in planner.run.sleeping() {
            planner.take(&RunEvent::TimerFired { key });
        }
        planner
    }

    /// Goes on until a read is needed or the plan is done.
    pub fn advance(&mut self) -> PlannerStep {
        loop {
            if let Some((key, mut child)) = self.child.take() {
                match child.advance() {
                    PlannerStep::Done => self.leave(&key, *child),
                    step => {
                        self.child = Some((key, child));
                        return step;
                    }
                }
            }
            let Some(effect) = self.next_effect() else { return PlannerStep::Done };
            // A read that failed may have ended the plan, and called back what was not out yet.
            if self.run.still_wants(&effect)
                && let Some(step) = self.carry_out(effect)
            {
                return step;
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Option<PlannerStep> {
        match effect {
            Effect::Plan { key, action } => self.take(&RunEvent::Planned { key, action }),
            Effect::Read { key, live_only: true, .. }
            | Effect::Script { key, live_only: true, .. } => {
                self.take(&RunEvent::Simulated { key });
            }
            Effect::Read { key, action, live_only: false } => {
                return Some(PlannerStep::Read { key, action });
            }
            Effect::Script { key, job, live_only: false } => {
                return Some(PlannerStep::Script { key, job });
            }
            Effect::Authorise { key, action } => {
                let needs = self.run.approve(&key).cloned();
                self.needs.extend(needs.map(|needs| (key.clone(), needs)));
                if self.run.approved_by(&action) == 0 {
                    self.actions.push(*action);
                }
                self.take(&RunEvent::Simulated { key });
            }
            Effect::Sleep { key, .. } => self.take(&RunEvent::TimerFired { key }),
            Effect::Ask { question, .. } => {
                self.stops_at.get_or_insert(format!("a person answers: {}", question.text));
            }
            Effect::Listen { signal, .. } => {
                self.stops_at.get_or_insert(format!("the signal `{signal}` comes"));
            }
            Effect::Call { key, playbook, inputs } => self.call(key, &playbook, inputs),
            // What is in flight already has an outcome to wait for; the end needs no plan.
            Effect::Act { .. }
            | Effect::Probe { .. }
            | Effect::Verify { .. }
            | Effect::Deadline { .. }
            | Effect::CallOff { .. }
            | Effect::End { .. } => {}
        }
        None
    }

    /// Acts come last, so that every read that stands before one is made before it is recorded.
    fn next_effect(&mut self) -> Option<Effect> {
        let is_act = |effect: &Effect| matches!(effect, Effect::Authorise { .. });
        let other = self.queue.iter().position(|effect| !is_act(effect));
        self.queue.remove(other.unwrap_or(0))
    }

    /// Plans on in a called playbook, as it would run.
    fn call(&mut self, key: StepKey, playbook: &str, inputs: Map<String, Value>) {
        match self.child(&key, playbook, inputs) {
            Ok(child) => self.child = Some((key, Box::new(child))),
            Err(why) => self.take(&RunEvent::Failed { key, why }),
        }
    }

    fn child(
        &self,
        key: &StepKey,
        playbook: &str,
        inputs: Map<String, Value>,
    ) -> Result<Self, String> {
        let mut callers = self.callers.clone();
        callers.push(self.run.graph.playbook.clone());
        let graph = callable(&self.called, &callers, playbook)?;
        let approved = Approved { acts: self.run.approved.clone(), ..Approved::default() };
        let begins = self.run.start_of_child(key, graph.given(inputs)?, approved);
        let mut run = Run::new(Arc::clone(graph));
        run.planning = true;
        run.apply(self.at, &begins).map_err(|illegal| illegal.to_string())?;
        Ok(Self { callers, ..Self::new(&run, self.at, &self.called) })
    }

    /// Takes up what a called playbook came to.
    fn leave(&mut self, key: &StepKey, child: Self) {
        let graph = Arc::clone(&child.run.graph);
        let (playbook, digest) = (graph.playbook.clone(), graph.digest.clone());
        let open = child.run.parked_note().or_else(|| child.run.open_note());
        self.actions.extend(child.actions);
        self.needs.extend(child.needs);
        self.evidence.extend(child.evidence);
        self.versions.extend(child.versions);
        self.versions.insert(playbook, digest.clone());
        let stops_at = child.stops_at.or(open);
        if let Some(stops_at) = stops_at {
            self.stops_at.get_or_insert(stops_at);
        } else if let Some((state, note)) = child.run.due.clone() {
            self.ended(key, digest, (state, note), &child.run);
        }
    }

    fn ended(&mut self, key: &StepKey, digest: String, due: (RunState, String), child: &Run) {
        let key = key.clone();
        // What depends on acts that were only recorded is not known yet.
        if child.is_recorded() {
            return self.take(&RunEvent::Simulated { key });
        }
        let (state, note) = due;
        self.take(&RunEvent::ChildStarted { key: key.clone(), run: nobody(), digest });
        let outputs = child.outputs().clone();
        self.take(&RunEvent::ChildEnded { key, state, note, outputs, recorded: false });
    }

    /// Gives the answer to a read or a script.
    pub fn answer(&mut self, key: &StepKey, name: &str, answer: Result<Value, String>) {
        if let Some((_, child)) = &mut self.child {
            return child.answer(key, name, answer);
        }
        let key = key.clone();
        match answer {
            Ok(output) => {
                let evidence =
                    Evidence { key: key.clone(), name: name.to_owned(), output: output.clone() };
                self.evidence.push(evidence);
                self.take(&RunEvent::Read { key, output });
            }
            Err(why) => self.take(&RunEvent::Failed { key, why }),
        }
    }

    /// The plan so far.
    #[must_use]
    pub fn into_plan(self, tenant: TenantId) -> Plan {
        let open = self.run.parked_note().or_else(|| self.run.open_note());
        Plan {
            tenant,
            playbook: self.run.graph.playbook.clone(),
            playbook_digest: self.run.graph.digest.clone(),
            called: self.versions,
            actions: self.actions,
            evidence: self.evidence,
            stops_at: self.stops_at.or(open),
        }
    }

    /// What approval the planned acts ask for by themselves, beyond what the guard asks.
    #[must_use]
    pub const fn needs(&self) -> &BTreeMap<StepKey, Approve> {
        &self.needs
    }

    /// The run as the plan left it, for shows.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    fn take(&mut self, event: &RunEvent) {
        let effects = self.run.apply(self.at, event);
        self.queue.extend(effects.expect("invariant: the planner answers what the run asked"));
    }
}

/// The run of a called playbook that is only planned, or replayed.
pub(crate) fn nobody() -> RunId {
    let text = format!("{}_{:032}", RunId::PREFIX, 0);
    text.parse().expect("invariant: prefix and 32 digits are an id")
}

/// The playbook, if those around it, the innermost last, may call it.
///
/// # Errors
/// In plain words: it is not there, it is one of them, or there are too many.
pub fn callable<'c>(
    called: &'c Called,
    callers: &[String],
    playbook: &str,
) -> Result<&'c Arc<Graph>, String> {
    if callers.iter().any(|caller| caller == playbook) {
        return Err(format!("playbook `{playbook}` would call itself"));
    }
    if callers.len() > CALLS_MAX {
        return Err(format!("playbooks call each other more than {CALLS_MAX} deep"));
    }
    called.get(playbook).ok_or_else(|| format!("there is no playbook `{playbook}` that runs here"))
}
