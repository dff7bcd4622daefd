//! The UI's files, from inside the binary.

use axum::{
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::error::ApiError;

/// What `npm run build` made; empty if the binary was built without it.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Serves a file of the UI, or its page for every path that is no file and no API.
pub(crate) async fn file(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_page = !["api/", "ingest/", "feeds/", "assets/"].iter().any(|p| path.starts_with(p));
    if !matches!(method, Method::GET | Method::HEAD) || (!is_page && Files::get(path).is_none()) {
        return ApiError::not_found(format!("nothing at {method} {}", uri.path())).into_response();
    }
    let (name, found) = match Files::get(path) {
        Some(file) if !path.is_empty() => (path, Some(file)),
        _ => ("index.html", Files::get("index.html")),
    };
    let Some(file) = found else {
        let text = "This binary was built without its pages: run `bash scripts/build-web.sh`, then build again.\n";
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let kind = kind_of(name);
    let caching = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching)], file.data).into_response()
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
