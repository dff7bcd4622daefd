//! Questions of `ask` steps.

use serde_json::json;
use stanch_model::{TenantId, people::Actor};
use stanch_store::{Question, QuestionState};

use super::People;
use crate::{
    Error,
    core::{audit, tell},
    runs::Message,
};

impl People {
    /// Answers a question with one of its options.
    ///
    /// # Errors
    /// No such question; one that does not stand any more; an answer that is no option.
    pub async fn answer(&self, actor: &Actor, id: &str, answer: &str) -> Result<Question, Error> {
        self.settle(&actor.tenant, id, answer, &actor.name, QuestionState::Answered).await
    }

    /// Takes `otherwise` where nobody answered in time.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lapse_questions(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let due = self.core.store.read(move |view| view.questions_due(now)).await?;
        for question in due {
            let state = QuestionState::Expired;
            let tenant = question.tenant.clone();
            match self.settle(&tenant, &question.id, &question.otherwise, "expiry", state).await {
                Ok(_) | Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn settle(
        &self,
        tenant: &TenantId,
        id: &str,
        answer: &str,
        by: &str,
        state: QuestionState,
    ) -> Result<Question, Error> {
        let now = self.core.clock.now();
        let (owner, name) = (tenant.clone(), id.to_owned());
        let asked = self.core.store.read(move |view| view.question(&owner, &name)).await?;
        if !asked.options.iter().any(|option| option == answer) {
            let options = asked.options.join(", ");
            return Err(Error::Invalid(format!(
                "`{answer}` is no answer here: choose one of {options}"
            )));
        }
        let (owner, name) = (tenant.clone(), id.to_owned());
        let (text, who) = (answer.to_owned(), by.to_owned());
        let settled = self.core.store.write(move |tx| {
            let mut question = tx.question(&owner, &name)?;
            if question.state != QuestionState::Waiting {
                let gone = format!("question {name} does not stand any more");
                return Err(stanch_store::Error::Conflict(gone));
            }
            question.state = state;
            question.answer = Some(text.clone());
            question.by = Some(who.clone());
            tx.put_question(&question)?;
            let told = format!("{}: {text}", question.text);
            tell(tx, &owner, question.incident, now, ("approval", &who, &name), told)?;
            let detail = json!({ "question": question.text, "answer": text });
            audit(tx, &owner, now, (&who, "question.answer", &name), detail)?;
            Ok(question)
        });
        let question = settled.await?;
        self.core.live.tell("question", &question.id);
        let message = Message::QuestionAnswered {
            key: question.step.clone(),
            answer: answer.to_owned(),
            by: by.to_owned(),
        };
        self.runs.send(tenant, question.run, message).await;
        Ok(question)
    }
}
