//! Errors as RFC 9457 problems; the status is chosen here and nowhere else.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use stanch_engine::Error;

/// RFC 9457 problem.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
}

/// What a handler answers if it cannot do what was asked.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code, title, detail: detail.into() }
    }

    pub(crate) fn unauthenticated() -> Self {
        let detail = "sign in, or send `Authorization: Bearer TOKEN`";
        Self::new(StatusCode::UNAUTHORIZED, "AP0001", "not signed in", detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AP0002", "not allowed", detail)
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "AP0004", "cannot be used", detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "AP0003", "not found", detail)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let (status, code, title) = match &error {
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "AP0003", "not found"),
            Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "AP0004", "cannot be used"),
            Error::Conflict(_) => (StatusCode::CONFLICT, "AP0005", "conflict"),
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "AP0002", "not allowed"),
            Error::Full => (StatusCode::INSUFFICIENT_STORAGE, "AP0006", "disk full"),
            Error::Busy => (StatusCode::TOO_MANY_REQUESTS, "AP0007", "busy"),
            Error::Poisoned => (StatusCode::SERVICE_UNAVAILABLE, "AP0008", "storage failed"),
            Error::Store(_) | Error::Log(_) | Error::Content(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "AP0009", "internal error")
            }
        };
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            // The cause is for the log; the caller learns that there is one.
            tracing::error!(error = ?error, "a request failed");
            let detail = "something failed inside; the server's log says what";
            return Self::new(status, code, title, detail);
        }
        Self::new(status, code, title, detail)
    }
}

impl From<stanch_engine::StoreError> for ApiError {
    fn from(error: stanch_engine::StoreError) -> Self {
        Error::from(error).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: "about:blank",
            title: self.title,
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail,
        };
        let mut response = (self.status, Json(problem)).into_response();
        let kind = header::HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        response
    }
}
