//! Sources: what has delivered, and when last.

use axum::extract::State;
use stanch_engine::SourceStatus;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{app::App, auth::Viewer, error::ApiError, extract::Json};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Sources, by name.
#[utoipa::path(get, path = "/sources", tag = "source",
    responses((status = 200, body = Items<SourceStatus>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
) -> Result<Json<Items<SourceStatus>>, ApiError> {
    let read = app.engine.core.store.read(move |view| view.sources(&actor.tenant));
    Ok(Json(Items::all(read.await?)))
}
