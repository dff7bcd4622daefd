//! Dead letters: records that could not be read.

use axum::extract::State;
use stanch_engine::DeadLetter;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Page};
use crate::{
    app::App,
    auth::Viewer,
    error::ApiError,
    extract::{Json, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Dead letters, the newest first.
#[utoipa::path(get, path = "/dead-letters", tag = "dead_letter", params(Page),
    responses((status = 200, body = Items<DeadLetter>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(page): Query<Page>,
) -> Result<Json<Items<DeadLetter>>, ApiError> {
    let (limit, before) = (page.limit(), page.before()?);
    let read =
        app.engine.core.store.read(move |view| view.dead_letters(&actor.tenant, before, limit));
    Ok(Json(Items::page(read.await?)))
}
