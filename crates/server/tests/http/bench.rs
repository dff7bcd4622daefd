//! A running server with a token of each kind, and a client that looks at every answer.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Method, RequestBuilder, header::HeaderMap, redirect::Policy};
use serde_json::{Value, json};
use stanch_connector::Secrets;
use stanch_engine::{Engine, acting::Network, config::Config, content::Content};
use stanch_model::{
    TenantId,
    event::Trust,
    people::{Actor, Role, TokenScope},
};
use stanch_server::{Options, codes::CODES};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everybody who can call, in the order of [`Bench::tokens`]; the first shows nothing.
pub(crate) const CALLERS: [&str; 6] = ["nobody", "viewer", "responder", "admin", "intake", "feed"];

/// The administrator of every bench that has one.
pub(crate) const NAME: &str = "ann";
pub(crate) const PASSWORD: &str = "a long pass phrase";

/// A running server.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) address: SocketAddr,
    client: reqwest::Client,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

/// What came back, all of it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(stanch_engine::Options {
            data: folder.path().to_owned(),
            config: Config::default(),
            content: Content::default(),
            secrets: Secrets::new(|_| None),
            network: Network::default(),
            crash: None,
        });
        let engine = engine.await.unwrap();
        let stop = CancellationToken::new();
        let (runner, stopped) = (engine.clone(), stop.clone());
        tokio::spawn(async move { runner.run(stopped).await.unwrap() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (served, stopped) = (engine.clone(), stop.clone());
        tokio::spawn(async move {
            let stopped = async move { stopped.cancelled().await };
            stanch_server::serve(listener, served, options, stopped).await.unwrap();
        });
        // A second test in the same process finds the provider installed already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build();
        Self { engine, address, client: client.unwrap(), stop, _folder: folder }
    }

    /// A token; its name is made of what it is for.
    pub(crate) async fn token(&self, scope: TokenScope) -> String {
        let local = Actor {
            tenant: TenantId::default(),
            name: "local administrator".to_owned(),
            role: Role::Admin,
            user: None,
        };
        let name = serde_json::to_string(&scope).unwrap();
        self.engine.people.create_token(&local, &name, scope).await.unwrap().secret
    }

    pub(crate) async fn admin(&self) -> String {
        self.token(TokenScope::Api { role: Role::Admin }).await
    }

    pub(crate) async fn intake(&self, source: &str) -> String {
        self.token(TokenScope::Intake { source: source.to_owned(), trust: Trust::High }).await
    }

    /// What each of [`CALLERS`] shows.
    pub(crate) async fn tokens(&self) -> [Option<String>; 6] {
        let api = |role| self.token(TokenScope::Api { role });
        [
            None,
            Some(api(Role::Viewer).await),
            Some(api(Role::Responder).await),
            Some(api(Role::Admin).await),
            Some(self.intake("edge").await),
            Some(self.token(TokenScope::Feed).await),
        ]
    }

    /// Makes the administrator over the set-up link, and returns the session cookie as it is sent back.
    pub(crate) async fn set_up(&self) -> String {
        let link = self.engine.people.setup_secret().await.unwrap().unwrap();
        let body = json!({ "token": link, "name": NAME, "password": PASSWORD });
        let reply = self.send(self.request("POST", "/api/v1/setup").json(&body)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// Sends it, and checks what holds of every answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let request = request.build().unwrap();
        let what = format!("{} {}", request.method(), request.url());
        let has_body = request.method() != Method::HEAD;
        let is_page = !["/api/", "/ingest/", "/feeds/", "/assets/"]
            .iter()
            .any(|prefix| request.url().path().starts_with(prefix));
        let response = self.client.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let reply = Reply { status, headers, text: response.text().await.unwrap() };
        check_headers(&what, &reply.headers);
        if status >= 400 && has_body && !is_page {
            check_problem(&what, &reply);
        }
        reply
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(self.request("GET", path).bearer_auth(token)).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.send(self.request("POST", path).bearer_auth(token).json(body)).await
    }

    /// Sends bytes that no client would, and returns all that comes back.
    pub(crate) async fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer));
        read.await.unwrap().unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks until `look` finds something.
    pub(crate) async fn eventually<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {what}"))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Whatever it is, a browser neither runs, frames nor keeps it, and tells nobody where it came from.
#[track_caller]
pub(crate) fn check_headers(what: &str, headers: &HeaderMap) {
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("x-frame-options"), "DENY", "{what}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
    assert!(!header("cache-control").is_empty(), "{what}");
    let policy = header("content-security-policy");
    for part in
        ["default-src 'self'", "script-src 'self';", "frame-ancestors 'none'", "object-src 'none'"]
    {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"), "{policy}");
}

/// RFC 9457, with a code of the table.
#[track_caller]
fn check_problem(what: &str, reply: &Reply) {
    assert_eq!(reply.header("content-type"), "application/problem+json", "{what}: {reply:?}");
    let problem = reply.json();
    let code = CODES.iter().find(|code| problem["code"] == code.code);
    let code = code.unwrap_or_else(|| panic!("{what}: no code of the table in {problem}"));
    assert_eq!(problem["type"], "about:blank", "{what}");
    assert_eq!(problem["status"], reply.status, "{what}");
    assert_eq!((code.status, &problem["title"]), (reply.status, &json!(code.title)), "{what}");
    assert!(!problem["detail"].as_str().unwrap().is_empty(), "{what}: {problem}");
    let waits = matches!(reply.status, 429 | 503);
    assert_eq!(reply.headers.contains_key("retry-after"), waits, "{what}");
}
