//! Live views: server-sent events that say what changed; the page reads the thing itself anew.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures::{Stream, StreamExt};
use stanch_engine::live::Change;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

use crate::{app::App, auth::Viewer};

/// How often a line keeps the connection open.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/v1/stream", get(stream))
}

async fn stream(
    State(app): State<App>,
    Viewer(_): Viewer,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(app.engine.core.live.look()).map(|change| {
        // Who lagged behind is told to read everything anew.
        let change = change.unwrap_or_else(|BroadcastStreamRecvError::Lagged(missed)| Change {
            kind: "missed",
            id: missed.to_string(),
        });
        let data = serde_json::to_string(&change).unwrap_or_default();
        Ok(Event::default().event("change").data(data))
    });
    Sse::new(changes).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}
