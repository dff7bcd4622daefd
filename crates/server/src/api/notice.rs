//! Notices: what people were told outside the program, and what did not go out.

use axum::extract::State;
use serde::Deserialize;
use stanch_model::notice::{Notice, NoticeState};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Page, id};
use crate::{
    app::App,
    auth::Admin,
    error::ApiError,
    extract::{Json, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(retry))
}

/// Which notices.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Only in that state.
    state: Option<NoticeState>,
    /// How many items; 100 if absent, 500 at the most.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Notices, the newest first.
#[utoipa::path(get, path = "/notices", tag = "notice", params(Filter),
    responses((status = 200, body = Items<Notice>)))]
async fn list(
    State(app): State<App>,
    Admin(actor): Admin,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<Notice>>, ApiError> {
    let page = Page { limit: filter.limit, cursor: filter.cursor };
    let (limit, before) = (page.limit(), page.before()?);
    let state = filter.state;
    let store = &app.engine.core.store;
    let read = store.read(move |view| view.notices(&actor.tenant, state, before, limit));
    Ok(Json(Items::page(read.await?)))
}

/// Tries a dead notice again.
#[utoipa::path(post, path = "/notices/{id}/retry", tag = "notice", params(("id" = String, Path)),
    responses((status = 200, body = Notice), (status = 404), (status = 409)))]
async fn retry(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(text): Path<String>,
) -> Result<Json<Notice>, ApiError> {
    Ok(Json(app.engine.notices.retry(&actor, id(&text)?).await?))
}
