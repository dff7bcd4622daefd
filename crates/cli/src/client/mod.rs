//! The one client of the REST API: what is asked, what came back, and what an error means to a script.

mod error;

use std::{net::IpAddr, path::Path, time::Duration};

use anyhow::Context as _;
use reqwest::{Method, StatusCode, Url, redirect::Policy};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub(crate) use error::Error;
use error::{innermost, problem};

use crate::{exit::Usage, output};

/// How long a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How long an answer may take: a plan reads from targets, each within its own time.
const ANSWER_MAX: Duration = Duration::from_secs(120);

/// How long a download may take.
const DOWNLOAD_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Most items that are asked for at a time.
const PAGE_ITEMS_MAX: usize = 500;

/// Where the server is and who asks.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Server")]
pub(crate) struct Connection {
    /// Where the server is
    #[arg(long, env = "STANCH_URL", value_name = "URL", default_value = "http://127.0.0.1:8420")]
    url: String,
    /// API token; better given by the environment, where no list of processes shows it
    #[arg(long, env = "STANCH_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// How much of a list is wanted.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Most items to print
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// A client of one server. Calls wait for the answer: a command asks one thing after the other.
pub(crate) struct Client {
    runtime: Runtime,
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
}

impl Connection {
    /// A client for it.
    ///
    /// # Errors
    /// A URL or token that cannot be one.
    pub(crate) fn open(&self) -> anyhow::Result<Client> {
        let refuse = |why: &str| Usage(format!("--url {}: {why}", self.url));
        let mut base = Url::parse(&self.url).map_err(|error| refuse(&error.to_string()))?;
        let has_host = base.host().is_some() && matches!(base.scheme(), "http" | "https");
        if !has_host || !base.username().is_empty() || base.password().is_some() {
            return Err(refuse("write it as http://HOST:PORT or https://HOST:PORT").into());
        }
        base.set_query(None);
        base.set_fragment(None);
        if base.scheme() == "http" && self.token.is_some() && !is_loopback(&base) {
            output::note("warning: the token travels unencrypted; use https beyond this host");
        }
        let visible = |token: &String| token.bytes().all(|byte| byte.is_ascii_graphic());
        if !self.token.as_ref().is_none_or(visible) {
            return Err(Usage("STANCH_TOKEN holds characters that no token has".to_owned()).into());
        }
        let mut builder = http();
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let token = self.token.clone().filter(|token| !token.is_empty());
        Client::new(builder, base, &["api", "v1"], token)
    }
}

fn http() -> reqwest::ClientBuilder {
    // The second installation fails, and the first is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    // A redirect could take the token elsewhere.
    reqwest::Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_MAX)
        .timeout(ANSWER_MAX)
        .user_agent(concat!("stanch/", env!("CARGO_PKG_VERSION")))
}

