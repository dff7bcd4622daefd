//! Answers: a status and a JSON body that says that all of this is practice.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What a caller is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The JSON object.
    pub(crate) body: Value,
}

impl Answer {
    /// An answer with `body`, an object, marked as practice.
    pub(crate) fn new(status: StatusCode, mut body: Value) -> Self {
        if let Some(object) = body.as_object_mut() {
            object.shift_insert(0, "practice".to_owned(), Value::Bool(true));
        }
        Self { status, body }
    }

    /// `200` with `body`.
    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// `200` with a list.
    pub(crate) fn items(items: &[Value]) -> Self {
        Self::ok(json!({ "items": items }))
    }

    /// A refusal in words.
    pub(crate) fn refusal(status: StatusCode, error: impl Into<String>) -> Self {
        Self::new(status, json!({ "error": error.into() }))
    }

    /// `404`.
    pub(crate) fn unknown(what: &str, name: &str) -> Self {
        Self::refusal(StatusCode::NOT_FOUND, format!("there is no {what} `{name}` here"))
    }

    /// `422`.
    pub(crate) fn unreadable(error: impl Into<String>) -> Self {
        Self::refusal(StatusCode::UNPROCESSABLE_ENTITY, error)
    }

    /// `400`.
    pub(crate) fn bad_request(error: impl Into<String>) -> Self {
        Self::refusal(StatusCode::BAD_REQUEST, error)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// Either way it is an answer.
pub(crate) fn either(result: Result<Answer, Answer>) -> Answer {
    result.unwrap_or_else(|refusal| refusal)
}
