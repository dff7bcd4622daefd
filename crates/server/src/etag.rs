//! `ETag` and `If-Match` on what people edit: nobody overwrites what they have not seen (RFC 9110 §13.1.1).

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use stanch_engine::core::tag;

use crate::{app::App, error::ApiError, extract::Json};

/// A thing with the tag that stands for it as it is now.
#[derive(Debug)]
pub(crate) struct Tagged<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        tagged(&tag(&self.0), self.0)
    }
}

/// A thing with another tag than that of its text.
pub(crate) fn tagged(tag: &str, thing: impl Serialize) -> Response {
    let mut response = Json(thing).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// What the caller has seen; none if they do not say, or take any.
#[derive(Debug)]
pub(crate) struct IfMatch(pub(crate) Option<String>);

impl FromRequestParts<App> for IfMatch {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let value = value.to_str().unwrap_or_default().trim();
        if value == "*" {
            return Ok(Self(None));
        }
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let wrong = || ApiError::invalid("`If-Match` is one `ETag` as it was sent, in its quotes");
        quoted
            .filter(|tag| !tag.contains('"'))
            .map(|tag| Self(Some(tag.to_owned())))
            .ok_or_else(wrong)
    }
}
