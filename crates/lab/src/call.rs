//! A call: a request to act, taken apart for the desk.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    response::IntoResponse,
};
use serde_json::Value;

use crate::{answer::Answer, desk, failures::Failure, order::Order, serve::Lab};

/// Everything of a request that the desk needs but its meaning.
pub(crate) struct Call {
    lab: Lab,
    key: Option<String>,
    method: String,
    path: String,
    body: Result<Value, Answer>,
    failure: Option<Failure>,
}

impl FromRequest<Lab> for Call {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, lab: &Lab) -> Result<Self, Self::Rejection> {
        let key = request.headers().get("idempotency-key");
        Ok(Self {
            lab: lab.clone(),
            key: key.map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned()),
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            failure: request.extensions().get::<Failure>().copied(),
            body: read(Bytes::from_request(request, lab).await),
        })
    }
}

fn read(bytes: Result<Bytes, BytesRejection>) -> Result<Value, Answer> {
    let bytes = bytes.map_err(|rejection| {
        let text = rejection.body_text();
        Answer::refusal(rejection.into_response().status(), text)
    })?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Answer::unreadable(format!("the body is no JSON: {error}")))
}

impl Call {
    /// The JSON body; null if there was none or it could not be read.
    pub(crate) fn body(&self) -> &Value {
        self.body.as_ref().unwrap_or(&Value::Null)
    }

    /// Puts the order before the desk. It runs to its end even if the caller goes away.
    pub(crate) async fn order(self, order: Result<Order, Answer>) -> Answer {
        let Self { lab, key, method, path, body, failure } = self;
        let (body, order) = match body {
            Ok(body) => (body, order),
            Err(answer) => (Value::Null, Err(answer)),
        };
        let request = desk::Request { key, method, path, body, order };
        let mode = failure.map(|failure| failure.mode);
        lab.with(move |desk, now| desk.act(request, mode, now)).await
    }
}
