//! `Idempotency-Key` on POST: who lost an answer asks again, and gets the one that there was.
//!
//! A key belongs to whoever sent it, and to the request that it came with first. It is kept for a day. What an
//! answer shows once, as the secret of a token, is not kept: the repetition is told that it was done.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use stanch_engine::{Repeated, people::Caller};
use stanch_model::{Time, canonical, people::Actor};

use crate::{app::App, app::BODY_BYTES_MAX, auth, error::ApiError};

/// The header.
const KEY: &str = "idempotency-key";

/// Longest key, in bytes.
const KEY_BYTES_MAX: usize = 255;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// How long a request may be under way before its key is free again: the process may have died over it.
const UNDER_WAY: Duration = Duration::from_secs(120);

/// Longest answer that is kept, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// What came of a look at the key.
enum Look {
    /// It is new.
    First,
    /// It was answered so.
    Answered(StatusCode, Option<String>),
    /// It came with another request.
    Another,
    /// The first is under way.
    UnderWay,
}

/// Answers a repeated POST as the first one was.
pub(crate) async fn once(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Some(key) = request.headers().get(KEY).filter(|_| request.method() == Method::POST) else {
        return Ok(next.run(request).await);
    };
    let key = checked(key)?;
    let (parts, body) = request.into_parts();
    // Who is nobody is answered so by whoever handles the request, and nothing of it is kept.
    let Some(Caller::Actor(actor)) = auth::caller(&parts, &app).await? else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let bytes = to_bytes(body, BODY_BYTES_MAX).await;
    let bytes =
        bytes.map_err(|error| ApiError::too_large(format!("the body cannot be taken: {error}")))?;
    let asked =
        canonical::sha256_bytes(&[parts.uri.to_string().as_bytes(), b"\n", &bytes].concat());
    match look(&app, &actor, &key, &asked).await? {
        Look::Answered(status, Some(body)) => Ok(again(status, body)),
        Look::Answered(_, None) => {
            Err(ApiError::repeated("that was done, and its answer is shown once"))
        }
        Look::Another => Err(ApiError::key_taken("this key came with another request before")),
        Look::UnderWay => Err(ApiError::repeated("the first request with this key is under way")),
        Look::First => {
            let is_secret = parts.uri.path().ends_with("/tokens");
            let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
            keep(&app, &actor, (&key, asked), response, is_secret).await
        }
    }
}

fn checked(key: &HeaderValue) -> Result<String, ApiError> {
    let text = key.to_str().unwrap_or_default();
    let fits = !text.is_empty()
        && text.len() <= KEY_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let wrong = format!("`Idempotency-Key` has 1 to {KEY_BYTES_MAX} visible ASCII characters");
    if fits { Ok(text.to_owned()) } else { Err(ApiError::invalid(wrong)) }
}

async fn look(app: &App, actor: &Actor, key: &str, asked: &str) -> Result<Look, ApiError> {
    let now = app.engine.core.clock.now();
    let (who, key, asked) = (actor.clone(), key.to_owned(), asked.to_owned());
    let looked = app.engine.core.store.write(move |tx| {
        tx.forget_repeated_before(now.minus(KEPT))?;
        let of = (who.name.as_str(), key.as_str());
        let known = tx.repeated(&who.tenant, of)?;
        let look = match known {
            Some(first) if first.request != asked => Look::Another,
            Some(first) => match first.status.and_then(|code| StatusCode::from_u16(code).ok()) {
                Some(status) => Look::Answered(status, first.body),
                None if first.at.plus(UNDER_WAY) > now => Look::UnderWay,
                None => Look::First,
            },
            None => Look::First,
        };
        if matches!(look, Look::First) {
            let begun = Repeated { request: asked, at: now, status: None, body: None };
            tx.put_repeated(&who.tenant, of, &begun)?;
        }
        Ok(look)
    });
    Ok(looked.await?)
}

/// Keeps the answer; one that says that something failed inside is none, and the request may be sent again.
async fn keep(
    app: &App,
    actor: &Actor,
    (key, request): (&str, String),
    response: Response,
    is_secret: bool,
) -> Result<Response, ApiError> {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await;
    let bytes =
        bytes.map_err(|error| ApiError::invalid(format!("the answer broke off: {error}")))?;
    let text = String::from_utf8(bytes.to_vec()).ok();
    let kept = text.filter(|text| !is_secret && text.len() <= ANSWER_BYTES_MAX);
    let (who, key, status) = (actor.clone(), key.to_owned(), parts.status);
    let at: Time = app.engine.core.clock.now();
    let written = app.engine.core.store.write(move |tx| {
        let of = (who.name.as_str(), key.as_str());
        if status.is_server_error() {
            return tx.forget_repeated(&who.tenant, of);
        }
        let status = Some(status.as_u16());
        tx.put_repeated(&who.tenant, of, &Repeated { request, at, status, body: kept })
    });
    written.await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn again(status: StatusCode, body: String) -> Response {
    let kind = match (body.is_empty(), status.is_success()) {
        (true, _) => return (status, [("idempotency-replayed", "true")]).into_response(),
        (false, true) => "application/json",
        (false, false) => "application/problem+json",
    };
    (status, [(header::CONTENT_TYPE.as_str(), kind), ("idempotency-replayed", "true")], body)
        .into_response()
}
