//! Delivery: spoils answers as the failures say, after the act or instead of it.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};

use crate::{
    answer::Answer,
    failures::{Failure, Mode},
    serve::Lab,
    wire::Line,
};

/// Pause between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(200);
/// Longest body that drips, in bytes.
const DRIP_BYTES_MAX: usize = 1 << 20;
/// A body that no client can take for an answer.
const WRONG_JSON: &str = r#"{"practice": true, "state": "isol"#;

/// Looks whether the request is to fail, lets it through, spoils the answer.
pub(crate) async fn fail_on_command(
    State(lab): State<Lab>,
    ConnectInfo(line): ConnectInfo<Line>,
    mut request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let taken = lab.failures().take(request.method().as_str(), request.uri().path(), is_read);
    let Some(failure) = taken else {
        return next.run(request).await;
    };
    let instead = if is_read { failure.mode.instead_of_acting() } else { None };
    let response = match instead {
        Some((_, answer)) => answer.into_response(),
        None => {
            request.extensions_mut().insert(failure);
            next.run(request).await
        }
    };
    tokio::time::sleep(Duration::from_millis(failure.delay_ms)).await;
    spoil(failure, response, &line).await
}

async fn spoil(failure: Failure, mut response: Response, line: &Line) -> Response {
    let success = response.status().is_success();
    match failure.mode {
        Mode::ErrorAfterSuccess if success => {
            let error = "told to fail after the act was done";
            Answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, error).into_response()
        }
        Mode::WrongJson if success => {
            ([(header::CONTENT_TYPE, "application/json")], WRONG_JSON).into_response()
        }
        Mode::RateLimit if response.status() == StatusCode::TOO_MANY_REQUESTS => {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        Mode::SlowDrip => drip(response).await,
        Mode::Reset => {
            line.cut();
            StatusCode::OK.into_response()
        }
        Mode::ErrorAfterSuccess
        | Mode::WrongJson
        | Mode::RateLimit
        | Mode::NeverFinish
        | Mode::Error
        | Mode::Delay => response,
    }
}

async fn drip(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, DRIP_BYTES_MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    let bytes = stream::iter(0..bytes.len()).then(move |index| {
        let byte = bytes.slice(index..=index);
        async move {
            if index > 0 {
                tokio::time::sleep(DRIP).await;
            }
            Ok::<Bytes, Infallible>(byte)
        }
    });
    Response::from_parts(parts, Body::from_stream(bytes))
}
