//! People with a login.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use stanch_engine::people::proposals::Came;
use stanch_model::{
    people::{Role, User},
    proposal::Proposal,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, proposal::answer};
use crate::{
    app::App,
    auth::{Admin, Viewer},
    error::ApiError,
    etag::{IfMatch, Tagged},
    extract::{Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show))
        .routes(routes!(reach))
        .routes(routes!(set_role))
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

/// Adds a person. An admin is made in two steps: see `PUT /people/{name}/role`.
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

/// Where somebody is reached.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Contact {
    /// Where notices go; null if nowhere.
    #[serde(deserialize_with = "Option::deserialize")]
    email: Option<String>,
    /// In which time zone they are written, as in `Europe/Berlin`; UTC if null.
    #[serde(deserialize_with = "Option::deserialize")]
    time_zone: Option<String>,
}

/// One person: oneself, or for an admin anybody.
#[utoipa::path(get, path = "/people/{name}", tag = "person", operation_id = "person_show",
    params(("name" = String, Path)),
    responses((status = 200, body = User), (status = 403), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(name): Path<String>,
) -> Result<Tagged<User>, ApiError> {
    let (tenant, wanted) = (actor.tenant.clone(), name.clone());
    let read = app.engine.core.store.read(move |view| view.person_named(&tenant, &wanted));
    let found = read.await?;
    let is_admin = actor.role == Role::Admin;
    let is_self = found.as_ref().is_some_and(|user| actor.user == Some(user.id));
    match found {
        Some(user) if is_admin || is_self => Ok(Tagged(user)),
        None if is_admin => Err(ApiError::not_found(format!("nobody is named `{name}`"))),
        _ => Err(ApiError::forbidden("that is for the person, or for an admin")),
    }
}

/// Says where a person is reached: oneself, or for an admin anybody.
#[utoipa::path(put, path = "/people/{name}/contact", tag = "person", operation_id = "person_contact",
    params(("name" = String, Path)), request_body = Contact,
    responses((status = 200, body = User), (status = 403), (status = 404), (status = 412), (status = 422)))]
async fn reach(
    State(app): State<App>,
    Viewer(actor): Viewer,
    IfMatch(tag): IfMatch,
    Path(name): Path<String>,
    Json(contact): Json<Contact>,
) -> Result<Tagged<User>, ApiError> {
    let Contact { email, time_zone } = contact;
    Ok(Tagged(app.engine.people.set_contact(&actor, &name, email, time_zone, tag).await?))
}

/// What somebody is to do from now on.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetRole {
    /// The role.
    role: Role,
    /// Why; mandatory.
    reason: String,
}

/// Says what somebody may do. To make somebody an admin takes a second person and time: 202 with the proposal.
#[utoipa::path(put, path = "/people/{name}/role", tag = "person", operation_id = "person_role",
    params(("name" = String, Path)), request_body = SetRole,
    responses((status = 200, body = User), (status = 202, body = Proposal), (status = 404), (status = 409)))]
async fn set_role(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(name): Path<String>,
    Json(set): Json<SetRole>,
) -> Result<Response, ApiError> {
    match app.engine.people.set_role(&actor, &name, set.role, &set.reason).await? {
        Came::Proposed(proposal) => Ok(answer(*proposal)),
        Came::Done(_) => {
            let read = app.engine.core.store.read(move |v| v.person_named(&actor.tenant, &name));
            Ok(Json(read.await?).into_response())
        }
    }
}
