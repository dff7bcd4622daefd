//! One exchange: resolve, connect, send, follow, read, and say what it came to.

use std::time::Duration;

use reqwest::{
    Response,
    header::{CONTENT_TYPE, LOCATION},
    redirect::Policy,
};
use serde_json::{Value, json};
use url::Url;

use super::{
    BODY_BYTES_MAX, Client, REDIRECTS_MAX, Request,
    connection::Connected,
    redirect::{self, Step},
    retry_after,
    tls::Tls,
};
use crate::{
    egress,
    outcome::{Attempt, Verdict, verdict},
    outside,
};

impl Client {
    /// Sends `request` and classifies what came of it. The answer is `{ status, body }`.
    pub(crate) async fn send(&self, request: Request) -> Attempt {
        let connected = Connected::default();
        let timeout = request.timeout;
        match tokio::time::timeout(timeout, self.exchange(request, &connected)).await {
            Ok(attempt) => attempt,
            Err(_) if connected.is_raised() => Attempt::unclear(format!(
                "no complete answer within {}",
                stanch_model::duration::format(timeout)
            )),
            Err(_) => Attempt::unreachable(format!(
                "no connection within {}",
                stanch_model::duration::format(timeout)
            )),
        }
    }

    async fn exchange(&self, mut request: Request, connected: &Connected) -> Attempt {
        let client = match self.connect(&request.url, request.allow_private, connected).await {
            Ok(client) => client,
            Err(attempt) => return attempt,
        };
        for _ in 0..=REDIRECTS_MAX {
            connected.lower();
            let response = match transmit(&client, &request).await {
                Ok(response) => response,
                Err(error) => return broken(&error, connected),
            };
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            match redirect::decide(response.status(), &request.method, &request.url, location) {
                Step::Follow(url) => request.url = url,
                Step::Final => return read(response, &request.accept).await,
                Step::Refuse(why) => return Attempt::refused(why),
                Step::Unclear(why) => return Attempt::unclear(why),
            }
        }
        Attempt::refused(format!("the target redirects more than {REDIRECTS_MAX} times"))
    }

    /// A client for this call alone, which can reach the pinned addresses and nothing else.
    async fn connect(
        &self,
        url: &Url,
        allow_private: bool,
        connected: &Connected,
    ) -> Result<reqwest::Client, Attempt> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let addresses = egress::pin(self.resolver(), host, port, allow_private)
            .await
            .map_err(|error| not_reached(&error))?;
        let tls = if url.scheme() == "https" {
            self.tls.verified()
        } else if addresses.iter().all(|address| egress::is_inside(address.ip())) {
            Tls::none()
        } else {
            Err(format!("{host} is outside and base_url is plain http: use https"))
        };
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls.map_err(Attempt::refused)?)
            .connector_layer(connected.clone())
            .resolve_to_addrs(host, &addresses)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .pool_max_idle_per_host(0)
            .user_agent(concat!("stanch/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Attempt::refused(outside::chain(&error)))
    }
}

pub(crate) fn not_reached(error: &egress::EgressError) -> Attempt {
    if error.is_temporary() {
        Attempt::unreachable(error.to_string())
    } else {
        Attempt::refused(error.to_string())
    }
}

async fn transmit(client: &reqwest::Client, request: &Request) -> reqwest::Result<Response> {
    let builder = client
        .request(request.method.clone(), request.url.clone())
        .headers(request.headers.clone());
    match &request.body {
        Some(body) => builder.body(body.clone()).send().await,
        None => builder.send().await,
    }
}

fn broken(error: &reqwest::Error, connected: &Connected) -> Attempt {
    let why = outside::chain(error);
    if connected.is_raised() {
        Attempt::unclear(format!("the connection broke before an answer: {why}"))
    } else {
        Attempt::unreachable(format!("no connection: {why}"))
    }
}

/// Reads the answer of a request that the target has received.
async fn read(response: Response, accept: &[u16]) -> Attempt {
    let status = response.status();
    let wait = retry_after::read(response.headers());
    let judged = verdict(status.as_u16(), accept, wait.is_some());
    let is_text = media_type(&response) == "text/plain";
    let body = body(response).await;
    let said = |body: &Result<Vec<u8>, String>| match body {
        Ok(bytes) if !bytes.is_empty() => {
            format!(
                "the target answered {status}: {}",
                outside::quote(&String::from_utf8_lossy(bytes))
            )
        }
        _ => format!("the target answered {status}"),
    };
    match judged {
        Verdict::Accepted => match body.and_then(|bytes| parse(&bytes, is_text)) {
            Ok(body) => Attempt::Answered(json!({ "status": status.as_u16(), "body": body })),
            Err(why) => Attempt::unclear(format!("the target answered {status}, but {why}")),
        },
        Verdict::Refused => Attempt::refused(said(&body)),
        Verdict::Later => later(said(&body), wait),
        Verdict::Unclear => Attempt::unclear(said(&body)),
    }
}

const fn later(why: String, retry_after: Option<Duration>) -> Attempt {
    Attempt::NotDone { why, retry: true, retry_after }
}

fn media_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The whole body, counted as it comes: a length that the target claims is not believed.
async fn body(mut response: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > BODY_BYTES_MAX => {
                return Err("its body is longer than 1 MiB".to_owned());
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(format!("its body broke off: {}", outside::chain(&error))),
        }
    }
}

/// JSON, nothing, or plain text that says that it is plain text.
fn parse(bytes: &[u8], is_text: bool) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(_) if is_text => Ok(Value::String(String::from_utf8_lossy(bytes).into_owned())),
        Err(error) => Err(format!("its body is no JSON: {error}")),
    }
}
