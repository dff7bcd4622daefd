//! The guarded client against what was done to others: request forgery, redirects that take the credential
//! along, names that lead elsewhere at the second look, secrets that come back.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use stanch_connector::{
    Hands, Meter, Outcome, Secret, Secrets,
    egress::Resolve,
    http::Client,
    secrets::{Purpose, SecretError, Vault},
};
use stanch_model::manifest::{Manifest, Quota};
use tokio::net::TcpListener;

const MANIFEST: &str = r#"
connector: target
title: A target
description: For the tests of the guarded client.
transport: http
actions:
  look:
    title: Look
    effect: read
    idempotency: natural
    timeout: 2s
    input: { type: object }
    output: { type: object, properties: { seen: {} } }
    call: { http: { method: GET, path: "/${{ config.case }}" } }
    returns: { seen: response.body }
    examples: [{ title: Look, input: {}, output: {} }]
  reset:
    title: Reset a password
    effect: irreversible
    idempotency: natural
    timeout: 2s
    target: { kind: user, input: user }
    input:
      type: object
      required: [user, password]
      properties: { user: { type: string }, password: { type: string, writeOnly: true }, note: {} }
    output: { type: object, properties: { seen: {} } }
    call:
      http:
        method: POST
        path: "/${{ config.case }}"
        query: { p: "${{ input.password }}", empty: "${{ '' }}" }
        headers: { X-Password: "${{ input.password }}", X-Empty: "${{ '' }}" }
        body: { password: "${{ input.password }}", note: "${{ has(input.note) ? input.note : null }}" }
    returns: { seen: response.body }
    verify: { call: { http: { method: GET, path: "/${{ config.case }}" } }, done: "true" }
    examples: [{ title: Reset, input: { user: a, password: x }, output: {} }]
  change:
    title: Change a ticket
    effect: irreversible
    idempotency: natural
    timeout: 2s
    target: { kind: user, input: user }
    input: { type: object, required: [user], properties: { user: { type: string } } }
    output: { type: object }
    call:
      http:
        first: [{ path: "/ticket" }]
        method: PATCH
        path: "/ticket"
        headers: { If-Match: "${{ first[0].etag }}" }
        body: { seen: "${{ first[0].body.version }}" }
    verify: { call: { http: { method: GET, path: "/ticket" } }, done: "true" }
    examples: [{ title: Change, input: { user: a }, output: {} }]
"#;

/// One request as it arrived.
#[derive(Clone, Debug)]
struct Arrived {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone, Default)]
struct Seen {
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// Where `/go/STATUS` redirects to.
    elsewhere: Arc<Mutex<String>>,
    version: Arc<AtomicUsize>,
}

impl Seen {
    fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }
}

async fn server() -> (SocketAddr, Seen) {
    async fn answer(
        State(seen): State<Seen>,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let path = uri.path().to_owned();
        let arrived = Arrived { method: method.clone(), uri, headers: headers.clone(), body };
        seen.arrived.lock().unwrap().push(arrived.clone());
        if let Some(status) = path.strip_prefix("/go/") {
            let to = seen.elsewhere.lock().unwrap().clone();
            let status = StatusCode::from_bytes(status.as_bytes()).unwrap();
            return (status, [(header::LOCATION, to)]).into_response();
        }
        if path == "/ticket" {
            return ticket(&seen, &method, &headers);
        }
        let password = arrived.headers.get("x-password").map(|v| v.to_str().unwrap().to_owned());
        let password = password.unwrap_or_default();
        axum::Json(json!({
            "raw": password, "base64": STANDARD.encode(&password), "query": arrived.uri.query(),
            "body": String::from_utf8_lossy(&arrived.body), password: 1,
        }))
        .into_response()
    }
    let seen = Seen::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer).with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, seen)
}

