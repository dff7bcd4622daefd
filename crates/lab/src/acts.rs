//! Acts: the lab's own record of everything that was asked of it, in order.

use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stanch_model::Time;

use crate::{
    answer::{Answer, either},
    failures::Mode,
    order::Order,
    serve::Lab,
};

/// Acts in one answer of `GET /lab/acts`, at most.
const PAGE_ACTS_MAX: usize = 1_000;

/// How a request ended inside the lab, whatever the caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Acted,
    /// It was accepted, and its effect will never come ([`Mode::NeverFinish`]).
    NeverFinishes,
    /// The key was known: the first answer was given again, nothing was done.
    Repeated,
    /// It could not be done as asked, nothing was done.
    Refused,
    /// The lab was told to fail ([`Mode::Error`]), nothing was done.
    Failed,
    /// The lab was told to be busy ([`Mode::RateLimit`]), nothing was done.
    RateLimited,
}

impl Outcome {
    /// Whether something was done.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Acted | Self::NeverFinishes)
    }

    /// The word used in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acted => "acted",
            Self::NeverFinishes => "never_finishes",
            Self::Repeated => "repeated",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::RateLimited => "rate_limited",
        }
    }
}

/// One request to act; one line of `acts.ndjson`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When it arrived.
    pub at: Time,
    /// The `Idempotency-Key`; empty if there was no usable one.
    pub key: String,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, percent-encoded.
    pub path: String,
    /// The JSON body; null if there was none.
    pub body: Value,
    /// What was asked for, if it could be read.
    pub order: Option<Order>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the key was known already.
    pub repeat: bool,
    /// The failure that the lab was told to show.
    pub failure: Option<Mode>,
    /// The status of the answer, before a failure spoiled it.
    pub status: u16,
    /// The body of the answer, before a failure spoiled it.
    pub answer: Value,
    /// When it takes effect; null if never.
    pub effective_at: Option<Time>,
}

/// The routes below `/lab/acts`.
pub(crate) fn routes() -> Router<Lab> {
    Router::new().route("/lab/acts", get(list))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    after: u64,
    key: Option<String>,
    limit: Option<usize>,
}

async fn list(State(lab): State<Lab>, query: Result<Query<Page>, QueryRejection>) -> Answer {
    let page = match query {
        Ok(Query(page)) => page,
        Err(rejection) => return Answer::bad_request(rejection.body_text()),
    };
    either(lab.with(move |desk, _now| select(desk.acts(), &page)).await)
}

fn select(acts: &[Act], page: &Page) -> Result<Answer, Answer> {
    let limit = page.limit.unwrap_or(PAGE_ACTS_MAX);
    if !(1..=PAGE_ACTS_MAX).contains(&limit) {
        return Err(Answer::bad_request(format!("limit must be 1 to {PAGE_ACTS_MAX}")));
    }
    let mut found = acts
        .iter()
        .filter(|act| act.seq > page.after && page.key.as_ref().is_none_or(|key| *key == act.key));
    let items: Vec<&Act> = found.by_ref().take(limit).collect();
    let next = found.next().and(items.last()).map(|act| act.seq);
    Ok(Answer::ok(json!({ "items": items, "next": next })))
}
