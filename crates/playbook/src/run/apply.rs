//! `Run::apply`: what each event does, and what follows from it.

use serde_json::{Value, json};
use stanch_model::{
    ApprovalId, Time,
    guard::{ApprovalState, Decision},
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
    run::RunState,
};

use super::{
    ATTEMPTS_MAX, Effect, IllegalEvent, Queue, Run, RunEvent, STEPS_MAX, Status, StepRecord,
    scope::NoValue,
};
use crate::{
    ast::OnError,
    graph::{Next, NodeKind},
};

impl Run {
    /// Takes what happened at `at`, and says what has to be done next.
    ///
    /// # Errors
    /// Events that cannot happen where the run stands. The run is unchanged then.
    pub fn apply(&mut self, at: Time, event: &RunEvent) -> Result<Vec<Effect>, IllegalEvent> {
        self.admit(event)?;
        let mut effects = Vec::new();
        let mut queue = Queue::new();
        self.take(at, event, &mut queue, &mut effects);
        self.walk(at, &mut queue, &mut effects);
        self.settle(at, &mut effects);
        Ok(effects)
    }

    /// What is still to be done, after the journal was read back: an intent whose outcome is not on
    /// record is looked up in the target, never repeated blindly.
    #[must_use]
    pub fn outstanding(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in &self.order {
            let Some(step) = self.steps.get(key) else { continue };
            let effect = match (&step.status, &step.action) {
                (Status::Planning, Some(action)) => {
                    Some(Effect::Plan { key: key.clone(), action: Box::new(action.clone()) })
                }
                (Status::Reading, Some(action)) => Some(self.read_effect(key, action)),
                (Status::Authorising, Some(action)) => {
                    Some(Effect::Authorise { key: key.clone(), action: Box::new(action.clone()) })
                }
                (Status::Intended | Status::Probing, Some(action)) => {
                    Some(Effect::Probe { key: key.clone(), action: Box::new(action.clone()) })
                }
                (Status::Accepted, Some(action)) => Some(Effect::Verify {
                    key: key.clone(),
                    action: Box::new(action.clone()),
                    output: step.output.clone(),
                }),
                (Status::Sleeping(None) | Status::Questioned(None), _) => {
                    self.people_or_time(key, step.node)
                }
                _ => None,
            };
            effects.extend(effect);
        }
        if effects.is_empty() && self.started && self.ended.is_none() {
            effects.extend(self.end_effect());
        }
        effects
    }

    /// Whether an effect that was asked for earlier is still to be carried out.
    #[must_use]
    pub fn still_wants(&self, effect: &Effect) -> bool {
        if let Effect::End { state, .. } = effect {
            return self.end().is_some_and(|(due, _)| due == *state);
        }
        let Some(key) = effect.key() else { return false };
        let Some(step) = self.steps.get(key) else { return false };
        match effect {
            Effect::Plan { .. } => step.status == Status::Planning,
            Effect::Read { .. } => step.status == Status::Reading,
            Effect::Authorise { .. } => step.status == Status::Authorising,
            Effect::Act { .. } => step.status == Status::Intended,
            Effect::Probe { .. } => matches!(step.status, Status::Intended | Status::Probing),
            Effect::Verify { .. } => step.status == Status::Accepted,
            Effect::Sleep { .. } => step.status == Status::Sleeping(None),
            Effect::Ask { .. } => step.status == Status::Questioned(None),
            Effect::End { .. } => false,
        }
    }

