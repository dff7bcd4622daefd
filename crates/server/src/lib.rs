//! REST, SSE, intake and feed endpoints, authentication, OpenAPI; serves the UI.
//!
//! Only this crate knows HTTP. Handlers are thin: they read, ask the engine, and answer with the
//! model's own types.

mod api;
mod app;
mod auth;
pub mod codes;
mod control;
mod error;
mod extract;
mod feeds;
mod intake;
mod live;
mod openapi;
mod ui;

pub use app::{Options, serve};
pub use control::serve_control;
pub use openapi::openapi_json;