/// A ticket that somebody else changes between the first look and the first change.
fn ticket(seen: &Seen, method: &Method, headers: &HeaderMap) -> Response {
    let version = seen.version.load(Ordering::SeqCst);
    let etag = format!("\"{version}\"");
    if *method == Method::GET {
        if version == 0 {
            seen.version.store(1, Ordering::SeqCst);
        }
        let body = axum::Json(json!({ "version": version }));
        return ([(header::ETAG, etag)], body).into_response();
    }
    if headers.get(header::IF_MATCH).is_none_or(|wanted| *wanted != *etag) {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    seen.version.store(version + 1, Ordering::SeqCst);
    axum::Json(json!({})).into_response()
}

fn manifest() -> Manifest {
    common::manifest(MANIFEST)
}

fn instance(address: &str, case: &str) -> Value {
    json!({ "base_url": address, "allow_private": true, "credential": "env:TOKEN", "config": { "case": case } })
}

async fn look(hands: &Hands) -> Outcome {
    hands.act(&common::planned(&manifest(), "look", json!({})), "k").await
}

#[tokio::test]
async fn no_redirect_takes_anything_to_another_place() {
    let ((here, asked), (there, elsewhere)) = (server().await, server().await);
    for target in [
        format!("http://{there}/x"),
        format!("http://localhost:{}/x", there.port()),
        format!("http://[::ffff:127.0.0.1]:{}/x", there.port()),
        format!("//{there}/x"),
        format!("http://{here}@{there}/x"),
        format!("http://user:secret@{here}/x"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1:1/x".to_owned(),
    ] {
        target.clone_into(&mut asked.elsewhere.lock().unwrap());
        for status in [301, 302, 303, 307, 308] {
            let case = format!("go/{status}");
            // The case is a part of the path here, and `/` in it would be encoded.
            let text = MANIFEST.replace("/${{ config.case }}", &format!("/{case}"));
            let manifest = common::manifest(&text);
            let hands = common::hands(&manifest, instance(&format!("http://{here}"), ""));
            let read = hands.act(&common::planned(&manifest, "look", json!({})), "k").await;
            assert!(matches!(read, Outcome::Failed { retry: false, .. }), "{target}: {read:?}");
            let input = json!({ "user": "a", "password": "not a secret" });
            let act = hands.act(&common::planned(&manifest, "reset", input), "k").await;
            let is_certain = matches!(act, Outcome::Failed { retry: false, .. });
            assert_eq!(is_certain, status > 303, "{target} {status}: {act:?}");
        }
    }
    assert!(elsewhere.arrived().is_empty(), "{:?}", elsewhere.arrived());
    assert_eq!(asked.arrived().len(), 9 * 5 * 2);
}

#[tokio::test]
async fn on_its_own_origin_a_redirect_is_followed_with_the_credential() {
    let (here, asked) = server().await;
    "/there".clone_into(&mut asked.elsewhere.lock().unwrap());
    let manifest = common::manifest(&MANIFEST.replace("/${{ config.case }}", "/go/307"));
    let hands = common::hands(&manifest, instance(&format!("http://{here}"), ""));
    let read = hands.act(&common::planned(&manifest, "look", json!({})), "k").await;
    assert!(matches!(read, Outcome::Accepted { .. }), "{read:?}");
    let last = asked.arrived().pop().unwrap();
    assert_eq!((last.uri.path(), last.headers.contains_key("authorization")), ("/there", true));
}

/// A name that leads to the first address once, and to the others after that.
struct Rebinding {
    answers: Vec<Vec<SocketAddr>>,
    asked: Arc<AtomicUsize>,
}

impl Resolve for Rebinding {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
        _: u16,
    ) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let answer = self.answers[number].clone();
        Box::pin(async move { Ok(answer) })
    }
}

