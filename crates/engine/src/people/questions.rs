//! Questions of `ask` steps: decisions and forms.

use serde_json::{Map, Value, json};
use stanch_model::{TenantId, people::Actor};
use stanch_store::{Question, QuestionState};

use super::People;
use crate::{
    Error,
    core::{audit, tell},
    runs::{Message, load},
};

/// How a question is settled.
#[derive(Clone)]
enum Settled {
    /// One of the options.
    Answer(String),
    /// What a form was filled in with.
    Values(Map<String, Value>),
    /// Nobody filled a form in.
    Lapsed,
}

impl People {
    /// Answers a question with one of its options.
    ///
    /// # Errors
    /// No such question; one that does not stand any more, or is a form; an answer that is no option.
    pub async fn answer(&self, actor: &Actor, id: &str, answer: &str) -> Result<Question, Error> {
        let asked = self.question(&actor.tenant, id).await?;
        if asked.form.is_some() {
            return Err(Error::Invalid("this is a form: give a value for each field".to_owned()));
        }
        if !asked.options.iter().any(|option| option == answer) {
            let options = asked.options.join(", ");
            return Err(Error::Invalid(format!(
                "`{answer}` is no answer here: choose one of {options}"
            )));
        }
        let settled = Settled::Answer(answer.to_owned());
        self.settle(&asked, &actor.name, (QuestionState::Answered, settled)).await
    }

    /// Fills in a form.
    ///
    /// # Errors
    /// No such question; one that does not stand any more, or is no form; values that do not fit it.
    pub async fn fill_in(
        &self,
        actor: &Actor,
        id: &str,
        values: Map<String, Value>,
    ) -> Result<Question, Error> {
        let asked = self.question(&actor.tenant, id).await?;
        if asked.form.is_none() {
            let options = asked.options.join(", ");
            return Err(Error::Invalid(format!("this is no form: choose one of {options}")));
        }
        self.fits_form(&asked, &values).await?;
        let settled = Settled::Values(values);
        self.settle(&asked, &actor.name, (QuestionState::Answered, settled)).await
    }

    /// What the run's own machine would say to these values.
    async fn fits_form(&self, asked: &Question, values: &Map<String, Value>) -> Result<(), Error> {
        let (tenant, run) = (asked.tenant.clone(), asked.run);
        let read =
            self.core.store.read(move |view| Ok((view.run(&tenant, run)?, view.journal(run)?)));
        let (head, journal) = read.await?;
        let run = load(self.runs.graph_of(&head).await?, &journal)?;
        let event = stanch_playbook::RunEvent::FormAnswered {
            key: asked.step.clone(),
            values: values.clone(),
            by: String::new(),
        };
        run.admits(&event).map_err(|illegal| Error::Invalid(illegal.why))
    }

    /// Takes `otherwise`, or leaves a form empty, where nobody answered in time.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lapse_questions(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let due = self.core.store.read(move |view| view.questions_due(now)).await?;
        for question in due {
            let settled = match &question.form {
                Some(_) => Settled::Lapsed,
                None => Settled::Answer(question.otherwise.clone()),
            };
            match self.settle(&question, "expiry", (QuestionState::Expired, settled)).await {
                Ok(_) | Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn question(&self, tenant: &TenantId, id: &str) -> Result<Question, Error> {
        let (owner, name) = (tenant.clone(), id.to_owned());
        Ok(self.core.store.read(move |view| view.question(&owner, &name)).await?)
    }

    async fn settle(
        &self,
        asked: &Question,
        by: &str,
        (state, settled): (QuestionState, Settled),
    ) -> Result<Question, Error> {
        let now = self.core.clock.now();
        let (owner, name, who) = (asked.tenant.clone(), asked.id.clone(), by.to_owned());
        let settled = self.core.store.write(move |tx| {
            let mut question = tx.question(&owner, &name)?;
            if question.state != QuestionState::Waiting {
                let gone = format!("question {name} does not stand any more");
                return Err(stanch_store::Error::Conflict(gone));
            }
            question.state = state;
            question.by = Some(who.clone());
            let text = match &settled {
                Settled::Answer(answer) => answer.clone(),
                Settled::Values(values) => json!(values).to_string(),
                Settled::Lapsed => "nobody filled it in in time".to_owned(),
            };
            match settled {
                Settled::Answer(answer) => question.answer = Some(answer),
                Settled::Values(values) => question.values = Some(values),
                Settled::Lapsed => {}
            }
            tx.put_question(&question)?;
            let told = format!("{}: {text}", question.text);
            tell(tx, &owner, question.incident, now, ("approval", &who, &name), told)?;
            let detail = json!({ "question": question.text, "answer": text });
            audit(tx, &owner, now, (&who, "question.answer", &name), detail)?;
            Ok(question)
        });
        let question = settled.await?;
        self.core.live.tell("question", &question.id);
        let message = Message::QuestionAnswered { key: question.step.clone() };
        self.runs.send(&question.tenant, question.run, message).await;
        Ok(question)
    }
}
