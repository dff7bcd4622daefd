//! Versions of playbooks: what was written, who reviewed it, what is in force, and what is different.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use stanch_model::{
    Diagnostic,
    run::RunHead,
    version::{Version, VersionDiff, VersionState},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    app::App,
    auth::{Admin, Responder, Viewer},
    error::ApiError,
    extract::{Json, Path},
};

/// How many runs are shown with a version.
const RUNS: u32 = 100;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, draft))
        .routes(routes!(show))
        .routes(routes!(review))
        .routes(routes!(publish))
        .routes(routes!(diff))
}

/// A text to keep as a draft.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// The whole playbook.
    text: String,
    /// Why, in plain words.
    #[serde(default)]
    note: String,
}

/// A draft that was kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Drafted {
    #[serde(flatten)]
    version: Version,
    /// What was found, none of which stops it.
    #[schema(value_type = Vec<Object>)]
    findings: Vec<Diagnostic>,
}

/// What a reviewer says.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Review {
    /// Whether it is good.
    approve: bool,
    /// Why; mandatory on no.
    #[serde(default)]
    reason: String,
}

/// A version with its text, and the runs that used it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct VersionView {
    #[serde(flatten)]
    version: Version,
    /// As it was written.
    text: String,
    /// Whether runs start with it now.
    in_force: bool,
    /// The newest runs that used it, at most 100.
    runs: Vec<RunHead>,
}

/// The versions of a playbook, the newest first.
#[utoipa::path(get, path = "/playbooks/{name}/versions", tag = "version",
    params(("name" = String, Path)),
    responses((status = 200, body = Items<Version>), (status = 404)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(name): Path<String>,
) -> Result<Json<Items<Version>>, ApiError> {
    let unknown = ApiError::not_found(format!("no playbook `{name}`"));
    let read = app.engine.core.store.read(move |view| view.versions(&actor.tenant, &name));
    let versions = read.await?;
    if versions.is_empty() {
        return Err(unknown);
    }
    Ok(Json(Items::all(versions)))
}

/// Keeps a text as a draft, after it was checked.
#[utoipa::path(post, path = "/playbooks/{name}/versions", tag = "version", request_body = Draft,
    params(("name" = String, Path)),
    responses((status = 201, body = Drafted), (status = 403), (status = 409), (status = 422)))]
async fn draft(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(name): Path<String>,
    Json(draft): Json<Draft>,
) -> Result<(StatusCode, Json<Drafted>), ApiError> {
    let kept = app.engine.people.draft(&actor, &name, &draft.text, &draft.note).await;
    let (version, findings) = kept?;
    Ok((StatusCode::CREATED, Json(Drafted { version, findings })))
}

/// One version with its text, and the runs that used it.
#[utoipa::path(get, path = "/playbooks/{name}/versions/{number}", tag = "version",
    params(("name" = String, Path), ("number" = u32, Path)),
    responses((status = 200, body = VersionView), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path((name, number)): Path<(String, u32)>,
) -> Result<Json<VersionView>, ApiError> {
    let read = app.engine.core.store.read(move |view| {
        let version = view.version(&actor.tenant, &name, number)?;
        let text = view.playbook_version(&version.digest)?.text;
        let runs = view.runs_of(&actor.tenant, (&name, &version.digest), RUNS)?;
        Ok((version, text, runs))
    });
    let (version, text, runs) = read.await?;
    let in_force = version.state == VersionState::Published;
    Ok(Json(VersionView { version, text, in_force, runs }))
}

/// Says whether a draft is good; its author cannot find it good.
#[utoipa::path(post, path = "/playbooks/{name}/versions/{number}/review", tag = "version",
    request_body = Review, params(("name" = String, Path), ("number" = u32, Path)),
    responses((status = 200, body = Version), (status = 403), (status = 404), (status = 409)))]
async fn review(
    State(app): State<App>,
    Responder(actor): Responder,
    Path((name, number)): Path<(String, u32)>,
    Json(review): Json<Review>,
) -> Result<Json<Version>, ApiError> {
    let Review { approve, reason } = review;
    Ok(Json(app.engine.people.review(&actor, (&name, number), approve, &reason).await?))
}

/// Puts a reviewed version in force.
#[utoipa::path(post, path = "/playbooks/{name}/versions/{number}/publish", tag = "version",
    params(("name" = String, Path), ("number" = u32, Path)),
    responses((status = 200, body = Version), (status = 404), (status = 409), (status = 422)))]
async fn publish(
    State(app): State<App>,
    Admin(actor): Admin,
    Path((name, number)): Path<(String, u32)>,
) -> Result<Json<Version>, ApiError> {
    Ok(Json(app.engine.people.publish(&actor, (&name, number)).await?))
}

/// What is different between two versions, line by line and in what it comes to.
#[utoipa::path(get, path = "/playbooks/{name}/versions/{number}/diff/{other}", tag = "version",
    params(("name" = String, Path), ("number" = u32, Path), ("other" = u32, Path)),
    responses((status = 200, body = VersionDiff), (status = 404)))]
async fn diff(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path((name, number, other)): Path<(String, u32, u32)>,
) -> Result<Json<VersionDiff>, ApiError> {
    Ok(Json(app.engine.people.compare(&actor, &name, (number, other)).await?))
}
