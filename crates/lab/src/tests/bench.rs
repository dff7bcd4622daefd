//! A running lab and a client for it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use serde_json::Value;
use stanch_model::Time;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{Act, Clock, Lab, Options};

/// 2026-01-01T00:00:00Z, where every test begins.
const START_MICROS: i64 = 1_767_225_600_000_000;

/// How long isolation takes in these tests, by the test's own clock.
pub(crate) const EFFECT: Duration = Duration::from_secs(10);

pub(crate) struct Bench {
    client: reqwest::Client,
    address: SocketAddr,
    micros: Arc<AtomicI64>,
    token: Option<String>,
    lab: Lab,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Reply {
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Bench {
    pub(crate) async fn start(options: Options) -> Self {
        // A second test in the same process finds the provider installed already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let micros = Arc::new(AtomicI64::new(START_MICROS));
        let shown = Arc::clone(&micros);
        let clock = Clock::from_fn(move || Time::from_micros(shown.load(Ordering::SeqCst)));
        let token = options.token.clone();
        let lab = Lab::open(Options { effect_delay: EFFECT, ..options }, clock).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn({
            let lab = lab.clone();
            async move { lab.serve(listener, async move { drop(stopped.await) }).await }
        });
        Self { client, address, micros, token, lab, stop, server }
    }

    pub(crate) async fn plain() -> Self {
        Self::start(Options::default()).await
    }

    /// Moves the lab's clock.
    pub(crate) fn pass(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap();
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    pub(crate) fn acts(&self) -> Vec<Act> {
        self.lab.acts()
    }

    /// The words of all outcomes so far.
    pub(crate) fn outcomes(&self) -> Vec<&'static str> {
        self.acts().iter().map(|act| act.outcome.word()).collect()
    }

    pub(crate) async fn stop(self) {
        drop(self.client);
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("http://{}{path}", self.address));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        assert_eq!(headers.get("x-stanch-practice").unwrap(), "true");
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Reply { status, body, headers }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    /// Acts under a key, without a body.
    pub(crate) async fn act(&self, method: &str, path: &str, key: &str) -> Reply {
        self.send(self.request(method, path).header("Idempotency-Key", key)).await
    }

    /// Acts under a key, with a body.
    pub(crate) async fn act_with(&self, method: &str, path: &str, key: &str, body: Value) -> Reply {
        self.send(self.request(method, path).header("Idempotency-Key", key).json(&body)).await
    }

    pub(crate) async fn fail(&self, rule: Value) -> Reply {
        self.send(self.request("POST", "/lab/failures").json(&rule)).await
    }

    /// The path of a host by its name.
    pub(crate) async fn host(&self, name: &str) -> String {
        let found = self.get(&format!("/edr/v1/hosts?name={name}")).await;
        format!("/edr/v1/hosts/{}", found.text("/items/0/id"))
    }

    /// The isolation state at a host's path.
    pub(crate) async fn isolation(&self, host: &str) -> String {
        self.get(host).await.text("/isolation/state").to_owned()
    }
}