fn rebinding(answers: &[&[SocketAddr]], base: &str, private: bool) -> (Hands, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let answers = answers.iter().map(|answer| answer.to_vec()).collect();
    let resolver = Arc::new(Rebinding { answers, asked: Arc::clone(&asked) });
    let mut instance = instance(base, "x");
    instance["allow_private"] = json!(private);
    let catalog = Arc::new(common::catalog(&manifest(), instance));
    let hands = Hands::with_client(catalog, Secrets::new(common::secret), Client::new(resolver));
    (hands, asked)
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_leads_where_it_was_checked_to_lead() {
    let ((here, asked), (there, elsewhere)) = (server().await, server().await);
    let base = format!("http://edr.test:{}", here.port());
    let (hands, lookups) = rebinding(&[&[here], &[there]], &base, true);
    assert!(matches!(look(&hands).await, Outcome::Accepted { .. }));
    assert_eq!((lookups.load(Ordering::SeqCst), asked.arrived().len()), (1, 1));
    let host = asked.arrived()[0].headers["host"].clone();
    assert_eq!(host, format!("edr.test:{}", here.port()), "the name is still the name");
    assert!(elsewhere.arrived().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_inside_or_to_credentials_of_the_cloud_reaches_nobody() {
    let (here, asked) = server().await;
    let port = here.port();
    let address = |ip: &str| SocketAddr::new(ip.parse().unwrap(), port);
    for (ip, private) in [
        ("127.0.0.1", false),
        ("10.0.0.7", false),
        ("::1", false),
        ("::ffff:127.0.0.1", false),
        ("64:ff9b::7f00:1", false),
        ("2002:7f00:1::", false),
        ("169.254.169.254", true),
        ("::ffff:169.254.169.254", true),
        ("0.0.0.0", true),
    ] {
        // One good address beside it does not help.
        for answer in [vec![address(ip)], vec![address("8.8.8.8"), address(ip)]] {
            let (hands, _) = rebinding(&[&answer], &format!("http://edr.test:{port}"), private);
            let refused = look(&hands).await;
            assert!(matches!(refused, Outcome::Failed { retry: false, .. }), "{ip}: {refused:?}");
        }
    }
    assert!(asked.arrived().is_empty());
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_ends_it_before_the_first_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (key, certificate) = (path("key.pem"), path("cert.pem"));
    let subject = "/CN=localhost";
    let openssl = |args: &[&str]| {
        let mut command = tokio::process::Command::new("openssl");
        command.args(args).kill_on_drop(true);
        // It ends when its input does.
        command.stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command
    };
    let made = openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        subject,
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout",
        &key,
        "-out",
        &certificate,
    ])
    .output()
    .await;
    let Ok(made) = made else { return common::skip("openssl is not installed") };
    assert!(made.status.success(), "{made:?}");
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let accept = free.to_string();
    let mut server =
        openssl(&["s_server", "-accept", &accept, "-key", &key, "-cert", &certificate])
            .spawn()
            .unwrap();
    while tokio::net::TcpStream::connect(("127.0.0.1", free)).await.is_err() {
        assert!(server.try_wait().unwrap().is_none(), "the server ended");
        tokio::task::yield_now().await;
    }
    for host in ["127.0.0.1", "localhost"] {
        let base = format!("https://{host}:{free}");
        let hands = common::hands(&manifest(), instance(&base, "x"));
        let refused = look(&hands).await;
        let Outcome::Failed { why, retry: true, .. } = &refused else { panic!("{refused:?}") };
        assert!(why.contains("certificate"), "{why}");
    }
    server.kill().await.unwrap();
    let said = server.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(!said.contains("GET /") && !said.contains(common::SECRET), "{said}");
}

#[tokio::test]
async fn the_credential_is_shown_as_the_manifest_says() {
    let (here, asked) = server().await;
    for (auth, header, expect) in [
        ("{ scheme: bearer }", "authorization", format!("Bearer {}", common::SECRET)),
        (
            "{ scheme: basic }",
            "authorization",
            format!("Basic {}", STANDARD.encode(common::SECRET)),
        ),
        ("{ scheme: header, name: X-Api-Key }", "x-api-key", common::SECRET.to_owned()),
        (
            "{ scheme: header, name: Authorization, prefix: \"token \" }",
            "authorization",
            format!("token {}", common::SECRET),
        ),
    ] {
        let text = MANIFEST.replace("transport: http", &format!("transport: http\nauth: {auth}"));
        let manifest = common::manifest(&text);
        let hands = common::hands(&manifest, instance(&format!("http://{here}"), "x"));
        let read = hands.act(&common::planned(&manifest, "look", json!({})), "k").await;
        assert!(matches!(read, Outcome::Accepted { .. }), "{auth}: {read:?}");
        let last = asked.arrived().pop().unwrap();
        assert_eq!(last.headers[header], expect, "{auth}");
        assert_eq!(last.headers.contains_key("authorization"), header == "authorization");
        assert_eq!(last.uri.query(), None);
    }
    let text =
        MANIFEST.replace("transport: http", "transport: http\nauth: { scheme: query, name: key }");
    let manifest = common::manifest(&text);
    let hands = common::hands(&manifest, instance(&format!("http://{here}"), "x"));
    let read = hands.act(&common::planned(&manifest, "look", json!({})), "k").await;
    let Outcome::Accepted { output } = read else { panic!("{read:?}") };
    let last = asked.arrived().pop().unwrap();
    assert_eq!(last.uri.query(), Some(format!("key={}", common::SECRET).as_str()));
    assert!(!output.to_string().contains(common::SECRET), "{output}");
    // A connection that breaks tells the address, and the credential stands in it.
    let gone = common::hands(&manifest, instance("http://127.0.0.1:1", "x"));
    let read = gone.act(&common::planned(&manifest, "look", json!({})), "k").await;
    assert!(!format!("{read:?}").contains(common::SECRET), "{read:?}");
    let text = MANIFEST.replace("transport: http", "transport: http\nauth: { scheme: none }");
    let manifest = common::manifest(&text);
    let hands = common::hands(&manifest, instance(&format!("http://{here}"), "x"));
    let read = hands.act(&common::planned(&manifest, "look", json!({})), "k").await;
    assert!(matches!(read, Outcome::Failed { retry: false, .. }), "{read:?}");
}

struct One;
impl Vault for One {
    fn open<'a>(
        &'a self,
        name: &'a str,
        purpose: Purpose,
    ) -> BoxFuture<'a, Result<Secret, SecretError>> {
        let found = match (name, purpose) {
            ("new_password", Purpose::Input) => Ok(Secret::from("c0rrect/horse +1".to_owned())),
            _ => Err(SecretError::Missing(name.to_owned())),
        };
        Box::pin(async { found })
    }
}

