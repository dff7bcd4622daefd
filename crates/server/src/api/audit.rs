//! The audit.

use axum::extract::State;
use serde::Serialize;
use stanch_model::audit::{AuditEntry, Verifier};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Page};
use crate::{
    app::App,
    auth::Viewer,
    error::ApiError,
    extract::{Json, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(verify))
}

/// How many entries are read at once while the chain is proved.
const STRIDE: u32 = 1_000;

/// Whether the chain holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Verified {
    /// Whether it does.
    ok: bool,
    /// How many entries held.
    entries: u64,
    /// Hash of the last of them: the head to anchor outside.
    head: String,
    /// The first thing that does not hold.
    error: Option<String>,
}

/// Audit entries, the newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Page),
    responses((status = 200, body = Items<AuditEntry>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(page): Query<Page>,
) -> Result<Json<Items<AuditEntry>>, ApiError> {
    let (limit, before) = (page.limit(), page.before()?);
    let read =
        app.engine.core.store.read(move |view| view.audit_back(&actor.tenant, before, limit));
    Ok(Json(Items::page(read.await?)))
}

/// Proves the chain whole, from the first entry on.
#[utoipa::path(get, path = "/audit/verify", tag = "audit",
    responses((status = 200, body = Verified)))]
async fn verify(State(app): State<App>, Viewer(_): Viewer) -> Result<Json<Verified>, ApiError> {
    let mut verifier = Verifier::default();
    let mut error = None;
    loop {
        let after = verifier.head().0;
        let entries = app.engine.core.store.read(move |view| view.audit(after, STRIDE)).await?;
        if entries.is_empty() {
            break;
        }
        if let Err(broken) = entries.iter().try_for_each(|entry| verifier.push(entry)) {
            error = Some(broken.to_string());
            break;
        }
    }
    let (entries, head) = verifier.head();
    Ok(Json(Verified { ok: error.is_none(), entries, head: head.to_owned(), error }))
}
