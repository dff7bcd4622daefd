//! A backup, as it is being written.

use std::io::{self, Write};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use stanch_engine::Engine;
use stanch_model::people::Actor;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, auth::Admin, control::local_administrator, error::ApiError};

/// How many pieces wait for a slow reader.
const PIECES: usize = 16;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A backup of the running instance, a tar that `stanch restore` reads. It is whole if its last entry
/// is there; one that is broken off is refused. Takes an admin: it holds everything.
#[utoipa::path(get, path = "/backup", tag = "backup",
    responses((status = 200, content_type = "application/x-tar", body = Vec<u8>), (status = 403)))]
async fn show(State(app): State<App>, Admin(actor): Admin) -> Result<Response, ApiError> {
    Ok(stream(app.engine, actor))
}

/// The same for whoever may open the data folder.
pub(crate) async fn local(State(engine): State<Engine>) -> Response {
    stream(engine, local_administrator())
}

fn stream(engine: Engine, actor: Actor) -> Response {
    let (pieces, received) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        let sink = Sink { pieces: pieces.clone() };
        if let Err(error) = engine.backup(&actor, sink).await {
            tracing::error!(%error, "a backup failed");
            // The reader sees the stream break off. One that went away already has heard enough.
            drop(pieces.send(Err(io::Error::other("the backup failed"))).await);
        }
    });
    let body = Body::from_stream(ReceiverStream::new(received));
    ([(header::CONTENT_TYPE, "application/x-tar")], body).into_response()
}

struct Sink {
    pieces: mpsc::Sender<io::Result<Bytes>>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.pieces.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_gone| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
