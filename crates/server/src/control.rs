//! The control socket in the data folder: whoever may open the folder is an administrator.

use std::{future::Future, os::unix::fs::PermissionsExt, path::Path};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use stanch_engine::Engine;
use stanch_model::{
    TenantId,
    people::{Actor, Role},
};
use tokio::net::UnixListener;

use crate::{
    api::{
        backup,
        token::{Create, Created},
    },
    error::ApiError,
    extract::Json,
};

/// Serves on `path` until `shutdown`. A socket that a killed process left is taken away first; the
/// caller holds the data folder's lock.
///
/// # Errors
/// A path that cannot be bound.
pub async fn serve_control(
    path: &Path,
    engine: Engine,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    let router = Router::new()
        .route("/control/tokens", post(create_token))
        .route("/control/backup", get(backup::local))
        .with_state(engine);
    let served = axum::serve(listener, router).with_graceful_shutdown(shutdown).await;
    std::fs::remove_file(path)?;
    served
}

async fn create_token(
    State(engine): State<Engine>,
    Json(create): Json<Create>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let local = local_administrator();
    let made = engine.people.create_token(&local, &create.name, create.scope).await?;
    Ok((StatusCode::CREATED, Json(Created { token: made.token, secret: made.secret })))
}

pub(crate) fn local_administrator() -> Actor {
    Actor {
        tenant: TenantId::default(),
        name: "local administrator".to_owned(),
        role: Role::Admin,
        user: None,
    }
}
