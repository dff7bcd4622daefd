//! Approvals. GET and HEAD never decide anything: link scanners follow links.

use axum::extract::State;
use serde::Deserialize;
use stanch_model::{
    ApprovalId,
    guard::{Approval, ApprovalState},
};
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
        .routes(routes!(approve))
        .routes(routes!(deny))
}

/// Which approvals.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Only in that state.
    state: Option<ApprovalState>,
    /// How many items; 100 if absent, 500 at the most.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A yes to one plan.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Approve {
    /// The hash of the plan that was looked at.
    plan_hash: String,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// A no.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Deny {
    /// Why; mandatory.
    reason: String,
}

/// Approvals, the newest first.
#[utoipa::path(get, path = "/approvals", tag = "approval", params(Filter),
    responses((status = 200, body = Items<Approval>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<Approval>>, ApiError> {
    let page = Page { limit: filter.limit, cursor: filter.cursor };
    let (limit, before) = (page.limit(), page.before()?);
    let read = app
        .engine
        .core
        .store
        .read(move |view| view.approvals(&actor.tenant, filter.state, None, before, limit));
    Ok(Json(Items::page(read.await?)))
}

/// One approval.
#[utoipa::path(get, path = "/approvals/{id}", tag = "approval", params(("id" = String, Path)),
    responses((status = 200, body = Approval), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(text): Path<String>,
) -> Result<Json<Approval>, ApiError> {
    let number: ApprovalId = id(&text)?;
    let read = app.engine.core.store.read(move |view| view.approval(&actor.tenant, number));
    Ok(Json(read.await?))
}

/// Says yes to exactly the plan with that hash.
#[utoipa::path(post, path = "/approvals/{id}/approve", tag = "approval", request_body = Approve,
    params(("id" = String, Path)),
    responses((status = 200, body = Approval), (status = 403), (status = 409)))]
async fn approve(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(approve): Json<Approve>,
) -> Result<Json<Approval>, ApiError> {
    let Approve { plan_hash, reason } = approve;
    Ok(Json(app.engine.people.approve(&actor, id(&text)?, &plan_hash, &reason).await?))
}

/// Says no.
#[utoipa::path(post, path = "/approvals/{id}/deny", tag = "approval", request_body = Deny,
    params(("id" = String, Path)), responses((status = 200, body = Approval), (status = 409)))]
async fn deny(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(deny): Json<Deny>,
) -> Result<Json<Approval>, ApiError> {
    Ok(Json(app.engine.people.deny(&actor, id(&text)?, &deny.reason).await?))
}
