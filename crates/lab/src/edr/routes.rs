//! The EDR's paths.

use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::Value;
use stanch_model::Time;

use super::fleet::Wanted;
use crate::{
    answer::{Answer, either},
    call::Call,
    desk::Desk,
    order::Order,
    serve::Lab,
};

/// The routes below `/edr/v1`.
pub(crate) fn routes() -> Router<Lab> {
    Router::new()
        .route("/edr/v1/hosts", get(find))
        .route("/edr/v1/hosts/{id}", get(show))
        .route("/edr/v1/hosts/{id}/isolation", post(isolate).delete(release))
        .route("/edr/v1/hosts/{id}/triage-packages", get(packages).post(collect))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Find {
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
}

async fn find(State(lab): State<Lab>, query: Result<Query<Find>, QueryRejection>) -> Answer {
    match query {
        Ok(Query(query)) => lab.with(move |desk, now| either(search(desk, &query, now))).await,
        Err(rejection) => Answer::bad_request(rejection.body_text()),
    }
}

fn search(desk: &mut Desk, query: &Find, now: Time) -> Result<Answer, Answer> {
    let wanted = Wanted::read(&query.name, &query.address)?;
    desk.meet(&wanted)?;
    let hosts: Vec<Value> =
        desk.world.fleet.find(&wanted).iter().map(|host| host.view(now)).collect();
    Ok(Answer::items(&hosts))
}

async fn show(State(lab): State<Lab>, Path(id): Path<String>) -> Answer {
    let view = move |desk: &mut Desk, now| {
        desk.meet_named(&id)?;
        desk.world.fleet.get(&id).map(|host| Answer::ok(host.view(now)))
    };
    either(lab.with(view).await)
}

async fn isolate(Path(host): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::IsolateHost { host })).await
}

async fn release(Path(host): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::ReleaseHost { host })).await
}

async fn collect(Path(host): Path<String>, call: Call) -> Answer {
    call.order(Ok(Order::CollectTriagePackage { host })).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packages {
    #[serde(default)]
    key: String,
}

async fn packages(
    State(lab): State<Lab>,
    Path(id): Path<String>,
    query: Result<Query<Packages>, QueryRejection>,
) -> Answer {
    let Packages { key } = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return Answer::bad_request(rejection.body_text()),
    };
    let list = move |desk: &mut Desk, _now| {
        desk.meet_named(&id)?;
        let host = desk.world.fleet.get(&id)?;
        let wanted = host.packages.iter().filter(|p| key.is_empty() || p.key == key);
        Ok(Answer::items(&wanted.map(super::triage::Package::view).collect::<Vec<_>>()))
    };
    either(lab.with(list).await)
}
