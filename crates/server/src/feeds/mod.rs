//! Block lists that firewalls poll, with the containment ledger behind them.

use std::{collections::BTreeSet, fmt::Write as _};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use stanch_engine::people::{Caller, Credential};
use stanch_model::{ObservableKind, TenantId, canonical, containment::ContainmentState};

use crate::{
    app::App,
    auth::{basic, bearer},
    error::ApiError,
    extract::Query,
};

/// How many addresses a list holds at the most; more are told in its head line, not left out in silence.
const ADDRESSES_MAX: u32 = 100_000;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/feeds/blocked-ips.txt", get(blocked_ips))
}

/// What to list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Filter {
    /// Whether acts on the practice target are listed as well.
    practice: bool,
}

/// One address a line; `#` begins a comment.
async fn blocked_ips(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    Query(filter): Query<Filter>,
) -> Result<Response, ApiError> {
    let (tenant, is_firewall) = reader(&app, &headers).await?;
    let read_at = app.engine.core.clock.now();
    let read = app
        .engine
        .core
        .store
        .read(move |view| view.containments(&tenant, Some(true), None, None, ADDRESSES_MAX));
    let (rows, more) = read.await?;
    let addresses: BTreeSet<String> = rows
        .into_iter()
        .filter(|row| row.target.kind == ObservableKind::Ip)
        .filter(|row| filter.practice || !row.action.practice)
        .filter(|row| {
            use ContainmentState as C;
            matches!(row.state, C::Accepted | C::Verified | C::Unverified | C::Unknown)
        })
        .map(|row| row.target.value)
        .collect();
    let mut text = format!("# blocked addresses: {}", addresses.len());
    text.push_str(if more.is_some() { ", cut at the limit\n" } else { "\n" });
    for address in &addresses {
        writeln!(text, "{address}").map_err(|error| ApiError::invalid(error.to_string()))?;
    }
    // A person who looks blocks nothing, and neither does a HEAD, which carries no list.
    if is_firewall && method == Method::GET && !filter.practice {
        app.engine.core.feeds.fetched(read_at);
    }
    let tag = format!("\"{}\"", canonical::sha256_bytes(text.as_bytes()));
    if is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let kind = "text/plain; charset=utf-8".to_owned();
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, kind)], text).into_response())
}

/// RFC 9110 §13.1.2: any of a list, compared weakly.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut known = lines.flat_map(|line| line.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Whose list, and whether it is a firewall that asks.
async fn reader(app: &App, headers: &HeaderMap) -> Result<(TenantId, bool), ApiError> {
    let secret = bearer(headers).or_else(|| basic(headers));
    let secret = secret.ok_or_else(ApiError::unauthenticated)?;
    match app.engine.people.caller(&Credential::Bearer(secret)).await? {
        Some(Caller::Feed(tenant)) => Ok((tenant, true)),
        Some(Caller::Actor(actor)) => Ok((actor.tenant, false)),
        Some(Caller::Source(_)) => Err(ApiError::forbidden("feeds take a token for feeds")),
        None => Err(ApiError::unauthenticated()),
    }
}
