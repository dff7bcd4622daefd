//! Groups of people who are asked together.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use stanch_model::people::Group;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
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
        .routes(routes!(show, remove))
        .routes(routes!(add))
        .routes(routes!(take))
}

/// A group to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateGroup {
    /// Its name: small letters, digits and `-`.
    name: String,
}

/// Somebody to put into a group.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Member {
    /// Login name.
    person: String,
}

/// Groups, by name.
#[utoipa::path(get, path = "/groups", tag = "group",
    responses((status = 200, body = Items<Group>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
) -> Result<Json<Items<Group>>, ApiError> {
    let read = app.engine.core.store.read(move |view| view.groups(&actor.tenant));
    Ok(Json(Items::all(read.await?)))
}

/// Makes a group without anybody in it.
#[utoipa::path(post, path = "/groups", tag = "group", request_body = CreateGroup,
    responses((status = 201, body = Group), (status = 409), (status = 422)))]
async fn create(
    State(app): State<App>,
    Admin(actor): Admin,
    Json(create): Json<CreateGroup>,
) -> Result<(StatusCode, Tagged<Group>), ApiError> {
    let group = app.engine.people.create_group(&actor, &create.name).await?;
    Ok((StatusCode::CREATED, Tagged(group)))
}

/// One group.
#[utoipa::path(get, path = "/groups/{name}", tag = "group", params(("name" = String, Path)),
    responses((status = 200, body = Group), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(name): Path<String>,
) -> Result<Tagged<Group>, ApiError> {
    let unknown = ApiError::not_found(format!("no group `{name}`"));
    let read = app.engine.core.store.read(move |view| view.group(&actor.tenant, &name));
    Ok(Tagged(read.await?.ok_or(unknown)?))
}

/// Takes a group away. What is asked of it is then asked of nobody.
#[utoipa::path(delete, path = "/groups/{name}", tag = "group", params(("name" = String, Path)),
    responses((status = 204), (status = 404), (status = 412)))]
async fn remove(
    State(app): State<App>,
    Admin(actor): Admin,
    IfMatch(tag): IfMatch,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.engine.people.delete_group(&actor, &name, tag).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a person into a group.
#[utoipa::path(post, path = "/groups/{name}/members", tag = "group", request_body = Member,
    params(("name" = String, Path)),
    responses((status = 200, body = Group), (status = 404), (status = 412)))]
async fn add(
    State(app): State<App>,
    Admin(actor): Admin,
    IfMatch(tag): IfMatch,
    Path(name): Path<String>,
    Json(member): Json<Member>,
) -> Result<Tagged<Group>, ApiError> {
    Ok(Tagged(app.engine.people.add_to_group(&actor, &name, &member.person, tag).await?))
}

/// Takes a person out of a group.
#[utoipa::path(delete, path = "/groups/{name}/members/{person}", tag = "group",
    params(("name" = String, Path), ("person" = String, Path)),
    responses((status = 200, body = Group), (status = 404), (status = 412)))]
async fn take(
    State(app): State<App>,
    Admin(actor): Admin,
    IfMatch(tag): IfMatch,
    Path((name, person)): Path<(String, String)>,
) -> Result<Tagged<Group>, ApiError> {
    Ok(Tagged(app.engine.people.take_from_group(&actor, &name, &person, tag).await?))
}