    fn take(&mut self, at: Time, event: &RunEvent, queue: &mut Queue, effects: &mut Vec<Effect>) {
        use RunEvent as E;
        match event {
            E::Started { alert, incident } => {
                self.started = true;
                self.alert = alert.clone();
                self.incident = incident.clone();
                queue.push_back(self.graph.entry);
            }
            E::Planned { key, action } => self.planned(key, action, effects),
            E::Simulated { key } => {
                self.recorded_act |=
                    self.steps.get(key).is_some_and(|s| s.status == Status::Authorising);
                self.unknown.insert(self.id_of(key));
                self.finish(at, key, Status::Simulated, queue);
            }
            E::Read { key, output } => {
                self.set_output(key, output.clone());
                self.finish(at, key, Status::Succeeded, queue);
            }
            E::Decided { key, decision } => self.decided(at, key, decision),
            E::Asked { key, approval, .. } => {
                self.change(key, |step| step.status = Status::Asked(*approval));
            }
            E::Answered { approval, state, by, people, fingerprints } => {
                if *state == ApprovalState::Approved {
                    let each = fingerprints.iter().map(|print| (print.clone(), *people));
                    self.approved.extend(each);
                }
                self.answered(at, *approval, (*state, by), effects);
            }
            E::Intended { key } => self.intended(key, effects),
            E::Accepted { key, output } => self.accepted(key, output, effects),
            E::Verified { key } => {
                let output = self.steps.get(key).map(|s| s.output.clone()).unwrap_or_default();
                self.set_output(key, output);
                self.finish(at, key, Status::Verified, queue);
            }
            E::Unverified { key, why } | E::Failed { key, why } => {
                self.fail(at, key, why, queue);
            }
            E::Unsure { key, why } => {
                self.change(key, |step| {
                    step.status = Status::Probing;
                    step.note.clone_from(why);
                });
                effects.extend(self.act(key, |key, action| Effect::Probe { key, action }));
            }
            E::Probed { key, present } => self.probed(at, key, *present, queue, effects),
            E::Unresolved { key, why } => self.change(key, |step| {
                step.status = Status::Unknown;
                step.note.clone_from(why);
            }),
            E::Resolved { key, happened, by } => {
                self.change(key, |step| step.note = format!("settled by {by}"));
                if *happened {
                    self.set_output(key, json!({}));
                    self.finish(at, key, Status::Succeeded, queue);
                } else {
                    self.fail(at, key, &format!("{by} found that it did not happen"), queue);
                }
            }
            E::TimerSet { key, due_at } => {
                self.change(key, |step| step.status = Status::Sleeping(Some(*due_at)));
            }
            E::TimerFired { key } => self.finish(at, key, Status::Succeeded, queue),
            E::QuestionAsked { key, due_at } => {
                self.change(key, |step| step.status = Status::Questioned(Some(*due_at)));
            }
            E::QuestionAnswered { key, answer, by } => {
                self.set_output(key, json!({ "answer": answer }));
                self.change(key, |step| step.note = format!("{answer}, said {by}"));
                self.finish(at, key, Status::Succeeded, queue);
            }
            E::Cancelled { by, reason } => {
                self.ending = Some((RunState::Cancelled, format!("{by}: {reason}")));
            }
            E::Ended { state, note } => self.ended = Some((*state, note.clone())),
        }
    }

    fn planned(&mut self, key: &StepKey, action: &PlannedAction, effects: &mut Vec<Effect>) {
        let reads = action.effect == EffectClass::Read;
        self.change(key, |step| {
            step.input = action.input.clone();
            step.action = Some(action.clone());
            step.status = if reads { Status::Reading } else { Status::Authorising };
        });
        effects.push(if reads {
            self.read_effect(key, action)
        } else {
            Effect::Authorise { key: key.clone(), action: Box::new(action.clone()) }
        });
    }

    fn read_effect(&self, key: &StepKey, action: &PlannedAction) -> Effect {
        let node = self.steps.get(key).and_then(|step| self.graph.nodes.get(step.node));
        let live_only = match node.map(|node| &node.kind) {
            Some(NodeKind::Do { call, .. }) => call.manifest.discloses || call.manifest.own_books,
            _ => false,
        };
        // What is read after an act is read when the act is done, not when it is only recorded.
        let live_only = live_only || self.recorded_act;
        Effect::Read { key: key.clone(), action: Box::new(action.clone()), live_only }
    }

    fn decided(&mut self, at: Time, key: &StepKey, decision: &Decision) {
        self.change(key, |step| step.reasons = decision.reasons().to_vec());
        if let Decision::Refuse { reasons } = decision {
            let why: Vec<&str> = reasons.iter().map(|reason| reason.text.as_str()).collect();
            self.refuse(at, key, &format!("the guard refused: {}", why.join("; ")));
        }
    }

