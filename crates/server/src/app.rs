//! The application: routes, limits, headers.

use std::future::Future;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, Method, Uri, header},
    middleware,
};
use stanch_engine::Engine;
use tokio::net::TcpListener;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::{api, error::ApiError, extract, feeds, intake, live, openapi, repeat, ui};

/// Largest body of an API request, in bytes. Deliveries have a limit of their own.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Nothing inline; the one hash is that of the empty style xyflow sets on its panes.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; \
    style-src 'self' 'unsafe-hashes' 'sha256-tcbDxjMo+xKqM21aCGYbs/QAJqB7yUXC06oPWDapBgc='; \
    img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    object-src 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// How the server shows itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where the practice target runs, if this process runs one.
    pub lab: Option<String>,
    /// Whether a proxy in front speaks TLS; cookies are `Secure` then.
    pub behind_proxy: bool,
}

/// What handlers see.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) options: Options,
}

/// Serves on `listener` until `shutdown`; requests under way are finished.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let app = App { engine, options };
    axum::serve(listener, router(app)).with_graceful_shutdown(shutdown).await
}

fn router(app: App) -> Router {
    let (api, _) = OpenApiRouter::with_openapi(openapi::document())
        .nest("/api/v1", api::routes())
        .split_for_parts();
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    api.merge(live::routes())
        .layer(middleware::from_fn_with_state(app.clone(), repeat::once))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(extract::only_json))
        .merge(intake::routes())
        .merge(feeds::routes())
        .method_not_allowed_fallback(wrong_method)
        .fallback(ui::file)
        .layer(fixed(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .with_state(app)
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError::wrong_method(format!("{method} is not for {}", uri.path()))
}
