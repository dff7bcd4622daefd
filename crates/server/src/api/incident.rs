//! Incidents.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use stanch_model::{
    Alert, Incident, IncidentId, Severity,
    containment::Containment,
    guard::Approval,
    incident::{Disposition, IncidentStatus, TimelineEntry},
    run::RunHead,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, PAGE_MAX, Page, id};
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
        .routes(routes!(acknowledge))
        .routes(routes!(close))
        .routes(routes!(comment))
}

/// Which incidents.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Only with that status.
    status: Option<IncidentStatus>,
    /// Only of that severity.
    severity: Option<Severity>,
    /// Only where the text occurs.
    q: Option<String>,
    /// How many items; 100 if absent, 500 at the most.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An incident with everything around it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct IncidentView {
    incident: Incident,
    alerts: Vec<Alert>,
    timeline: Vec<TimelineEntry>,
    runs: Vec<RunHead>,
    approvals: Vec<Approval>,
    containments: Vec<Containment>,
}

/// The end of an incident.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Close {
    /// The verdict.
    disposition: Disposition,
    /// Why.
    #[serde(default)]
    comment: String,
}

/// A comment.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Comment {
    /// 1 to 10,000 characters.
    text: String,
}

/// Incidents, the newest first.
#[utoipa::path(get, path = "/incidents", tag = "incident", params(Filter),
    responses((status = 200, body = Items<Incident>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<Incident>>, ApiError> {
    let page = Page { limit: filter.limit, cursor: filter.cursor };
    let (limit, before) = (page.limit(), page.before()?);
    let read = app.engine.core.store.read(move |view| {
        let text = filter.q.as_deref().filter(|text| !text.is_empty());
        view.incidents(&actor.tenant, filter.status, filter.severity, text, before, limit)
    });
    Ok(Json(Items::page(read.await?)))
}

/// One incident with everything around it.
#[utoipa::path(get, path = "/incidents/{id}", tag = "incident", params(("id" = String, Path)),
    responses((status = 200, body = IncidentView), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(text): Path<String>,
) -> Result<Json<IncidentView>, ApiError> {
    let number: IncidentId = id(&text)?;
    let read = app.engine.core.store.read(move |view| {
        let tenant = &actor.tenant;
        let (runs, _) = view.runs(tenant, Some(number), None, PAGE_MAX)?;
        let mut approvals = Vec::new();
        for run in &runs {
            approvals.extend(view.approvals(tenant, None, Some(run.id), None, PAGE_MAX)?.0);
        }
        Ok(IncidentView {
            incident: view.incident(tenant, number)?,
            alerts: view.alerts_of(tenant, number)?,
            timeline: view.timeline(tenant, number)?,
            containments: view.containments(tenant, None, Some(number), None, PAGE_MAX)?.0,
            runs,
            approvals,
        })
    });
    Ok(Json(read.await?))
}

/// Notes that a person has looked.
#[utoipa::path(post, path = "/incidents/{id}/acknowledge", tag = "incident",
    params(("id" = String, Path)), responses((status = 200, body = Incident)))]
async fn acknowledge(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
) -> Result<Json<Incident>, ApiError> {
    Ok(Json(app.engine.people.acknowledge(&actor, id(&text)?).await?))
}

/// Closes it with a verdict.
#[utoipa::path(post, path = "/incidents/{id}/close", tag = "incident", request_body = Close,
    params(("id" = String, Path)), responses((status = 200, body = Incident), (status = 409)))]
async fn close(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(close): Json<Close>,
) -> Result<Json<Incident>, ApiError> {
    let Close { disposition, comment } = close;
    Ok(Json(app.engine.people.close(&actor, id(&text)?, disposition, &comment).await?))
}

/// Adds a comment.
#[utoipa::path(post, path = "/incidents/{id}/comments", tag = "incident", request_body = Comment,
    params(("id" = String, Path)), responses((status = 204)))]
async fn comment(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(comment): Json<Comment>,
) -> Result<StatusCode, ApiError> {
    app.engine.people.comment(&actor, id(&text)?, &comment.text).await?;
    Ok(StatusCode::NO_CONTENT)
}
