//! Errors as RFC 9457 problems; the status is chosen here and nowhere else.

use axum::{
    Json,
    extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection},
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
    retry_after_s: u64,
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code, title, detail: detail.into(), retry_after_s: 1 }
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

    pub(crate) fn unknown_kind(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "AP0010", "unknown kind of body", detail)
    }

    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "AP0011", "too large", detail)
    }

    pub(crate) fn wrong_method(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "AP0013", "wrong method", detail)
    }

    /// A body that could not be read: too large, broken off, or of another shape.
    fn unread(status: StatusCode, detail: String) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::too_large("the body is longer than is taken here")
            }
            _ => Self::invalid(detail),
        }
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
            Error::TooManyTries { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, "AP0014", "too many tries")
            }
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
        let problem = Self::new(status, code, title, detail);
        match error {
            Error::TooManyTries { wait_s } => Self { retry_after_s: wait_s, ..problem },
            _ => problem,
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(refused: JsonRejection) -> Self {
        match refused {
            JsonRejection::MissingJsonContentType(_) => {
                Self::unknown_kind("send a body as application/json, and say so in `Content-Type`")
            }
            other => Self::unread(other.status(), other.body_text()),
        }
    }
}

impl From<BytesRejection> for ApiError {
    fn from(refused: BytesRejection) -> Self {
        Self::unread(refused.status(), refused.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(refused: QueryRejection) -> Self {
        Self::invalid(refused.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(refused: PathRejection) -> Self {
        Self::invalid(refused.body_text())
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
            response.headers_mut().insert(header::RETRY_AFTER, self.retry_after_s.into());
        }
        response
    }
}
