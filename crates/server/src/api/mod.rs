//! The resources: one file each, and this list.

mod alert;
mod approval;
mod audit;
mod backtest;
pub(crate) mod backup;
mod connector;
mod containment;
mod dead_letter;
mod delegation;
mod group;
mod health;
mod incident;
mod kill_switch;
mod measure;
mod notice;
mod person;
mod playbook;
mod proposal;
mod question;
mod run;
mod secret;
mod session;
mod source;
pub(crate) mod token;
mod version;

use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;

use crate::{app::App, error::ApiError};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(health::routes())
        .merge(session::routes())
        .merge(incident::routes())
        .merge(alert::routes())
        .merge(run::routes())
        .merge(approval::routes())
        .merge(question::routes())
        .merge(containment::routes())
        .merge(kill_switch::routes())
        .merge(audit::routes())
        .merge(measure::routes())
        .merge(dead_letter::routes())
        .merge(playbook::routes())
        .merge(backtest::routes())
        .merge(version::routes())
        .merge(proposal::routes())
        .merge(notice::routes())
        .merge(source::routes())
        .merge(token::routes())
        .merge(person::routes())
        .merge(backup::routes())
        .merge(connector::routes())
        .merge(secret::routes())
        .merge(group::routes())
        .merge(delegation::routes())
}

/// How many items a page holds if nobody says.
const PAGE: u32 = 100;

/// How many items a page holds at the most.
const PAGE_MAX: u32 = 500;

/// Which page.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Page {
    /// How many items; 100 if absent, 500 at the most.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Page {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX)
    }

    fn before(&self) -> Result<Option<i64>, ApiError> {
        let unknown = || ApiError::invalid("`cursor` is not one that this server gave");
        self.cursor.as_ref().map(|text| text.parse().ok().ok_or_else(unknown)).transpose()
    }
}

/// A page of items.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Items<T> {
    /// The items.
    items: Vec<T>,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
}

impl<T> Items<T> {
    fn page((items, next): (Vec<T>, Option<i64>)) -> Self {
        Self { items, next: next.map(|next| next.to_string()) }
    }

    fn all(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// Reads an id out of a path.
fn id<T: std::str::FromStr<Err = E>, E: std::fmt::Display>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error: E| ApiError::not_found(error.to_string()))
}