#[tokio::test]
async fn a_secret_of_the_input_reaches_the_target_and_comes_back_in_no_form() {
    let (here, asked) = server().await;
    let catalog = Arc::new(common::catalog(&manifest(), instance(&format!("http://{here}"), "x")));
    let secrets = Secrets::new(common::secret).with_vault(Arc::new(One));
    let hands = Hands::new(catalog, secrets);
    let input = json!({ "user": "a", "password": { "secret": "new_password" }, "note": { "secret": "new_password" } });
    let planned = common::planned(&manifest(), "reset", input);
    let outcome = hands.act(&planned, "k").await;
    let Outcome::Accepted { output } = &outcome else { panic!("{outcome:?}") };
    let last = asked.arrived().pop().unwrap();
    let body: Value = serde_json::from_slice(&last.body).unwrap();
    assert_eq!(body["password"], "c0rrect/horse +1");
    assert_eq!(
        body["note"],
        json!({ "secret": "new_password" }),
        "no reference, but what it looks like"
    );
    assert_eq!(last.uri.query(), Some("p=c0rrect%2Fhorse%20%2B1"));
    assert_eq!(last.headers["x-password"], "c0rrect/horse +1");
    assert!(!last.headers.contains_key("x-empty"), "what renders empty is not sent");
    let text = output.to_string();
    assert!(text.matches("[redacted]").count() >= 5, "{text}");
    for form in ["c0rrect", "YzBycmVjdC9ob3Jz", "horse"] {
        assert!(!text.contains(form), "{form}: {text}");
    }
    let mut unknown = planned.clone();
    unknown.input["password"] = json!({ "secret": "edr_token" });
    let refused = hands.act(&unknown, "k").await;
    let Outcome::Failed { why, retry: false, .. } = &refused else { panic!("{refused:?}") };
    assert!(why.contains("stanch secret set edr_token"), "{why}");
    let mut elsewhere = planned;
    elsewhere.input["user"] = json!({ "secret": "new_password" });
    assert!(matches!(hands.act(&elsewhere, "k").await, Outcome::Failed { retry: false, .. }));
}

/// A quota that is used up.
struct UsedUp(Arc<Mutex<Vec<(u32, bool)>>>);
impl Meter for UsedUp {
    fn count<'a>(
        &'a self,
        instance: &'a str,
        quota: &'a [Quota],
        requests: u32,
        may_wait: bool,
    ) -> BoxFuture<'a, Result<(), String>> {
        assert_eq!((instance, quota.len()), ("here", 1));
        self.0.lock().unwrap().push((requests, may_wait));
        let answer = if may_wait { Err("used up".to_owned()) } else { Ok(()) };
        Box::pin(async { answer })
    }
}

#[tokio::test]
async fn a_used_up_quota_holds_acts_and_reads_back_and_no_question() {
    let (here, asked) = server().await;
    let text =
        MANIFEST.replace("transport: http", "transport: http\nquota: [{ count: 1, per: day }]");
    let manifest = common::manifest(&text);
    let counted = Arc::new(Mutex::new(Vec::new()));
    let hands = common::hands(&manifest, instance(&format!("http://{here}"), "x"));
    let hands = hands.with_meter(Arc::new(UsedUp(Arc::clone(&counted))));
    let read = hands.act(&common::planned(&manifest, "look", json!({})), "k").await;
    assert!(matches!(read, Outcome::Failed { retry: false, .. }), "{read:?}");
    let change = common::planned(&manifest, "change", json!({ "user": "a" }));
    assert!(matches!(hands.act(&change, "k").await, Outcome::Failed { retry: false, .. }));
    assert!(asked.arrived().is_empty(), "nothing was sent");
    hands.verify(&change, "k", &json!({})).await.unwrap();
    assert_eq!(asked.arrived().len(), 1);
    assert_eq!(*counted.lock().unwrap(), [(1, true), (2, true), (1, false)]);
    // A connector without a quota is not counted.
    let free = common::hands(&self::manifest(), instance(&format!("http://{here}"), "x"));
    assert!(matches!(look(&free).await, Outcome::Accepted { .. }));
}

#[tokio::test]
async fn who_was_faster_makes_it_look_again() {
    let (here, asked) = server().await;
    let hands = common::hands(&manifest(), instance(&format!("http://{here}"), "x"));
    let planned = common::planned(&manifest(), "change", json!({ "user": "a" }));
    let late = hands.act(&planned, "k").await;
    assert!(matches!(late, Outcome::Failed { retry: true, .. }), "nothing was done: {late:?}");
    let again = hands.act(&planned, "k").await;
    assert!(matches!(again, Outcome::Accepted { .. }), "{again:?}");
    let sent: Vec<String> = asked
        .arrived()
        .iter()
        .filter(|request| request.method == Method::PATCH)
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect();
    assert_eq!(sent, ["{\"seen\":0}", "{\"seen\":1}"], "each says what it saw");
}
