//! Secrets: set, confirmed, brought back, taken away; the value goes in and never comes out.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use serde::Deserialize;
use stanch_engine::secrets::SecretView;
use stanch_model::secret::Purpose;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    app::App,
    auth::Admin,
    error::ApiError,
    extract::{Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(set, remove))
        .routes(routes!(confirm))
        .routes(routes!(revert))
}

/// A value to keep.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetSecret {
    /// The value, from 8 bytes to 64 KiB.
    #[schema(write_only)]
    value: String,
    /// What it is for; needed for the first value only, `credential` if absent.
    purpose: Option<Purpose>,
}

/// Secrets, by name, without their values.
#[utoipa::path(get, path = "/secrets", tag = "secret", operation_id = "list",
    responses((status = 200, body = Items<SecretView>)))]
async fn list(
    State(app): State<App>,
    Admin(actor): Admin,
) -> Result<Json<Items<SecretView>>, ApiError> {
    Ok(Json(Items::all(app.engine.secrets.list(&actor.tenant).await?)))
}

/// Sets a value, which is in force at once; the one before it is kept until this one is confirmed.
#[utoipa::path(put, path = "/secrets/{name}", tag = "secret", operation_id = "set",
    params(("name" = String, Path)), request_body = SetSecret,
    responses((status = 200, body = SecretView), (status = 409), (status = 422)))]
async fn set(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SecretView>, ApiError> {
    let SetSecret { value, purpose } = taken(body)?;
    Ok(Json(app.engine.secrets.set(&actor, &name, value.into(), purpose).await?))
}

/// Not by the usual extractor: what a parser says about a body that does not fit can hold the value.
fn taken(body: Result<Bytes, BytesRejection>) -> Result<SetSecret, ApiError> {
    serde_json::from_slice(&body?).map_err(|_may_hold_the_value| {
        ApiError::invalid(
            "send `value`, a text, and perhaps `purpose`: `credential` or `input`; nothing else, and each once",
        )
    })
}

/// Says that the value in force works: the one before it is forgotten.
#[utoipa::path(post, path = "/secrets/{name}/confirm", tag = "secret", operation_id = "confirm",
    params(("name" = String, Path)),
    responses((status = 200, body = SecretView), (status = 404), (status = 409)))]
async fn confirm(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(name): Path<String>,
) -> Result<Json<SecretView>, ApiError> {
    Ok(Json(app.engine.secrets.confirm(&actor, &name).await?))
}

/// Brings the value before the one in force back.
#[utoipa::path(post, path = "/secrets/{name}/revert", tag = "secret", operation_id = "revert",
    params(("name" = String, Path)),
    responses((status = 200, body = SecretView), (status = 404), (status = 409)))]
async fn revert(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(name): Path<String>,
) -> Result<Json<SecretView>, ApiError> {
    Ok(Json(app.engine.secrets.revert(&actor, &name).await?))
}

/// Takes a secret away with all its values.
#[utoipa::path(delete, path = "/secrets/{name}", tag = "secret", operation_id = "remove",
    params(("name" = String, Path)), responses((status = 204), (status = 404), (status = 409)))]
async fn remove(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.engine.secrets.remove(&actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
