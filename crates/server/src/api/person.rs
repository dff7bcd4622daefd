//! People with a login.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use stanch_model::people::{Role, User};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{app::App, auth::Admin, error::ApiError, extract::Json};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create))
}

/// Somebody to add.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CreatePerson {
    /// Login name, unique.
    name: String,
    /// At least 12 characters.
    password: String,
    /// What they may do.
    role: Role,
}

/// People with a login, by name.
#[utoipa::path(get, path = "/people", tag = "person", operation_id = "person_list",
    responses((status = 200, body = Items<User>)))]
async fn list(State(app): State<App>, Admin(actor): Admin) -> Result<Json<Items<User>>, ApiError> {
    let read = app.engine.core.store.read(move |view| view.people(&actor.tenant));
    Ok(Json(Items::all(read.await?)))
}

/// Adds a person.
#[utoipa::path(post, path = "/people", tag = "person", operation_id = "person_create",
    request_body = CreatePerson, responses((status = 201, body = User), (status = 409), (status = 422)))]
async fn create(
    State(app): State<App>,
    Admin(actor): Admin,
    Json(person): Json<CreatePerson>,
) -> Result<(StatusCode, Json<User>), ApiError> {
    let CreatePerson { name, password, role } = person;
    let user = app.engine.people.add_person(&actor, &name, &password, role).await?;
    Ok((StatusCode::CREATED, Json(user)))
}
