//! Log lines over UDP, TCP and TLS, read by sockets that know the standard.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;
mod servers;

use std::{fs, process::Stdio, sync::Arc, time::Duration};

use serde_json::{Value, json};
use stanch_connector::{Hands, Outcome, Secrets};
use stanch_model::manifest::Manifest;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, UdpSocket},
};

fn manifest() -> Manifest {
    let path = common::content_folder().join("syslog/connector.yaml");
    common::manifest(&fs::read_to_string(path).unwrap())
}

async fn send(instance: Value, text: &str) -> Outcome {
    let manifest = manifest();
    let hands = Hands::new(Arc::new(common::catalog(&manifest, instance)), Secrets::new(|_| None));
    let input = json!({ "text": text, "severity": "warning", "kind": "containment" });
    hands.act(&common::planned(&manifest, "send", input), "run_1/say").await
}

fn instance(url: &str) -> Value {
    json!({ "base_url": url, "allow_private": true, "config": { "host": "soc.corp.test" } })
}

/// The line without its time, which is this moment.
fn without_time(line: &str) -> String {
    let mut fields = line.splitn(3, ' ');
    let (priority, time, rest) =
        (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
    assert!(time.ends_with('Z') && time.len() == "2026-11-24T10:01:40.250000Z".len(), "{line}");
    format!("{priority} {rest}")
}

const EXPECT: &str = "<132>1 soc.corp.test stanch - containment [stanch@32473 key=\"run_1/say\"] \u{feff}ws-07 is isolated";

#[tokio::test]
async fn a_line_is_one_datagram() {
    let collector = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let url = format!("syslog://{}", collector.local_addr().unwrap());
    let hostile = "a\n<0>1 - - - - - - forged\u{1b}[2J";
    for (text, expect) in [
        ("ws-07 is isolated", EXPECT.to_owned()),
        (hostile, EXPECT.replace("ws-07 is isolated", r"a\u{a}<0>1 - - - - - - forged\u{1b}[2J")),
    ] {
        let sent = send(instance(&url), text).await;
        assert_eq!(sent, Outcome::Accepted { output: json!({ "sent": true }) });
        let mut packet = [0; 4096];
        let length = collector.recv(&mut packet).await.unwrap();
        assert_eq!(without_time(std::str::from_utf8(&packet[..length]).unwrap()), expect);
    }
    send(instance(&url), &"x".repeat(10_000)).await;
    let mut packet = [0; 16_384];
    assert_eq!(
        collector.recv(&mut packet).await.unwrap(),
        1_400,
        "one packet of an ordinary network"
    );
}

#[tokio::test]
async fn a_line_has_its_length_in_front_on_a_stream() {
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("syslog+tcp://{}", collector.local_addr().unwrap());
    let reading = tokio::spawn(async move {
        let mut heard = String::new();
        collector.accept().await.unwrap().0.read_to_string(&mut heard).await.unwrap();
        heard
    });
    let sent = send(instance(&url), "ws-07 is isolated").await;
    assert!(matches!(sent, Outcome::Accepted { .. }), "{sent:?}");
    let heard = reading.await.unwrap();
    let (length, line) = heard.split_once(' ').unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), line.len());
    assert_eq!(without_time(line), EXPECT);
}

#[tokio::test]
async fn a_line_goes_under_tls_to_the_right_collector_alone() {
    if !servers::may_run("syslog::a_line_goes_under_tls_to_the_right_collector_alone", &["openssl"])
    {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        ". {}/../../scripts/rig/certificate.sh; make_certificate {}",
        common::crate_folder().display(),
        folder.path().display()
    );
    assert!(servers::run("bash", &["-c", &script]).status.success());
    let [port] = servers::free_ports();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let mut collector = tokio::process::Command::new("openssl")
        .args(["s_server", "-quiet", "-accept", &format!("127.0.0.1:{port}")])
        .args(["-cert", &at("server.pem"), "-key", &at("server.key")])
        // It ends a connection where its own input ends.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    servers::wait_for("the collector to listen", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    let url = format!("syslog+tls://localhost:{port}");
    let stranger = send(instance(&url), "ws-07 is isolated").await;
    assert!(
        matches!(&stranger, Outcome::Failed { why, .. } if why.contains("ca_file")),
        "{stranger:?}"
    );
    let mut trusted = instance(&url);
    trusted["ca_file"] = json!(at("ca.pem"));
    let sent = send(trusted, "ws-07 is isolated").await;
    assert!(matches!(sent, Outcome::Accepted { .. }), "{sent:?}");
    let mut heard = [0; 4096];
    let mut stdout = collector.stdout.take().unwrap();
    let read =
        tokio::time::timeout(Duration::from_secs(60), stdout.read(&mut heard)).await.unwrap();
    let heard = String::from_utf8_lossy(&heard[..read.unwrap()]).into_owned();
    assert_eq!(without_time(heard.split_once(' ').unwrap().1), EXPECT);
    collector.kill().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_sent_is_said() {
    let [closed] = servers::free_ports();
    for (instance, retry, expect) in [
        (instance(&format!("syslog+tcp://127.0.0.1:{closed}")), true, "no connection"),
        (instance("syslog+tcp://8.8.8.8:1"), false, "outside"),
        (instance("syslog://8.8.8.8:1"), false, "outside"),
        (json!({ "base_url": "syslog://127.0.0.1:1" }), false, "allow_private"),
        (json!({ "base_url": "https://127.0.0.1:1" }), false, "syslog+tls://"),
        (
            json!({ "base_url": "syslog://u@127.0.0.1", "allow_private": true }),
            false,
            "syslog+tls://",
        ),
    ] {
        let outcome = send(instance.clone(), "x").await;
        let Outcome::Failed { why, retry: found, .. } = &outcome else {
            panic!("{instance}: {outcome:?}")
        };
        assert_eq!(*found, retry, "{instance}: {why}");
        assert!(why.contains(expect), "{instance}: {why}");
    }
}
