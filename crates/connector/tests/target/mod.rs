//! Targets that misbehave on purpose.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::{StreamExt, stream};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A target that behaves as the first segment of the path says.
pub(crate) async fn target() -> SocketAddr {
    async fn behave(uri: Uri, headers: HeaderMap) -> Response {
        let done = json!({ "state": "done" });
        match uri.path().split('/').nth(1).unwrap_or_default() {
            "done" => axum::Json(done).into_response(),
            "absent" => StatusCode::NOT_FOUND.into_response(),
            "error_after_success" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            "refused" => {
                (StatusCode::FORBIDDEN, "you\u{1b}[2J may not\nsecond line").into_response()
            }
            "conflict" => StatusCode::CONFLICT.into_response(),
            "rate_limit" => {
                (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")]).into_response()
            }
            "rate_limit_for_ever" => {
                (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "9999999")]).into_response()
            }
            "maintenance" => {
                (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "3")]).into_response()
            }
            "drip" => Body::from_stream(
                stream::iter([Ok::<_, std::io::Error>("{\"state\"")]).chain(stream::pending()),
            )
            .into_response(),
            "too_large" => Body::from_stream(stream::repeat_with(|| {
                Ok::<_, std::io::Error>(" ".repeat(64 * 1024))
            }))
            .into_response(),
            "wrong_json" => {
                ([(header::CONTENT_TYPE, "application/json")], "{\"state\": don").into_response()
            }
            "plain_text" => "done".into_response(),
            "login_page" => axum::response::Html("<html>sign in</html>").into_response(),
            "wrong_output" => axum::Json(json!({ "state": 7 })).into_response(),
            "no_output" => axum::Json(json!({})).into_response(),
            "elsewhere" => moved(StatusCode::TEMPORARY_REDIRECT, "http://192.0.2.1/x"),
            "elsewhere_found" => moved(StatusCode::FOUND, "http://192.0.2.1/x"),
            "other_port" => moved(StatusCode::TEMPORARY_REDIRECT, "http://127.0.0.1:1/x"),
            "same_host" => moved(StatusCode::TEMPORARY_REDIRECT, "/done/x"),
            "for_ever" => moved(StatusCode::TEMPORARY_REDIRECT, "/for_ever/x"),
            "echo" => {
                let text = |name: &str| {
                    headers.get(name).map(|v| v.to_str().unwrap_or_default().to_owned())
                };
                axum::Json(json!({ "state": format!(
                    "{:?} {:?} {:?}", text("authorization"), text("idempotency-key"), text("x-note")
                ) }))
                .into_response()
            }
            other => panic!("no such case: {other}"),
        }
    }
    fn moved(status: StatusCode, location: &'static str) -> Response {
        (status, [(header::LOCATION, location)]).into_response()
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(any(behave));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// A target that reads a request, writes `answer`, and resets or closes the connection.
pub(crate) async fn raw(answer: &'static [u8], reset: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            assert!(read > 0);
            stream.write_all(answer).await.unwrap();
            if reset {
                stream.set_zero_linger().unwrap();
            }
        }
    });
    address
}