    fn answered(
        &mut self,
        at: Time,
        approval: ApprovalId,
        (state, by): (ApprovalState, &str),
        effects: &mut Vec<Effect>,
    ) {
        let waiting: Vec<StepKey> = self
            .order
            .iter()
            .filter(|key| self.steps.get(key).is_some_and(|s| s.status == Status::Asked(approval)))
            .cloned()
            .collect();
        for key in waiting {
            match state {
                ApprovalState::Denied => self.refuse(at, &key, &format!("denied by {by}")),
                ApprovalState::Expired => self.refuse(at, &key, "nobody answered in time"),
                ApprovalState::Approved | ApprovalState::Void | ApprovalState::Waiting => {
                    self.change(&key, |step| step.status = Status::Authorising);
                    effects.extend(self.act(&key, |key, action| Effect::Authorise { key, action }));
                }
            }
        }
    }

    fn intended(&mut self, key: &StepKey, effects: &mut Vec<Effect>) {
        self.change(key, |step| {
            step.status = Status::Intended;
            step.attempts = 1;
        });
        effects.extend(self.act(key, |key, action| Effect::Act { key, action }));
    }

    fn accepted(&mut self, key: &StepKey, output: &Value, effects: &mut Vec<Effect>) {
        self.change(key, |step| {
            step.status = Status::Accepted;
            step.output = output.clone();
            step.note.clear();
        });
        let output = output.clone();
        effects.extend(self.act(key, |key, action| Effect::Verify { key, action, output }));
    }

    fn probed(
        &mut self,
        at: Time,
        key: &StepKey,
        present: bool,
        queue: &mut Queue,
        effects: &mut Vec<Effect>,
    ) {
        // Where no answer was lost, the process died: it may never have sent the act, so that costs
        // no attempt. Else a few crashes in a row would drop an act that people approved.
        let (attempts, sent) = self
            .steps
            .get(key)
            .map_or((0, false), |step| (step.attempts, step.status == Status::Probing));
        if present {
            self.accepted(key, &json!({}), effects);
        } else if self.ending.is_some() {
            let why = "the target shows no effect, and the run ends: it was not sent again";
            self.fail(at, key, why, queue);
        } else if !sent || attempts < ATTEMPTS_MAX {
            self.change(key, |step| {
                step.status = Status::Intended;
                step.attempts += u32::from(sent);
            });
            effects.extend(self.act(key, |key, action| Effect::Act { key, action }));
        } else {
            self.fail(
                at,
                key,
                &format!("sent {attempts} times, and the target shows no effect"),
                queue,
            );
        }
    }

    fn act(
        &self,
        key: &StepKey,
        effect: impl FnOnce(StepKey, Box<PlannedAction>) -> Effect,
    ) -> Option<Effect> {
        let action = self.steps.get(key)?.action.clone()?;
        Some(effect(key.clone(), Box::new(action)))
    }

    /// Enters nodes until every way waits for something.
    fn walk(&mut self, at: Time, queue: &mut Queue, effects: &mut Vec<Effect>) {
        while let Some(next) = queue.pop_front() {
            if self.ending.is_some() {
                return;
            }
            match next {
                Next::End => {}
                Next::Node(index) => self.enter(at, index, queue, effects),
                Next::Join(parallel) => {
                    let open = self.joins.entry(parallel).or_insert(1);
                    *open = open.saturating_sub(1);
                    if *open == 0
                        && let Some(NodeKind::Parallel { next, .. }) =
                            self.graph.nodes.get(parallel).map(|node| &node.kind)
                    {
                        queue.push_back(*next);
                    }
                }
            }
        }
    }

