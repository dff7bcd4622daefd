//! `POST /ingest/{source}`: JSON, NDJSON or plain lines, as they are or gzipped.

use std::io::Read;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequestParts, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    routing::post,
};
use serde::Serialize;
use stanch_engine::{
    intake::Source,
    people::{Caller, Credential},
};

use crate::{
    app::App,
    auth::bearer,
    error::ApiError,
    extract::{Json, Path, kind},
};

/// Largest delivery, in bytes as sent.
const BODY_BYTES_MAX: usize = 32 << 20;

/// Largest delivery, in bytes after gzip.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;

/// What became of a delivery.
#[derive(Debug, Serialize)]
struct Delivered {
    accepted: u64,
    duplicates: u64,
    dead_letters: Vec<DeadLine>,
}

#[derive(Debug, Serialize)]
struct DeadLine {
    line: u32,
    reason: String,
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/ingest/{source}", post(ingest))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

#[tracing::instrument(name = "server.intake.ingest", skip_all)]
async fn ingest(
    State(app): State<App>,
    Deliverer(source): Deliverer,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Delivered>, ApiError> {
    known_kind(&headers)?;
    let body = unpacked(&headers, body?)?;
    let retry_key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let delivered = app.engine.intake.accept(&source, &body, retry_key).await?;
    let dead = delivered.dead_letters.into_iter();
    Ok(Json(Delivered {
        accepted: delivered.accepted,
        duplicates: delivered.duplicates,
        dead_letters: dead.map(|(line, reason)| DeadLine { line, reason }).collect(),
    }))
}

/// The source whose token is shown; known before anything of the body is read.
struct Deliverer(Source);

impl FromRequestParts<App> for Deliverer {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Path(name) = Path::<String>::from_request_parts(parts, app).await?;
        source(app, &parts.headers, &name).await.map(Self)
    }
}

async fn source(app: &App, headers: &HeaderMap, name: &str) -> Result<Source, ApiError> {
    let Some(secret) = bearer(headers) else { return Err(ApiError::unauthenticated()) };
    match app.engine.people.caller(&Credential::Bearer(secret)).await? {
        Some(Caller::Source(source)) if source.name == name => Ok(app.engine.configured(source)),
        Some(Caller::Source(source)) => Err(ApiError::forbidden(format!(
            "this token is for /ingest/{}, not for /ingest/{name}",
            source.name
        ))),
        Some(Caller::Actor(_) | Caller::Feed(_)) => {
            Err(ApiError::forbidden("deliveries take a token for their source"))
        }
        None => Err(ApiError::unauthenticated()),
    }
}

fn known_kind(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = kind(headers).map(str::to_ascii_lowercase);
    match kind.as_deref() {
        None
        | Some(
            "application/json"
            | "application/x-ndjson"
            | "application/jsonl"
            | "text/plain"
            | "application/octet-stream"
            | "application/x-www-form-urlencoded",
        ) => Ok(()),
        Some(other) => Err(ApiError::unknown_kind(format!(
            "`{other}` is not taken: send application/x-ndjson, application/json or text/plain"
        ))),
    }
}

fn unpacked(headers: &HeaderMap, body: Bytes) -> Result<Bytes, ApiError> {
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    match encoding {
        None | Some("identity") => Ok(body),
        Some("gzip") => {
            let mut plain = Vec::new();
            let decoder = flate2::read::MultiGzDecoder::new(&*body);
            decoder.take(UNPACKED_BYTES_MAX + 1).read_to_end(&mut plain).map_err(|error| {
                ApiError::invalid(format!("the body is no whole gzip: {error}"))
            })?;
            if u64::try_from(plain.len()).unwrap_or(u64::MAX) > UNPACKED_BYTES_MAX {
                return Err(ApiError::too_large(format!(
                    "more than {UNPACKED_BYTES_MAX} bytes after gzip: send it in parts"
                )));
            }
            Ok(plain.into())
        }
        Some(other) => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "AP0012",
            "unknown encoding",
            format!("`{other}` is not taken: send it as it is, or gzip"),
        )),
    }
}
