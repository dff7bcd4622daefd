//! The OpenAPI document, made of the handlers; committed as web/openapi.json.

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::api;

#[derive(OpenApi)]
#[openapi(info(
    title = "Stanch",
    description = "Incident response workflow automation. Errors are RFC 9457 problems with a code."
))]
struct Document;

pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document as pretty JSON, with a line feed at its end.
///
/// # Panics
/// Never: the document has a JSON form.
#[must_use]
pub fn openapi_json() -> String {
    let (_, document) = OpenApiRouter::<crate::app::App>::with_openapi(document())
        .nest("/api/v1", api::routes())
        .split_for_parts();
    let json = document.to_pretty_json().expect("invariant: the document is JSON");
    format!("{json}\n")
}
