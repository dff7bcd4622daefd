//! Questions of `ask` steps.

use axum::extract::State;
use serde::Deserialize;
use stanch_engine::{Question, QuestionState};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    app::App,
    auth::{Responder, Viewer},
    error::ApiError,
    extract::{Json, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(answer))
}

/// Which questions.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Only in that state.
    state: Option<QuestionState>,
}

/// An answer.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// One of the options.
    answer: String,
}

/// Questions, the newest first.
#[utoipa::path(get, path = "/questions", tag = "question", params(Filter),
    responses((status = 200, body = Items<Question>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<Question>>, ApiError> {
    let read = app.engine.core.store.read(move |view| view.questions(&actor.tenant, filter.state));
    Ok(Json(Items::all(read.await?)))
}

/// Answers a question.
#[utoipa::path(post, path = "/questions/{id}/answer", tag = "question", request_body = Answer,
    params(("id" = String, Path)), responses((status = 200, body = Question), (status = 409)))]
async fn answer(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(id): Path<String>,
    Json(answer): Json<Answer>,
) -> Result<Json<Question>, ApiError> {
    Ok(Json(app.engine.people.answer(&actor, &id, &answer.answer).await?))
}
