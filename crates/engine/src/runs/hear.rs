//! What people and time say to a run, whether or not somebody drove it when they said it.

use stanch_model::{
    guard::{Approval, ApprovalState},
    plan::{PlannedAction, StepKey},
};
use stanch_playbook::{RunEvent, run::timer};
use stanch_store::{Question, QuestionState};

use super::{
    Message,
    driver::{Driver, Ride, question_id},
};
use crate::Error;

impl Driver {
    /// What was said while nobody drove the run.
    pub(super) async fn catch_up(&mut self, ride: &mut Ride) -> Result<(), Error> {
        for approval in ride.run.asked() {
            self.hear_approval(ride, approval).await?;
        }
        for key in ride.run.questioned() {
            self.hear_answer(ride, key).await?;
        }
        self.read_inbox(ride).await
    }

    pub(super) async fn hear(&mut self, ride: &mut Ride, message: Message) -> Result<(), Error> {
        match message {
            Message::Wake => Ok(()),
            Message::Mail => self.read_inbox(ride).await,
            Message::Answered { approval } => self.hear_approval(ride, approval).await,
            Message::QuestionAnswered { key } => self.hear_answer(ride, key).await,
            Message::TimerFired { name } => self.hear_timer(ride, name).await,
        }
    }

    async fn hear_approval(
        &mut self,
        ride: &mut Ride,
        id: stanch_model::ApprovalId,
    ) -> Result<(), Error> {
        if !ride.run.asked().contains(&id) {
            return Ok(());
        }
        let approval = self.approval(id).await?;
        if approval.state == ApprovalState::Waiting {
            return Ok(());
        }
        self.happened(ride, vec![answered(&approval)], None).await
    }

    async fn hear_answer(&mut self, ride: &mut Ride, key: StepKey) -> Result<(), Error> {
        if !ride.run.questioned().contains(&key) {
            return Ok(());
        }
        let (tenant, id) = (self.tenant.clone(), question_id(self.id, &key));
        let read = self.runs.shared.core.store.read(move |view| view.question(&tenant, &id));
        let Some(event) = answer(key, read.await?) else { return Ok(()) };
        self.happened(ride, vec![event], None).await
    }

    async fn hear_timer(&mut self, ride: &mut Ride, name: StepKey) -> Result<(), Error> {
        let event = timer::fired(&name);
        if ride.run.admits(&event).is_ok() {
            return self.happened(ride, vec![event], None).await;
        }
        // What it was set for was done before, or called back.
        let run = self.id;
        Ok(self.runs.shared.core.store.write(move |tx| tx.clear_timer(run, &name)).await?)
    }
}

fn answer(key: StepKey, question: Question) -> Option<RunEvent> {
    if question.form.is_none() {
        let (answer, by) = (question.answer?, question.by?);
        return Some(RunEvent::QuestionAnswered { key, answer, by });
    }
    match question.state {
        QuestionState::Waiting | QuestionState::Void => None,
        QuestionState::Expired => Some(RunEvent::FormLapsed { key }),
        QuestionState::Answered => {
            let (values, by) = (question.values?, question.by?);
            Some(RunEvent::FormAnswered { key, values, by })
        }
    }
}

fn answered(approval: &Approval) -> RunEvent {
    let last = approval.votes.last().map(|vote| vote.by.clone());
    RunEvent::Answered {
        approval: approval.id,
        state: approval.state,
        by: last.unwrap_or_else(|| "expiry".to_owned()),
        people: approval.people(),
        fingerprints: approval.plan.actions.iter().map(PlannedAction::fingerprint).collect(),
    }
}
