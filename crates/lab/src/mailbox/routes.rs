//! The mailbox's paths.

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

/// The routes below `/mailbox/v1`.
pub(crate) fn routes() -> Router<Lab> {
    Router::new()
        .route("/mailbox/v1/messages", get(list))
        .route("/mailbox/v1/messages/{id}", get(show))
        .route("/mailbox/v1/messages/{id}/quarantine", post(quarantine))
        .route("/mailbox/v1/messages/{id}/restore", post(restore))
}

async fn list(State(lab): State<Lab>) -> Answer {
    lab.with(|desk, _now| Answer::items(&desk.world.mailbox.list())).await
}

async fn show(State(lab): State<Lab>, Path(id): Path<String>) -> Answer {
    lab.with(move |desk, _now| either(desk.world.mailbox.show(&id, desk.world.auto_enrol))).await
}

async fn quarantine(Path(message): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::QuarantineMessage { message })).await
}

async fn restore(Path(message): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::RestoreMessage { message })).await
}
