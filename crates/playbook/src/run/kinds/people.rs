//! What people are asked: approvals, decisions, forms.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stanch_model::{ApprovalId, Time, guard::ApprovalState};

use crate::{
    ast::Otherwise,
    graph::{AskCall, NodeKind, Question},
    run::{
        Asked, Effect, Run,
        apply::Todo,
        scope::NoValue,
        step::{Status, StepRecord},
        trouble::Kind,
    },
};

impl Run {
    pub(in crate::run) fn asked_people(&mut self, step: usize, approval: ApprovalId) {
        self.set_status(step, Status::Asked(approval));
    }

    pub(in crate::run) fn answered(
        &mut self,
        approval: ApprovalId,
        (state, by, people): (ApprovalState, &str, u32),
        fingerprints: &[String],
        todo: &mut Todo,
    ) {
        if state == ApprovalState::Approved {
            let each = fingerprints.iter().map(|print| (print.clone(), people));
            self.approved.extend(each);
        }
        let waits = |step: &usize| {
            self.steps.get(*step).is_some_and(|step| step.status == Status::Asked(approval))
        };
        let waiting: Vec<usize> = self.open.iter().copied().filter(waits).collect();
        for step in waiting {
            // One that ended the run called the others back.
            if self.steps.get(step).is_some_and(|step| step.status.is_settled()) {
                continue;
            }
            match state {
                ApprovalState::Denied => {
                    self.refuse(step, &format!("denied by {by}"), Kind::Refused, todo);
                }
                ApprovalState::Expired if self.escalate(step) => self.set_out(step, todo),
                ApprovalState::Expired => {
                    self.refuse(step, "nobody answered in time", Kind::Refused, todo);
                }
                ApprovalState::Approved | ApprovalState::Void | ApprovalState::Waiting => {
                    self.set_out(step, todo);
                }
            }
        }
    }

    /// Whether others are asked now, because nobody answered; that is done once.
    fn escalate(&mut self, step: usize) -> bool {
        let node = self.place_of(step).and_then(|(_, node)| self.graph.nodes.get(node));
        let approve = node.and_then(|node| node.kind.approve());
        let wanted = approve.is_some_and(|approve| approve.otherwise == Otherwise::Escalate);
        let Some(step) = self.steps.get_mut(step).filter(|step| wanted && !step.escalated) else {
            return false;
        };
        step.escalated = true;
        true
    }

    pub(in crate::run) fn enter_ask(
        &mut self,
        step: usize,
        ask: &AskCall,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let text = self.text(self.place_of(step).unwrap_or_default().0, &ask.text)?;
        self.set_status(step, Status::Questioned(None));
        if let Some(step) = self.steps.get_mut(step) {
            step.input = Arc::new(json!({ "text": text }));
        }
        let effect = self.steps.get(step).and_then(|step| self.ask_effect(step));
        todo.effects.extend(effect);
        Ok(())
    }

    pub(in crate::run) fn ask_effect(&self, step: &StepRecord) -> Option<Effect> {
        let NodeKind::Ask { ask, .. } = &self.graph.nodes.get(step.node)?.kind else { return None };
        let text = step.input.get("text").and_then(Value::as_str).unwrap_or_default();
        let (options, otherwise, form) = match &ask.question {
            Question::Decision { options, otherwise } => (options.clone(), otherwise.clone(), None),
            Question::Form(form) => (Vec::new(), String::new(), Some(form.schema.clone())),
        };
        let question = Asked {
            text: text.to_owned(),
            within: ask.within,
            by: ask.by.clone(),
            options,
            otherwise,
            form,
        };
        Some(Effect::Ask { key: step.key.clone(), question: Box::new(question) })
    }

    pub(in crate::run) fn question_asked(&mut self, step: usize, due_at: Time) {
        self.set_status(step, Status::Questioned(Some(due_at)));
    }

    pub(in crate::run) fn question_answered(
        &mut self,
        step: usize,
        answer: &str,
        by: &str,
        todo: &mut Todo,
    ) {
        self.note(step, format!("{answer}, said {by}"));
        let output = Map::from_iter([("answer".to_owned(), json!(answer))]);
        self.succeed(step, Status::Succeeded, output, todo);
    }

    pub(in crate::run) fn form_answered(
        &mut self,
        step: usize,
        values: &Map<String, Value>,
        by: &str,
        todo: &mut Todo,
    ) {
        self.note(step, format!("filled in by {by}"));
        self.succeed(step, Status::Succeeded, values.clone(), todo);
    }

    pub(in crate::run) fn form_lapsed(&mut self, step: usize, todo: &mut Todo) {
        self.note(step, "nobody filled it in in time");
        self.finish(step, Status::Succeeded, todo);
    }
}
