//! A server that answers what it was told to, and remembers what it was asked.

use std::{
    collections::BTreeMap,
    net::TcpListener as Listener,
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::IntoResponse,
};
use serde_json::Value;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{Ran, finish, stanch};

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `GET /api/v1/incidents?limit=100`
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

type Answers = BTreeMap<String, (u16, String)>;

#[derive(Clone, Default)]
struct Told {
    answers: Arc<Answers>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A running stub; ends when dropped.
pub(crate) struct Stub {
    pub(crate) url: String,
    told: Told,
    _runtime: Runtime,
}

impl Stub {
    /// Answers (`METHOD PATH`, status, body); the path is matched with its query, or else without.
    pub(crate) fn new(answers: &[(&str, u16, &str)]) -> Self {
        let (told, runtime) = (told(answers), Runtime::new().unwrap());
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(told.clone());
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self { url, told, _runtime: runtime }
    }

    /// The same on a Unix socket.
    pub(crate) fn on_socket(path: &Path, answers: &[(&str, u16, &str)]) -> Self {
        let (told, runtime) = (told(answers), Runtime::new().unwrap());
        let router = Router::new().fallback(answer).with_state(told.clone());
        let listener = runtime.block_on(async { tokio::net::UnixListener::bind(path).unwrap() });
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url: String::new(), told, _runtime: runtime }
    }

    /// Runs a client command against it.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(stanch(args).env("STANCH_URL", &self.url).env("STANCH_TOKEN", "stn_test"))
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.told.asked.lock().unwrap().clone()
    }
}

fn told(answers: &[(&str, u16, &str)]) -> Told {
    let answers = answers
        .iter()
        .map(|(line, status, body)| ((*line).to_owned(), (*status, (*body).to_owned())));
    Told { answers: Arc::new(answers.collect()), ..Told::default() }
}

async fn answer(
    State(told): State<Told>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let line = format!("{method} {uri}");
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    told.asked.lock().unwrap().push(Asked {
        line: line.clone(),
        authorization: authorization.map(str::to_owned),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let plain = format!("{method} {}", uri.path());
    let answer = told.answers.get(&line).or_else(|| told.answers.get(&plain));
    let (status, body) = answer.cloned().unwrap_or((404, "{}".to_owned()));
    (StatusCode::from_u16(status).unwrap(), body)
}
