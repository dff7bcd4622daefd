//! Proposals: changes that take more than one person and time; and the policy in force.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use stanch_engine::PolicyVersion;
use stanch_model::{
    ProposalId,
    proposal::{Proposal, ProposalState},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Page, id};
use crate::{
    app::App,
    auth::{Admin, Responder, Viewer},
    error::ApiError,
    etag::{IfMatch, tagged},
    extract::{Json, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(policy))
        .routes(routes!(propose))
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(approve))
        .routes(routes!(deny))
        .routes(routes!(cancel))
}

/// A policy to propose.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ProposePolicy {
    /// The whole policy, in YAML as below `policy:` in the configuration.
    text: String,
    /// Why; mandatory.
    reason: String,
}

/// Which proposals.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Only in that state.
    state: Option<ProposalState>,
    /// How many items; 100 if absent, 500 at the most.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A yes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Agree {
    /// Why, in plain words; may be empty.
    reason: String,
}

/// A no, or a way back.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Object {
    /// Why; mandatory.
    reason: String,
}

/// The answer to what may be in force at once or not: 200, or 202 while it takes people and time.
pub(super) fn answer(proposal: Proposal) -> Response {
    let status = match proposal.state {
        ProposalState::Applied => StatusCode::OK,
        _ => StatusCode::ACCEPTED,
    };
    (status, Json(proposal)).into_response()
}

/// The policy in force, and since when. Its `ETag` stands for the policy.
#[utoipa::path(get, path = "/policy", tag = "policy", operation_id = "show",
    responses((status = 200, body = PolicyVersion), (status = 404)))]
async fn policy(State(app): State<App>, Viewer(actor): Viewer) -> Result<Response, ApiError> {
    let read = app.engine.core.store.read(move |view| view.policy_in_force(&actor.tenant));
    let none = || ApiError::not_found("no policy was ever in force");
    let policy = read.await?.ok_or_else(none)?;
    Ok(tagged(&policy.digest.clone(), policy))
}

/// Proposes a policy: 200 if it loosens nothing and is in force, 202 if it takes a second person and time.
#[utoipa::path(post, path = "/policy/proposals", tag = "policy", operation_id = "propose",
    request_body = ProposePolicy,
    responses((status = 200, body = Proposal), (status = 202, body = Proposal), (status = 409),
        (status = 412), (status = 422)))]
async fn propose(
    State(app): State<App>,
    Admin(actor): Admin,
    IfMatch(tag): IfMatch,
    Json(propose): Json<ProposePolicy>,
) -> Result<Response, ApiError> {
    let ProposePolicy { text, reason } = propose;
    Ok(answer(app.engine.people.propose_policy(&actor, &text, &reason, tag).await?))
}

/// Proposals, the newest first.
#[utoipa::path(get, path = "/proposals", tag = "proposal", params(Filter),
    responses((status = 200, body = Items<Proposal>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<Proposal>>, ApiError> {
    let page = Page { limit: filter.limit, cursor: filter.cursor };
    let (limit, before) = (page.limit(), page.before()?);
    let state = filter.state;
    let store = &app.engine.core.store;
    let read = store.read(move |view| view.proposals(&actor.tenant, state, before, limit));
    Ok(Json(Items::page(read.await?)))
}

/// One proposal.
#[utoipa::path(get, path = "/proposals/{id}", tag = "proposal", params(("id" = String, Path)),
    responses((status = 200, body = Proposal), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(text): Path<String>,
) -> Result<Json<Proposal>, ApiError> {
    let number: ProposalId = id(&text)?;
    let read = app.engine.core.store.read(move |view| view.proposal(&actor.tenant, number));
    Ok(Json(read.await?))
}

/// Says yes to a proposal of somebody else.
#[utoipa::path(post, path = "/proposals/{id}/approve", tag = "proposal", request_body = Agree,
    params(("id" = String, Path)),
    responses((status = 200, body = Proposal), (status = 403), (status = 404), (status = 409)))]
async fn approve(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(agree): Json<Agree>,
) -> Result<Json<Proposal>, ApiError> {
    Ok(Json(app.engine.people.agree(&actor, id(&text)?, &agree.reason).await?))
}

/// Says no to a proposal, which ends it.
#[utoipa::path(post, path = "/proposals/{id}/deny", tag = "proposal", request_body = Object,
    params(("id" = String, Path)),
    responses((status = 200, body = Proposal), (status = 404), (status = 409)))]
async fn deny(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(object): Json<Object>,
) -> Result<Json<Proposal>, ApiError> {
    Ok(Json(app.engine.people.object(&actor, id(&text)?, &object.reason).await?))
}

/// Takes a proposal back: whoever proposed it, or an admin.
#[utoipa::path(post, path = "/proposals/{id}/cancel", tag = "proposal", request_body = Object,
    params(("id" = String, Path)),
    responses((status = 200, body = Proposal), (status = 403), (status = 404), (status = 409)))]
async fn cancel(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(object): Json<Object>,
) -> Result<Json<Proposal>, ApiError> {
    Ok(Json(app.engine.people.take_back(&actor, id(&text)?, &object.reason).await?))
}