/// A client without a server, for whoever feeds one on this host.
///
/// # Errors
/// No client can be made.
pub(crate) fn plain() -> anyhow::Result<reqwest::Client> {
    Ok(http().no_proxy().build()?)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl Client {
    /// A client of the process that holds a data folder, over its control socket.
    ///
    /// # Errors
    /// No client can be made.
    pub(crate) fn over_socket(socket: &Path) -> anyhow::Result<Self> {
        let base = Url::parse("http://localhost")?;
        Self::new(http().no_proxy().unix_socket(socket), base, &["control"], None)
    }

    fn new(
        builder: reqwest::ClientBuilder,
        mut base: Url,
        below: &[&str],
        token: Option<String>,
    ) -> anyhow::Result<Self> {
        if let Ok(mut path) = base.path_segments_mut() {
            path.pop_if_empty().extend(below);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, http: builder.build()?, base, token })
    }

    /// Asks for what `path` names, with those of the `query` that have a value.
    pub(crate) fn get(&self, path: &[&str], query: &Query<'_>) -> Result<Value, Error> {
        self.ask(Method::GET, path, query, None)
    }

    /// Sends an order.
    pub(crate) fn post(&self, path: &[&str], body: &Value) -> Result<Value, Error> {
        self.ask(Method::POST, path, &[], Some(body))
    }

    /// Sets a state.
    pub(crate) fn put(&self, path: &[&str], body: &Value) -> Result<Value, Error> {
        self.ask(Method::PUT, path, &[], Some(body))
    }

    /// Takes a thing away.
    pub(crate) fn delete(&self, path: &[&str]) -> Result<Value, Error> {
        self.ask(Method::DELETE, path, &[], None)
    }

    /// Writes what `path` names to `to` as it comes; how many bytes it was. It takes as long as it takes.
    pub(crate) fn download(
        &self,
        path: &[&str],
        to: &mut impl std::io::Write,
    ) -> anyhow::Result<u64> {
        let mut request = self.http.get(self.url(path, &[])).timeout(DOWNLOAD_MAX);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let unreachable = |error: reqwest::Error| self.unreachable(&innermost(&error));
        self.runtime.block_on(async {
            let mut response = request.send().await.map_err(unreachable)?;
            let status = response.status();
            if !status.is_success() {
                let body = response.bytes().await.map_err(unreachable)?;
                return Err(problem(status, &body).into());
            }
            let mut bytes = 0;
            while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
                to.write_all(&chunk).context("keeping what was downloaded")?;
                bytes += u64::try_from(chunk.len()).unwrap_or(0);
            }
            Ok(bytes)
        })
    }

    /// The first items of a list, over as many pages as it takes: `{ items, next }`.
    pub(crate) fn list(
        &self,
        path: &[&str],
        query: &Query<'_>,
        limit: Limit,
    ) -> Result<Value, Error> {
        let wanted = usize::try_from(limit.limit).unwrap_or(usize::MAX);
        let (mut items, mut next) = (Vec::new(), None::<String>);
        loop {
            let page = wanted.saturating_sub(items.len()).min(PAGE_ITEMS_MAX).to_string();
            let mut query = query.to_vec();
            query.extend([("limit", Some(page.as_str())), ("cursor", next.as_deref())]);
            let mut answer = self.get(path, &query)?;
            let Some(Value::Array(more)) = answer.get_mut("items").map(Value::take) else {
                return Err(self.answer(path, "it has no list `items`"));
            };
            let is_empty = more.is_empty();
            items.extend(more);
            next = answer.get("next").and_then(Value::as_str).map(str::to_owned);
            if next.is_none() || is_empty || items.len() >= wanted {
                return Ok(json!({ "items": items, "next": next }));
            }
        }
    }

    fn ask(
        &self,
        method: Method,
        path: &[&str],
        query: &Query<'_>,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        let url = self.url(path, query);
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let (status, bytes) = self.runtime.block_on(self.exchange(request))?;
        if !status.is_success() {
            return Err(problem(status, &bytes));
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|error| self.answer(path, &error.to_string()))
    }

    async fn exchange(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<(StatusCode, Vec<u8>), Error> {
        let unreachable = |error: reqwest::Error| self.unreachable(&innermost(&error));
        let mut response = request.send().await.map_err(unreachable)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if bytes.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
                return Err(self.answer(&[], "it is longer than 64 MiB"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((response.status(), bytes))
    }

    fn url(&self, path: &[&str], query: &Query<'_>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path);
        }
        for (name, value) in query {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        url
    }

    fn unreachable(&self, why: &str) -> Error {
        let url = self.base.origin().ascii_serialization();
        Error::Unreachable { url, why: why.to_owned() }
    }

    fn answer(&self, path: &[&str], why: &str) -> Error {
        Error::Answer { url: self.url(path, &[]).to_string(), why: why.to_owned() }
    }
}

/// Names and values of a query; those without a value are left out.
pub(crate) type Query<'a> = [(&'a str, Option<&'a str>)];

/// An answer as the type that it should be.
///
/// # Errors
/// It is not that type.
pub(crate) fn typed<T: DeserializeOwned>(answer: &Value) -> Result<T, Error> {
    serde_json::from_value(answer.clone())
        .map_err(|error| Error::Answer { url: "the server".to_owned(), why: error.to_string() })
}

/// The items of a list as the type that they should be.
///
/// # Errors
/// One of them is not that type.
pub(crate) fn items<T: DeserializeOwned>(list: &Value) -> Result<Vec<T>, Error> {
    typed(list.get("items").unwrap_or(&Value::Null))
}
