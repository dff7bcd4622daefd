//! Failures on command: what the lab was told to do wrong, and how often still.

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{acts::Outcome, answer::Answer, serve::Lab};

/// Rules kept at the same time.
const RULES_MAX: usize = 100;
/// Longest delay, in milliseconds.
const DELAY_MS_MAX: u64 = 60_000;
/// Longest `match`, in bytes.
const MATCH_BYTES_MAX: usize = 200;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Acts, then answers 500.
    ErrorAfterSuccess,
    /// Acts, then sends the body one byte at a time.
    SlowDrip,
    /// Answers 429 with `Retry-After: 1` and does not act.
    RateLimit,
    /// Acts, then resets the connection without an answer.
    Reset,
    /// Accepts; the effect never comes.
    NeverFinish,
    /// Answers 500 and does not act.
    Error,
    /// Acts, then answers 200 with a body that is no JSON.
    WrongJson,
    /// Acts, and answers as it should; for rules that only delay.
    Delay,
}

impl Mode {
    /// What is answered where this mode keeps the lab from acting at all.
    pub(crate) fn instead_of_acting(self) -> Option<(Outcome, Answer)> {
        match self {
            Self::Error => {
                let error = "told to fail; nothing was done";
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Some((Outcome::Failed, Answer::refusal(status, error)))
            }
            Self::RateLimit => {
                let error = "told to be busy; nothing was done; try again in one second";
                let status = StatusCode::TOO_MANY_REQUESTS;
                Some((Outcome::RateLimited, Answer::refusal(status, error)))
            }
            Self::ErrorAfterSuccess
            | Self::SlowDrip
            | Self::Reset
            | Self::NeverFinish
            | Self::WrongJson
            | Self::Delay => None,
        }
    }
}

/// One rule, as it is posted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    r#match: String,
    mode: Mode,
    #[serde(default = "once")]
    times: Option<u64>,
    #[serde(default)]
    delay_ms: u64,
}

#[expect(clippy::unnecessary_wraps, reason = "serde's default for a field of this type")]
const fn once() -> Option<u64> {
    Some(1)
}

/// One rule, as it is kept.
#[derive(Clone, Debug, Serialize)]
struct Rule {
    id: u64,
    r#match: String,
    mode: Mode,
    times: Option<u64>,
    left: Option<u64>,
    delay_ms: u64,
}

/// What a request has to suffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How.
    pub(crate) mode: Mode,
    /// How long the answer is held back, in milliseconds.
    pub(crate) delay_ms: u64,
}

/// All rules, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    rules: Vec<Rule>,
    last_id: u64,
}

impl Failures {
    /// Adds a rule.
    pub(crate) fn add(&mut self, wanted: Wanted) -> Result<Answer, Answer> {
        self.rules.retain(|rule| rule.left != Some(0));
        if self.rules.len() >= RULES_MAX {
            return Err(Answer::unreadable(format!("{RULES_MAX} rules are enough; delete some")));
        }
        if wanted.delay_ms > DELAY_MS_MAX {
            return Err(Answer::unreadable(format!("delay_ms is at most {DELAY_MS_MAX}")));
        }
        if wanted.r#match.len() > MATCH_BYTES_MAX {
            return Err(Answer::unreadable(format!("match has at most {MATCH_BYTES_MAX} bytes")));
        }
        self.last_id += 1;
        let Wanted { r#match, mode, times, delay_ms } = wanted;
        let rule = Rule { id: self.last_id, r#match, mode, times, left: times, delay_ms };
        let body = json!(rule);
        self.rules.push(rule);
        Ok(Answer::new(StatusCode::CREATED, body))
    }

    /// The first rule that speaks of this request, which is thereby used once.
    pub(crate) fn take(&mut self, method: &str, path: &str, is_read: bool) -> Option<Failure> {
        let line = format!("{method} {path}");
        let rule = self.rules.iter_mut().find(|rule| {
            rule.left != Some(0)
                && line.contains(&rule.r#match)
                && !(is_read && rule.mode == Mode::NeverFinish)
        })?;
        rule.left = rule.left.map(|left| left.saturating_sub(1));
        Some(Failure { mode: rule.mode, delay_ms: rule.delay_ms })
    }

    fn list(&self) -> Vec<Value> {
        self.rules.iter().map(|rule| json!(rule)).collect()
    }

    /// How many are still to come.
    pub(crate) fn live(&self) -> usize {
        self.rules.iter().filter(|rule| rule.left != Some(0)).count()
    }
}

/// The routes below `/lab/failures`.
pub(crate) fn routes() -> Router<Lab> {
    Router::new().route("/lab/failures", get(list).post(add).delete(clear))
}

async fn add(State(lab): State<Lab>, body: Result<Json<Wanted>, JsonRejection>) -> Answer {
    match body {
        Ok(Json(wanted)) => crate::answer::either(lab.failures().add(wanted)),
        Err(rejection) => Answer::unreadable(rejection.body_text()),
    }
}

async fn list(State(lab): State<Lab>) -> Answer {
    let items = lab.failures().list();
    Answer::items(&items)
}

async fn clear(State(lab): State<Lab>) -> Answer {
    lab.failures().rules.clear();
    Answer::items(&[])
}
