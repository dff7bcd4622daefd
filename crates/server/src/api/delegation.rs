//! Delegations: who answers for whom while somebody is away.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use stanch_model::{Time, people::Delegation};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, id};
use crate::{
    app::App,
    auth::{Responder, Viewer},
    error::ApiError,
    extract::{Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(remove))
}

/// One's votes, to give to somebody.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Delegate {
    /// Login name of whoever answers.
    to: String,
    /// From when on; now if absent.
    #[serde(default)]
    since: Option<Time>,
    /// Until when, at most 90 days later.
    until: Time,
    /// Why; mandatory.
    reason: String,
}

/// Delegations that have not run out, the oldest first; those that were taken back among them.
#[utoipa::path(get, path = "/delegations", tag = "delegation",
    responses((status = 200, body = Items<Delegation>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
) -> Result<Json<Items<Delegation>>, ApiError> {
    let now = app.engine.core.clock.now();
    let read = app.engine.core.store.read(move |view| view.delegations(&actor.tenant, now));
    Ok(Json(Items::all(read.await?)))
}

/// Gives one's votes to somebody for a time. Who gets them cannot give them on.
#[utoipa::path(post, path = "/delegations", tag = "delegation", request_body = Delegate,
    responses((status = 201, body = Delegation), (status = 409), (status = 422)))]
async fn create(
    State(app): State<App>,
    Responder(actor): Responder,
    Json(delegate): Json<Delegate>,
) -> Result<(StatusCode, Json<Delegation>), ApiError> {
    let Delegate { to, since, until, reason } = delegate;
    let given = app.engine.people.delegate(&actor, &to, (since, until), &reason).await?;
    Ok((StatusCode::CREATED, Json(given)))
}

/// Takes votes back: whose they are, or an admin.
#[utoipa::path(delete, path = "/delegations/{id}", tag = "delegation",
    params(("id" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409)))]
async fn remove(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.engine.people.end_delegation(&actor, id(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
