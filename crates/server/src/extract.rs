//! What handlers take out of a request; what does not fit is refused with a problem, like everything else.

use axum::{
    body::{Bytes, HttpBody as _},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::ApiError;

/// A body that is a JSON object of that shape; also an answer. [`only_json`] has seen that it says so.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = Bytes::from_request(request, state).await?;
        // serde takes a list for an object whose fields have names, first for first.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(ApiError::invalid("the body is not a JSON object: send `{ … }`"));
        }
        Ok(Self(axum::Json::from_bytes(&body)?.0))
    }
}

/// What stands in a path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub(crate) struct Path<T>(pub(crate) T);

/// What stands behind the `?`.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Refuses every body that does not say it is JSON, also where no handler would read it: a form of
/// another origin can send the other kinds without asking first.
pub(crate) async fn only_json(request: Request, next: Next) -> Result<Response, ApiError> {
    let fits = match kind(request.headers()) {
        Some(kind) => kind.eq_ignore_ascii_case("application/json"),
        None => request.body().is_end_stream(),
    };
    if request.method().is_safe() || fits {
        return Ok(next.run(request).await);
    }
    Err(ApiError::unknown_kind("send a body as application/json, and say so in `Content-Type`"))
}

/// The media type of the body, without parameters; something that is none if it cannot be read.
pub(crate) fn kind(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or("unreadable");
    Some(value.split(';').next().unwrap_or_default().trim())
}
