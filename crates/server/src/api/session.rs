//! Set-up of the first administrator, sign-in, sign-out.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use stanch_model::people::Role;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::{COOKIE, Viewer, cookie},
    error::ApiError,
    extract::Json,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(needs_setup, set_up))
        .routes(routes!(show, sign_in, sign_out))
}

/// Whether the first administrator is still to be made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Setup {
    /// Whether it is.
    needed: bool,
}

/// The first administrator.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstAdministrator {
    /// From the one-time link.
    token: String,
    /// Login name.
    name: String,
    /// At least 12 characters.
    password: String,
}

/// Name and password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// Login name.
    name: String,
    /// Password.
    password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Session {
    /// Login name.
    name: String,
    /// What they may do.
    role: Role,
}

/// Whether the first administrator is still to be made. Needs no credential.
#[utoipa::path(get, path = "/setup", tag = "session", responses((status = 200, body = Setup)))]
async fn needs_setup(State(app): State<App>) -> Result<Json<Setup>, ApiError> {
    Ok(Json(Setup { needed: app.engine.people.needs_setup().await? }))
}

/// Makes the first administrator and signs them in.
#[utoipa::path(post, path = "/setup", tag = "session", request_body = FirstAdministrator,
    responses((status = 201, body = Session), (status = 403)))]
async fn set_up(
    State(app): State<App>,
    Json(first): Json<FirstAdministrator>,
) -> Result<Response, ApiError> {
    let user = app.engine.people.set_up(&first.token, &first.name, &first.password).await?;
    let signed_in = signed_in(&app, &user.name, &first.password).await?;
    Ok((StatusCode::CREATED, signed_in).into_response())
}

/// Signs in.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Session), (status = 403), (status = 429)))]
async fn sign_in(
    State(app): State<App>,
    Json(sign_in): Json<SignIn>,
) -> Result<Response, ApiError> {
    signed_in(&app, &sign_in.name, &sign_in.password).await
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session",
    responses((status = 200, body = Session), (status = 401)))]
async fn show(Viewer(actor): Viewer) -> Json<Session> {
    Json(Session { name: actor.name, role: actor.role })
}

/// Signs out.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204)))]
async fn sign_out(
    State(app): State<App>,
    Viewer(_): Viewer,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(secret) = cookie(&headers) {
        app.engine.people.sign_out(&secret).await?;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

async fn signed_in(app: &App, name: &str, password: &str) -> Result<Response, ApiError> {
    let (user, secret) = app.engine.people.sign_in(name, password).await?;
    let secure = if app.options.behind_proxy { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200{secure}");
    let cookie = HeaderValue::from_str(&cookie)
        .map_err(|_bad| ApiError::invalid("the session could not be put into a cookie"))?;
    let session = Session { name: user.name, role: user.role };
    Ok(([(header::SET_COOKIE, cookie)], Json(session)).into_response())
}
