//! The directory's paths.

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};

use crate::{
    answer::{Answer, either},
    call::Call,
    order::Order,
    serve::Lab,
};

/// The routes below `/directory/v1`.
pub(crate) fn routes() -> Router<Lab> {
    Router::new()
        .route("/directory/v1/accounts", get(list))
        .route("/directory/v1/accounts/{name}", get(show))
        .route("/directory/v1/accounts/{name}/disable", post(disable))
        .route("/directory/v1/accounts/{name}/enable", post(enable))
}

async fn list(State(lab): State<Lab>) -> Answer {
    lab.with(|desk, _now| Answer::items(&desk.world.directory.list())).await
}

async fn show(State(lab): State<Lab>, Path(name): Path<String>) -> Answer {
    lab.with(move |desk, _now| either(desk.world.directory.show(&name, desk.world.auto_enrol)))
        .await
}

async fn disable(Path(account): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::DisableAccount { account })).await
}

async fn enable(Path(account): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::EnableAccount { account })).await
}