    fn enter(&mut self, at: Time, index: usize, queue: &mut Queue, effects: &mut Vec<Effect>) {
        let graph = self.graph.clone();
        let Some(node) = graph.nodes.get(index) else { return };
        let key = StepKey(node.id.clone());
        if self.order.len() >= STEPS_MAX {
            self.ending = Some((RunState::Failed, format!("more than {STEPS_MAX} steps")));
            return;
        }
        self.order.push(key.clone());
        self.steps.insert(key.clone(), StepRecord::new(index, at));
        match &node.kind {
            NodeKind::Do { call, .. } => match self.resolve(&key, call) {
                Ok(action) => {
                    // Kept, so that after a crash the same is planned, whatever other branches did since.
                    self.change(&key, |step| step.action = Some(action.clone()));
                    effects.push(Effect::Plan { key, action: Box::new(action) });
                }
                Err(no_value) => self.no_value(at, &key, no_value, queue),
            },
            NodeKind::If { condition, then, otherwise } => match self.truth(condition) {
                Ok(truth) => {
                    self.change(&key, |step| {
                        step.note = if truth { "yes" } else { "no" }.to_owned()
                    });
                    self.close(at, &key, Status::Succeeded);
                    queue.push_back(if truth { *then } else { *otherwise });
                }
                Err(no_value) => self.no_value(at, &key, no_value, queue),
            },
            NodeKind::Parallel { branches, .. } => {
                self.joins.insert(index, branches.len());
                self.close(at, &key, Status::Succeeded);
                queue.extend(branches.iter().map(|branch| Next::Node(*branch)));
            }
            NodeKind::Set { values, .. } => {
                for (name, arg) in values {
                    match self.value(arg) {
                        Ok(value) => drop(self.vars.insert(name.clone(), value)),
                        Err(no_value) => return self.no_value(at, &key, no_value, queue),
                    }
                }
                self.finish(at, &key, Status::Succeeded, queue);
            }
            NodeKind::Ask { text, .. } => match self.text(text) {
                Ok(text) => {
                    self.change(&key, |step| {
                        step.status = Status::Questioned(None);
                        step.input = json!({ "text": text });
                    });
                    effects.extend(self.people_or_time(&key, index));
                }
                Err(no_value) => self.no_value(at, &key, no_value, queue),
            },
            NodeKind::Wait { .. } => {
                self.change(&key, |step| step.status = Status::Sleeping(None));
                effects.extend(self.people_or_time(&key, index));
            }
            NodeKind::End { succeeded, note } => {
                let note = note.as_ref().map_or(Ok(String::new()), |note| self.text(note));
                match note {
                    Ok(note) => {
                        self.close(at, &key, Status::Succeeded);
                        let state = if *succeeded { RunState::Succeeded } else { RunState::Failed };
                        self.ending = Some((state, note));
                    }
                    Err(no_value) => self.no_value(at, &key, no_value, queue),
                }
            }
        }
    }

    fn people_or_time(&self, key: &StepKey, node: usize) -> Option<Effect> {
        match &self.graph.nodes.get(node)?.kind {
            NodeKind::Wait { duration, .. } => {
                Some(Effect::Sleep { key: key.clone(), duration: *duration })
            }
            NodeKind::Ask { options, within, otherwise, .. } => {
                let text = self.steps.get(key)?.input.get("text").and_then(Value::as_str);
                Some(Effect::Ask {
                    key: key.clone(),
                    text: text.unwrap_or_default().to_owned(),
                    options: options.clone(),
                    within: *within,
                    otherwise: otherwise.clone(),
                })
            }
            _ => None,
        }
    }

    fn no_value(&mut self, at: Time, key: &StepKey, no_value: NoValue, queue: &mut Queue) {
        match no_value {
            NoValue::Depends(on) => {
                self.change(key, |step| step.note = format!("depends on the outcome of `{on}`"));
                self.unknown.insert(self.id_of(key));
                self.close(at, key, Status::Parked);
            }
            NoValue::Invalid(why) => self.fail(at, key, &why, queue),
        }
    }

    fn fail(&mut self, at: Time, key: &StepKey, why: &str, queue: &mut Queue) {
        self.change(key, |step| why.clone_into(&mut step.note));
        let goes_on =
            self.steps.get(key).and_then(|step| self.graph.nodes.get(step.node)).is_some_and(
                |node| match &node.kind {
                    NodeKind::Do { call, .. } => call.on_error == OnError::Continue,
                    _ => false,
                },
            );
        if goes_on {
            self.finish(at, key, Status::Failed, queue);
        } else {
            self.close(at, key, Status::Failed);
            self.ending.get_or_insert((RunState::Failed, format!("step `{key}`: {why}")));
        }
    }

