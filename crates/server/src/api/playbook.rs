//! Playbooks: what there is, how far each is trusted, what it would do.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stanch_engine::runs::{Loaded, PlanView};
use stanch_model::{
    AlertId,
    guard::Mode,
    people::Actor,
    run::{GraphView, RunHead, StepState},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, id};
use crate::{
    app::App,
    auth::{Admin, Responder, Viewer},
    error::ApiError,
    extract::{Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(plan))
        .routes(routes!(start))
        .routes(routes!(set_mode))
}

/// A playbook in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PlaybookView {
    /// Its name.
    name: String,
    /// In plain words.
    title: String,
    /// What it is for.
    description: String,
    /// How far it is trusted here.
    mode: Mode,
    /// How far it may ever be trusted.
    max_mode: Mode,
    /// SHA-256 of its text.
    digest: String,
    /// The alerts that start it; none if only people do.
    on: Option<String>,
    /// Why it cannot run here; empty if it can.
    unbound: Vec<String>,
    /// Whether every act goes to the practice target.
    practice: bool,
}

/// A playbook with its text and picture.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PlaybookDetail {
    #[serde(flatten)]
    head: PlaybookView,
    /// As it was written.
    text: String,
    /// As a picture; empty if it cannot run here.
    graph: GraphView,
}

/// What to plan or run for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct For {
    /// An alert's id; for a plan also an object in the shape of `alert` in expressions.
    #[schema(value_type = Object)]
    alert: Value,
}

/// How far to trust it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetMode {
    /// The mode.
    mode: Mode,
}

async fn view(app: &App, actor: &Actor, loaded: &Loaded) -> Result<PlaybookView, ApiError> {
    let playbook = loaded.playbook();
    let acts_are_practice = loaded.graph().is_ok_and(|graph| {
        let acts = graph.actions();
        acts.values().any(|call| call.practice)
    });
    let unbound = match loaded.graph() {
        Ok(_) => Vec::new(),
        Err(error) => error.missing.iter().map(ToString::to_string).collect(),
    };
    Ok(PlaybookView {
        name: loaded.name().to_owned(),
        title: playbook.title.clone(),
        description: playbook.description.clone(),
        mode: app.engine.runs.mode(&actor.tenant, loaded.name()).await?,
        max_mode: playbook.max_mode,
        digest: loaded.digest().to_owned(),
        on: playbook.on.as_ref().map(|on| on.alert.value.text().to_owned()),
        unbound,
        practice: acts_are_practice,
    })
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a Loaded, ApiError> {
    let unknown = || ApiError::not_found(format!("no playbook `{name}`"));
    app.engine.runs.playbooks().get(name).ok_or_else(unknown)
}

/// The playbooks, by name.
#[utoipa::path(get, path = "/playbooks", tag = "playbook",
    responses((status = 200, body = Items<PlaybookView>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
) -> Result<Json<Items<PlaybookView>>, ApiError> {
    let mut items = Vec::new();
    for loaded in app.engine.runs.playbooks().all() {
        items.push(view(&app, &actor, loaded).await?);
    }
    Ok(Json(Items::all(items)))
}

/// One playbook with its text and picture.
#[utoipa::path(get, path = "/playbooks/{name}", tag = "playbook", params(("name" = String, Path)),
    responses((status = 200, body = PlaybookDetail), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(name): Path<String>,
) -> Result<Json<PlaybookDetail>, ApiError> {
    let loaded = find(&app, &name)?;
    let head = view(&app, &actor, loaded).await?;
    let graph = loaded.graph().map(|graph| graph.view(|_| (StepState::Pending, String::new())));
    let text = loaded.playbook().text.clone();
    Ok(Json(PlaybookDetail { head, text, graph: graph.unwrap_or_default() }))
}

/// What it would do, with no side effect.
#[utoipa::path(post, path = "/playbooks/{name}/plan", tag = "playbook", request_body = For,
    params(("name" = String, Path)),
    responses((status = 200, body = PlanView), (status = 404), (status = 409)))]
async fn plan(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(name): Path<String>,
    Json(what): Json<For>,
) -> Result<Json<PlanView>, ApiError> {
    let context = match what.alert {
        Value::String(text) => {
            let (tenant, number) = (actor.tenant.clone(), id::<AlertId, _>(&text)?);
            let read = app.engine.core.store.read(move |view| view.alert(&tenant, number));
            read.await?.context()
        }
        object @ Value::Object(_) => object,
        _ => return Err(ApiError::invalid("`alert` is an alert's id or an object")),
    };
    Ok(Json(app.engine.runs.plan(&actor.tenant, &name, context, &actor.name).await?))
}

/// Starts it by hand on an alert.
#[utoipa::path(post, path = "/playbooks/{name}/runs", tag = "playbook", request_body = For,
    params(("name" = String, Path)),
    responses((status = 200, body = RunHead), (status = 404), (status = 409)))]
async fn start(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(name): Path<String>,
    Json(what): Json<For>,
) -> Result<Json<RunHead>, ApiError> {
    let alert = what.alert.as_str().ok_or_else(|| ApiError::invalid("`alert` is an alert's id"))?;
    Ok(Json(app.engine.people.start_run(&actor, &name, id(alert)?).await?))
}

/// Says how far it is trusted from now on.
#[utoipa::path(put, path = "/playbooks/{name}/mode", tag = "playbook", request_body = SetMode,
    params(("name" = String, Path)),
    responses((status = 200, body = SetMode), (status = 403), (status = 409)))]
async fn set_mode(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(name): Path<String>,
    Json(set): Json<SetMode>,
) -> Result<Json<Value>, ApiError> {
    let mode = app.engine.people.set_mode(&actor, &name, set.mode).await?;
    Ok(Json(serde_json::json!({ "mode": mode })))
}
