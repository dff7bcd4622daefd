//! The firewall's paths.

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    answer::{Answer, either},
    call::Call,
    order::Order,
    serve::Lab,
};

/// The routes below `/firewall/v1`.
pub(crate) fn routes() -> Router<Lab> {
    Router::new()
        .route("/firewall/v1/blocked-addresses", get(list))
        .route("/firewall/v1/blocked-addresses/{address}", get(show).put(block).delete(unblock))
}

async fn list(State(lab): State<Lab>) -> Answer {
    lab.with(|desk, now| Answer::items(&desk.world.firewall.list(now))).await
}

async fn show(State(lab): State<Lab>, Path(address): Path<String>) -> Answer {
    lab.with(move |desk, now| either(desk.world.firewall.show(&address, now))).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    ttl_seconds: u64,
    #[serde(default, rename = "comment")]
    _comment: String,
}

fn wish(body: &Value) -> Result<Wish, Answer> {
    if body.is_null() {
        return Ok(Wish::default());
    }
    serde_json::from_value(body.clone())
        .map_err(|error| Answer::unreadable(format!("the body cannot be read: {error}")))
}

async fn block(Path(address): Path<String>, call: Call) -> Answer {
    let order = wish(call.body())
        .map(|Wish { ttl_seconds, .. }| Order::BlockAddress { address, ttl_seconds });
    call.order(order).await
}

async fn unblock(Path(address): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::UnblockAddress { address })).await
}
