//! The routes of all products behind one token, each answer marked as practice.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use stanch_model::canonical;

use crate::{
    acts, answer::Answer, delivery, directory, edr, failures, firewall, mailbox, page, serve::Lab,
};

/// Longest request body, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// The header that every answer carries.
const PRACTICE: HeaderName = HeaderName::from_static("x-stanch-practice");

/// Everything the lab answers.
pub(crate) fn router(lab: &Lab) -> Router {
    let products = Router::new()
        .merge(edr::routes())
        .merge(firewall::routes())
        .merge(directory::routes())
        .merge(mailbox::routes())
        .layer(middleware::from_fn_with_state(lab.clone(), delivery::fail_on_command));
    let behind_token = Router::new()
        .merge(products)
        .merge(acts::routes())
        .merge(failures::routes())
        .layer(middleware::from_fn_with_state(lab.clone(), ask_for_token));
    Router::new()
        .merge(page::routes())
        .route("/lab/health", get(health))
        .merge(behind_token)
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_that_way)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::map_response(mark))
        .with_state(lab.clone())
}

async fn mark(mut response: Response) -> Response {
    response.headers_mut().insert(PRACTICE, HeaderValue::from_static("true"));
    response
}

async fn ask_for_token(State(lab): State<Lab>, request: Request, next: Next) -> Response {
    let Some(token) = lab.token() else {
        return next.run(request).await;
    };
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    // Hashes are compared, so that the time taken tells nothing about the token.
    let expected = canonical::sha256_bytes(token.as_bytes());
    if given.is_some_and(|given| canonical::sha256_bytes(given) == expected) {
        return next.run(request).await;
    }
    let mut response =
        Answer::refusal(StatusCode::UNAUTHORIZED, "send the lab's token: Authorization: Bearer …")
            .into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

async fn health(State(lab): State<Lab>) -> Answer {
    lab.with(|desk, _now| Answer::ok(json!({ "status": "ok", "acts": desk.acts().len() }))).await
}

async fn nothing_here(request: Request) -> Answer {
    Answer::unknown("path", request.uri().path())
}

async fn not_that_way(request: Request) -> Answer {
    let error = format!("{} is not done to {}", request.method(), request.uri().path());
    Answer::refusal(StatusCode::METHOD_NOT_ALLOWED, error)
}
