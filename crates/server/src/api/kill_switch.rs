//! The kill switch.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use stanch_engine::KillSwitch;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::{Responder, Viewer},
    error::ApiError,
    extract::Json,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, set))
}

/// Whether acts are stopped, and what was under way.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct KillSwitchView {
    #[serde(flatten)]
    switch: KillSwitch,
    /// Acts whose intent was on disk before, and whose outcome is not known yet: `run/step`.
    in_flight: Vec<String>,
}

/// Where to move it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Set {
    /// Whether acts are to be stopped.
    engaged: bool,
    /// Why; mandatory.
    reason: String,
}

/// Whether acts are stopped.
#[utoipa::path(get, path = "/kill-switch", tag = "kill_switch",
    responses((status = 200, body = KillSwitchView)))]
async fn show(State(app): State<App>, Viewer(_): Viewer) -> Result<Json<KillSwitchView>, ApiError> {
    let switch = app.engine.core.store.read(|view| view.kill_switch()).await?;
    view(&app, switch).await
}

/// Moves it. After the answer no intent that was decided before commits.
#[utoipa::path(put, path = "/kill-switch", tag = "kill_switch", request_body = Set,
    responses((status = 200, body = KillSwitchView), (status = 403)))]
async fn set(
    State(app): State<App>,
    Responder(actor): Responder,
    Json(set): Json<Set>,
) -> Result<Json<KillSwitchView>, ApiError> {
    let switch = app.engine.people.set_kill_switch(&actor, set.engaged, &set.reason).await?;
    view(&app, switch).await
}

async fn view(app: &App, switch: KillSwitch) -> Result<Json<KillSwitchView>, ApiError> {
    let rows = app.engine.core.store.read(|view| view.containments_in("intended")).await?;
    let in_flight = rows.iter().map(|row| format!("{}/{}", row.run, row.action.key)).collect();
    Ok(Json(KillSwitchView { switch, in_flight }))
}