    fn refuse(&mut self, at: Time, key: &StepKey, why: &str) {
        self.change(key, |step| why.clone_into(&mut step.note));
        self.close(at, key, Status::Refused);
        self.ending.get_or_insert((RunState::Refused, format!("step `{key}`: {why}")));
    }

    /// Closes a step and goes on to what follows.
    fn finish(&mut self, at: Time, key: &StepKey, status: Status, queue: &mut Queue) {
        self.close(at, key, status);
        let node = self.steps.get(key).and_then(|step| self.graph.nodes.get(step.node));
        match node.map(|node| &node.kind) {
            Some(
                NodeKind::Do { next, .. }
                | NodeKind::Ask { next, .. }
                | NodeKind::Wait { next, .. }
                | NodeKind::Set { next, .. },
            ) => queue.push_back(*next),
            Some(NodeKind::If { .. } | NodeKind::Parallel { .. } | NodeKind::End { .. }) | None => {
            }
        }
    }

    fn close(&mut self, at: Time, key: &StepKey, status: Status) {
        self.change(key, |step| {
            step.status = status;
            step.ended_at = Some(at);
        });
    }

    fn change(&mut self, key: &StepKey, change: impl FnOnce(&mut StepRecord)) {
        if let Some(step) = self.steps.get_mut(key) {
            change(step);
        }
    }

    fn set_output(&mut self, key: &StepKey, output: Value) {
        let id = self.id_of(key);
        let slot = self.outputs.entry(id).or_insert_with(|| json!({}));
        if let Value::Object(slot) = slot {
            slot.extend(output.as_object().cloned().unwrap_or_default());
            slot.insert("ok".to_owned(), json!(true));
        }
        self.change(key, |step| step.output = output);
    }

    fn id_of(&self, key: &StepKey) -> String {
        let node = self.steps.get(key).and_then(|step| self.graph.nodes.get(step.node));
        node.map(|node| node.id.clone()).unwrap_or_default()
    }

    /// Calls back what can be called back if the run is to end, and asks for the end if all is settled.
    fn settle(&mut self, at: Time, effects: &mut Vec<Effect>) {
        if self.ending.is_some() {
            let open: Vec<StepKey> = self
                .steps
                .iter()
                .filter(|(_, step)| !step.status.is_settled() && !step.status.in_flight())
                .map(|(key, _)| key.clone())
                .collect();
            for key in &open {
                self.change(key, |step| "the run ended first".clone_into(&mut step.note));
                self.close(at, key, Status::Refused);
            }
            effects.retain(|effect| !open.iter().any(|key| effect.key() == Some(key)));
        }
        effects.extend(self.end_effect());
    }

    fn end_effect(&self) -> Option<Effect> {
        self.end().map(|(state, note)| Effect::End { state, note })
    }

    /// How the run ends, if nothing is under way any more.
    pub(super) fn end(&self) -> Option<(RunState, String)> {
        let settled = self.steps.values().all(|step| step.status.is_settled());
        if !self.started || self.ended.is_some() || !settled {
            return None;
        }
        let parked = || self.steps.values().find(|step| step.status == Status::Parked);
        Some(self.ending.clone().unwrap_or_else(|| {
            (RunState::Succeeded, parked().map(|step| step.note.clone()).unwrap_or_default())
        }))
    }
}

impl StepRecord {
    fn new(node: usize, at: Time) -> Self {
        Self {
            node,
            status: Status::Planning,
            action: None,
            input: Value::Null,
            output: Value::Null,
            attempts: 0,
            entered_at: at,
            ended_at: None,
            note: String::new(),
            reasons: Vec::new(),
        }
    }
}

impl Effect {
    /// The step that it is for; none for the end.
    #[must_use]
    pub const fn key(&self) -> Option<&StepKey> {
        match self {
            Self::Plan { key, .. }
            | Self::Read { key, .. }
            | Self::Authorise { key, .. }
            | Self::Act { key, .. }
            | Self::Probe { key, .. }
            | Self::Verify { key, .. }
            | Self::Sleep { key, .. }
            | Self::Ask { key, .. } => Some(key),
            Self::End { .. } => None,
        }
    }
}
