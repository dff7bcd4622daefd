//! Measures.

use axum::extract::State;
use serde::Deserialize;
use stanch_engine::Measures;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::Viewer,
    error::ApiError,
    extract::{Json, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Over what time.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Span {
    /// How many days back; 30 if absent, 3,650 at the most.
    days: Option<u32>,
}

/// Times to detect, acknowledge and contain; share automated.
#[utoipa::path(get, path = "/measures", tag = "measure", params(Span),
    responses((status = 200, body = Measures)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(span): Query<Span>,
) -> Result<Json<Measures>, ApiError> {
    let days = span.days.unwrap_or(30).clamp(1, 3_650);
    Ok(Json(app.engine.measures(&actor.tenant, days).await?))
}
