//! The practice target: told to fail by HTTP, believed by its own record of acts.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// The running target.
pub struct Lab {
    pub address: SocketAddr,
    data: PathBuf,
    shutdown: CancellationToken,
}

impl Lab {
    pub(super) async fn start(data: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = stanch_lab::Options {
            data: Some(data.to_owned()),
            auto_enrol: true,
            effect_delay: Duration::from_millis(20),
            ..stanch_lab::Options::default()
        };
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        tokio::spawn(async move {
            stanch_lab::serve(listener, options, async move { stop.cancelled().await })
                .await
                .unwrap();
        });
        Self { address, data: data.to_owned(), shutdown }
    }

    pub(super) fn stop(&self) {
        self.shutdown.cancel();
    }

    /// The acts on the target's own record; a line that is still being written is left out.
    pub fn acts(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.data.join("acts.ndjson")).unwrap_or_default();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What was really done, as `PUT /firewall/…`, in order.
    pub fn effects(&self) -> Vec<String> {
        let acts = self.acts();
        let done = |act: &&Value| act["outcome"] == "acted" || act["outcome"] == "never_finishes";
        let line = |act: &Value| {
            format!("{} {}", act["method"].as_str().unwrap(), act["path"].as_str().unwrap())
        };
        acts.iter().filter(done).map(line).collect()
    }

    /// How the target answered each request to act, in order.
    pub fn outcomes(&self) -> Vec<String> {
        self.acts().iter().map(|act| act["outcome"].as_str().unwrap().to_owned()).collect()
    }

    /// Tells the target how to treat requests whose method and path hold `matching`.
    pub async fn fail(&self, matching: &str, mode: &str, times: Option<u64>, delay_ms: u64) {
        let rule = json!({ "match": matching, "mode": mode, "times": times, "delay_ms": delay_ms });
        let (status, body) = self.ask("POST", "/lab/failures", Some(&rule)).await;
        assert_eq!(status, 201, "{body}");
    }

    /// Lets everything work again.
    pub async fn mend(&self) {
        assert_eq!(self.ask("DELETE", "/lab/failures", None).await.0, 200);
    }

    /// How many requests are still to fail.
    pub async fn failures_left(&self) -> u64 {
        let (_, body) = self.ask("GET", "/lab/failures", None).await;
        body["items"].as_array().unwrap().iter().filter_map(|rule| rule["left"].as_u64()).sum()
    }

    /// Whether the firewall blocks the address.
    pub async fn blocks(&self, address: &str) -> bool {
        let path = format!("/firewall/v1/blocked-addresses/{address}");
        self.ask("GET", &path, None).await.0 == 200
    }

    /// Blocks or unblocks an address as another administrator would.
    pub async fn other_admin(&self, method: &str, address: &str) {
        let path = format!("/firewall/v1/blocked-addresses/{address}");
        let (status, body) = self.ask(method, &path, None).await;
        assert_eq!(status, 200, "{body}");
    }

    /// One request of a stranger; not of the engine.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(ToString::to_string).unwrap_or_default();
        static REQUESTS: AtomicU32 = AtomicU32::new(0);
        let key = format!("stranger-{}", REQUESTS.fetch_add(1, Ordering::Relaxed));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: lab\r\nconnection: close\r\nidempotency-key: {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}
