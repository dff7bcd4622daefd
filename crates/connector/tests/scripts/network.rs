//! Scripts that were granted hosts: they reach those, and nobody else.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use stanch_connector::{
    egress::Resolve,
    script::{Layer, Script, ScriptError, Scripts},
};
use stanch_model::manifest::Interpreter::Python;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

use crate::{checks, common, options};

checks! {
    granted_hosts_are_reached_and_nobody_else,
    private_addresses_need_to_be_said,
    without_bubblewrap_it_is_refused,
}

/// Every name leads here.
struct Loopback;

impl Resolve for Loopback {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        let found = match host {
            "nowhere.test" => Err(io::Error::other("no such name")),
            _ => Ok(vec![SocketAddr::new(IpAddr::from([127, 0, 0, 1]), port)]),
        };
        Box::pin(async move { found })
    }
}

/// Answers what it gets, once for each connection.
async fn echo() -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut heard = [0; 5];
            if stream.read_exact(&mut heard).await.is_ok() {
                stream.write_all(&heard).await.unwrap();
            }
        }
    });
    (port, task)
}

/// Asks the proxy for each host, and says what came of it.
const CODE: &str = r#"
import json, os, socket, sys, urllib.parse
d = json.load(sys.stdin)
proxy = urllib.parse.urlparse(os.environ["https_proxy"])
def ask(line):
    try:
        with socket.create_connection((proxy.hostname, proxy.port)) as s:
            s.sendall(line.encode() + b"\r\nHost: x\r\n\r\n")
            head = s.recv(4096).decode()
            if " 200 " in head.splitlines()[0]:
                s.sendall(b"knock")
                return s.recv(5).decode()
            return head.split("\r\n\r\n")[0].split(" ")[1] + " " + head.split("\r\n\r\n")[1].strip()
    except OSError as error:
        return str(error)
print(json.dumps({line: ask(line) for line in d["lines"]}))
"#;

async fn ask(
    network: &[String],
    allow_private: bool,
    lines: &[String],
) -> Result<Value, ScriptError> {
    let scripts = Scripts::with_resolver(options(), Arc::new(Loopback));
    let input = json!({ "lines": lines });
    let script = Script { network, allow_private, ..Script::new(Python, CODE, &input) };
    scripts.run(script).await
}

async fn has_bubblewrap() -> bool {
    let status = Scripts::new(options()).status().await.unwrap();
    let found = status.layers.of(Layer::Bubblewrap).map(drop).map_err(str::to_owned);
    found.inspect_err(|why| common::skip(why)).is_ok()
}

async fn granted_hosts_are_reached_and_nobody_else() {
    if !has_bubblewrap().await {
        return;
    }
    let ((port, echoing), (other, also)) = (echo().await, echo().await);
    let network =
        [format!("api.test:{port}"), format!("127.0.0.1:{port}"), "nowhere.test:1".to_owned()];
    let lines = [
        format!("CONNECT api.test:{port} HTTP/1.1"),
        format!("CONNECT 127.0.0.1:{port} HTTP/1.1"),
        format!("CONNECT api.test:{other} HTTP/1.1"),
        format!("CONNECT other.test:{port} HTTP/1.1"),
        "CONNECT nowhere.test:1 HTTP/1.1".to_owned(),
        format!("GET http://api.test:{port}/ HTTP/1.1"),
    ];
    let answers = ask(&network, true, &lines).await.unwrap();
    for (line, begins) in lines.iter().zip([
        "knock",
        "knock",
        &format!("403 api.test:{other} is not in this script's `network`"),
        "403 other.test",
        "502 the name nowhere.test cannot be resolved",
        "405 this proxy only connects",
    ]) {
        let said = answers[line].as_str().unwrap();
        assert!(said.starts_with(begins), "{line}: {said}");
    }
    echoing.abort();
    also.abort();
}

async fn private_addresses_need_to_be_said() {
    if !has_bubblewrap().await {
        return;
    }
    let (port, echoing) = echo().await;
    let line = format!("CONNECT api.test:{port} HTTP/1.1");
    let network = [format!("api.test:{port}")];
    let answers = ask(&network, false, std::slice::from_ref(&line)).await.unwrap();
    let said = answers[&line].as_str().unwrap();
    assert!(said.starts_with("403 api.test is a loopback address"), "{said}");
    echoing.abort();
}

/// Where the network cannot be limited, a script with a grant does not begin.
async fn without_bubblewrap_it_is_refused() {
    let status = Scripts::new(options()).status().await.unwrap();
    if status.layers.of(Layer::Bubblewrap).is_ok() {
        return;
    }
    let error = ask(&["api.test:1".to_owned()], true, &[]).await.unwrap_err();
    assert_eq!((error.code, error.nothing_done), ("SB0002", true), "{error}");
}
