//! Who calls: the session cookie or a bearer token, and what each role may do.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use stanch_engine::people::{Caller, Credential};
use stanch_model::people::{Actor, Role};

use crate::{app::App, error::ApiError};

/// The session cookie.
pub(crate) const COOKIE: &str = "stanch_session";

/// A page of another origin cannot send this header without asking first, and is never allowed to.
const CSRF_HEADER: &str = "x-stanch-csrf";

/// Anybody who may read.
#[derive(Debug)]
pub(crate) struct Viewer(pub(crate) Actor);

/// Anybody who may decide.
#[derive(Debug)]
pub(crate) struct Responder(pub(crate) Actor);

/// Anybody who may administrate.
#[derive(Debug)]
pub(crate) struct Admin(pub(crate) Actor);

impl FromRequestParts<App> for Viewer {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        actor(parts, app, Role::Viewer).await.map(Self)
    }
}

impl FromRequestParts<App> for Responder {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        actor(parts, app, Role::Responder).await.map(Self)
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        actor(parts, app, Role::Admin).await.map(Self)
    }
}

async fn actor(parts: &Parts, app: &App, least: Role) -> Result<Actor, ApiError> {
    match caller(parts, app).await? {
        Some(Caller::Actor(actor)) if actor.role >= least => Ok(actor),
        Some(Caller::Actor(actor)) => Err(ApiError::forbidden(format!(
            "{} may not do that: it takes the role {}",
            actor.name,
            word(least)
        ))),
        Some(Caller::Source(_) | Caller::Feed(_)) => {
            Err(ApiError::forbidden("this token is not for the API"))
        }
        None => Err(ApiError::unauthenticated()),
    }
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Responder => "responder",
        Role::Admin => "admin",
    }
}

/// Who calls, if anybody shows a credential that holds.
pub(crate) async fn caller(parts: &Parts, app: &App) -> Result<Option<Caller>, ApiError> {
    if let Some(secret) = bearer(&parts.headers) {
        return Ok(app.engine.people.caller(&Credential::Bearer(secret)).await?);
    }
    let Some(secret) = cookie(&parts.headers) else { return Ok(None) };
    if !matches!(parts.method, Method::GET | Method::HEAD) && !same_origin(&parts.headers) {
        return Err(ApiError::forbidden(
            "a request with the session cookie needs `X-Stanch-CSRF: 1`",
        ));
    }
    Ok(app.engine.people.caller(&Credential::Session(secret)).await?)
}

fn same_origin(headers: &HeaderMap) -> bool {
    let declared = headers.get(CSRF_HEADER).is_some_and(|value| value == "1");
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    declared && matches!(site, None | Some("same-origin" | "none"))
}

/// The bearer token.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    shown(headers, "bearer").map(str::to_owned)
}

/// The password of Basic, which is what firewalls that poll a list can send. Only for reading lists: a
/// browser that was given it once sends it along with requests of other origins.
pub(crate) fn basic(headers: &HeaderMap) -> Option<String> {
    let text = shown(headers, "basic")?;
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(_name, password)| password.to_owned())
}

fn shown<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| credential.trim())
}

/// The session cookie's secret.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}
