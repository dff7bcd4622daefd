//! Backtests: what a playbook would have done to the alerts of the past.

use axum::extract::State;
use serde::Deserialize;
use stanch_engine::jobs::{Backtest, BacktestOptions};
use stanch_model::duration;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::Responder,
    error::ApiError,
    extract::{Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(backtest))
}

/// What to replay.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct BacktestOf {
    /// How far to look back: `90d`.
    since: String,
    /// The version to hold the one in force against.
    #[serde(default)]
    against: Option<u32>,
    /// How many alerts to look at, the newest ones; 10,000 if absent, 100,000 at the most.
    #[serde(default)]
    limit: Option<u32>,
}

/// What it would have done to the alerts of the past, with no side effect; and what another version would have
/// done otherwise. One at a time: 409 while another is under way.
#[utoipa::path(post, path = "/playbooks/{name}/backtest", tag = "playbook",
    request_body = BacktestOf, params(("name" = String, Path)),
    responses((status = 200, body = Backtest), (status = 404), (status = 409), (status = 422)))]
async fn backtest(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(name): Path<String>,
    Json(what): Json<BacktestOf>,
) -> Result<Json<Backtest>, ApiError> {
    let since = duration::parse(&what.since)
        .map_err(|error| ApiError::invalid(format!("`since`: {error}")))?;
    let options = BacktestOptions { since, against: what.against, limit: what.limit };
    Ok(Json(app.engine.backtests.backtest(&actor.tenant, &name, &options).await?))
}
