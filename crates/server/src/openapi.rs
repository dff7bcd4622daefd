//! The OpenAPI document, made of the handlers; committed as web/openapi.json.

use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::api;

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Stanch",
    description = "Incident response workflow automation. Errors are RFC 9457 problems with a code."
))]
struct Document;

pub(crate) fn document() -> OpenApi {
    <Document as utoipa::OpenApi>::openapi()
}

/// The document as pretty JSON, with a line feed at its end.
///
/// # Panics
/// Never: the document has a JSON form.
#[must_use]
pub fn openapi_json() -> String {
    let (_, mut document) = OpenApiRouter::<crate::app::App>::with_openapi(document())
        .nest("/api/v1", api::routes())
        .split_for_parts();
    name_operations(&mut document);
    let json = document.to_pretty_json().expect("invariant: the document is JSON");
    format!("{json}\n")
}

/// Handlers are called `list` and `show` in every resource; an operation's id has to be its own.
fn name_operations(document: &mut OpenApi) {
    for path in document.paths.paths.values_mut() {
        let operations =
            [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch];
        for operation in operations.into_iter().flatten() {
            let tag = operation.tags.as_ref().and_then(|tags| tags.first());
            if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
                operation.operation_id = Some(format!("{tag}_{id}"));
            }
        }
    }
}
