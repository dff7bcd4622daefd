//! The containment ledger.

use axum::extract::State;
use serde::Deserialize;
use stanch_engine::acting::Reconciliation;
use stanch_model::{ContainmentId, containment::Containment};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Page, id};
use crate::{
    app::App,
    auth::{Responder, Viewer},
    error::ApiError,
    extract::{Json, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(undo))
        .routes(routes!(resolve))
        .routes(routes!(accept))
        .routes(routes!(reconcile))
}

/// Which containments.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Only live ones, or only others.
    live: Option<bool>,
    /// How many items; 100 if absent, 500 at the most.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Why.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Undo {
    /// In plain words; mandatory.
    reason: String,
}

/// What is asked for beside the comparison.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Reconcile {
    /// Let a restored instance act although some targets cannot be asked; takes an admin.
    accept_unreadable: bool,
    /// Why; mandatory with `accept_unreadable`.
    #[serde(default)]
    reason: String,
}

/// What a person found out.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Resolve {
    /// Whether the act happened.
    happened: bool,
    /// How it was found out.
    reason: String,
}

/// The ledger, the newest first.
#[utoipa::path(get, path = "/containments", tag = "containment", params(Filter),
    responses((status = 200, body = Items<Containment>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<Containment>>, ApiError> {
    let page = Page { limit: filter.limit, cursor: filter.cursor };
    let (limit, before) = (page.limit(), page.before()?);
    let read = app
        .engine
        .core
        .store
        .read(move |view| view.containments(&actor.tenant, filter.live, None, before, limit));
    Ok(Json(Items::page(read.await?)))
}

/// One containment.
#[utoipa::path(get, path = "/containments/{id}", tag = "containment", params(("id" = String, Path)),
    responses((status = 200, body = Containment), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(text): Path<String>,
) -> Result<Json<Containment>, ApiError> {
    let number: ContainmentId = id(&text)?;
    let read = app.engine.core.store.read(move |view| view.containment(&actor.tenant, number));
    Ok(Json(read.await?))
}

/// Begins to take a containment back.
#[utoipa::path(post, path = "/containments/{id}/undo", tag = "containment", request_body = Undo,
    params(("id" = String, Path)), responses((status = 200, body = Containment), (status = 409)))]
async fn undo(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(undo): Json<Undo>,
) -> Result<Json<Containment>, ApiError> {
    Ok(Json(app.engine.people.undo(&actor, id(&text)?, &undo.reason).await?))
}

/// Says what became of an act whose outcome is unknown.
#[utoipa::path(post, path = "/containments/{id}/resolve", tag = "containment",
    request_body = Resolve, params(("id" = String, Path)),
    responses((status = 200, body = Containment), (status = 409)))]
async fn resolve(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(resolve): Json<Resolve>,
) -> Result<Json<Containment>, ApiError> {
    let Resolve { happened, reason } = resolve;
    Ok(Json(app.engine.people.resolve(&actor, id(&text)?, happened, &reason).await?))
}

/// Takes what the target shows for right, where it differs from the ledger.
#[utoipa::path(post, path = "/containments/{id}/accept", tag = "containment", request_body = Undo,
    params(("id" = String, Path)), responses((status = 200, body = Containment), (status = 409)))]
async fn accept(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(accept): Json<Undo>,
) -> Result<Json<Containment>, ApiError> {
    Ok(Json(app.engine.people.accept_drift(&actor, id(&text)?, &accept.reason).await?))
}

/// Asks every target whether it shows what the ledger says. Nothing is changed at a target.
#[utoipa::path(post, path = "/containments/reconcile", tag = "containment",
    request_body = Reconcile, responses((status = 200, body = Reconciliation), (status = 409)))]
async fn reconcile(
    State(app): State<App>,
    Responder(actor): Responder,
    Json(asked): Json<Reconcile>,
) -> Result<Json<Reconciliation>, ApiError> {
    let found = app.engine.reconcile().await?;
    if asked.accept_unreadable {
        app.engine.people.accept_unreadable(&actor, &asked.reason).await?;
    }
    Ok(Json(found))
}
