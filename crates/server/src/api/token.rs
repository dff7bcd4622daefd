//! Tokens. A secret is shown once, in the answer that made it.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use stanch_model::people::{Token, TokenScope};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, id};
use crate::{
    app::App,
    auth::Admin,
    error::ApiError,
    extract::{Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(remove))
}

/// What to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// Its name, unique.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) scope: TokenScope,
}

/// What was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Created {
    /// What is kept.
    pub(crate) token: Token,
    /// The secret; nobody can show it again.
    pub(crate) secret: String,
}

/// Tokens, by name.
#[utoipa::path(get, path = "/tokens", tag = "token",
    responses((status = 200, body = Items<Token>)))]
async fn list(State(app): State<App>, Admin(actor): Admin) -> Result<Json<Items<Token>>, ApiError> {
    let read = app.engine.core.store.read(move |view| view.tokens(&actor.tenant));
    Ok(Json(Items::all(read.await?)))
}

/// Makes a token.
#[utoipa::path(post, path = "/tokens", tag = "token", request_body = Create,
    responses((status = 201, body = Created), (status = 409)))]
async fn create(
    State(app): State<App>,
    Admin(actor): Admin,
    Json(create): Json<Create>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let made = app.engine.people.create_token(&actor, &create.name, create.scope).await?;
    Ok((StatusCode::CREATED, Json(Created { token: made.token, secret: made.secret })))
}

/// Takes a token away.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "token", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn remove(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(text): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.engine.people.remove_token(&actor, id(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
