//! Notices: who is told what, that it goes out once it can, and what it cannot be made to say.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::world::{Setup, World, person};
use serde_json::{Value, json};
use stanch_model::{
    TenantId,
    containment::ContainmentState,
    notice::{Notice, NoticeEvent, NoticeState},
    people::Role,
    run::RunState,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const SECRET: &str = "0123456789abcdef0123456789abcdef";

const BLOCK: &str = r#"
playbook: block
title: Blocks after a yes
max_mode: assist
on: { alert: "has(alert.fields.block)" }
steps:
  - id: act
    do: firewall.block_address
    with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }
    expires: 1h
"#;

const ASK: &str = r#"
playbook: asks
title: Asks people
on: { alert: "has(alert.fields.ask)" }
steps:
  - id: sure
    ask: "Is ${{ has(alert.fields.ask) ? string(alert.fields.ask) : '' }} in use?"
    options: [isolate, leave]
    within: 1h
    otherwise: leave
"#;

/// One request that a receiver got.
#[derive(Clone, Debug)]
struct Posted {
    headers: BTreeMap<String, String>,
    body: String,
}

/// What a receiver got, and how it answers.
#[derive(Clone, Debug, Default)]
struct Hook {
    posted: Arc<Mutex<Vec<Posted>>>,
    status: Arc<Mutex<u16>>,
}

impl Hook {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let hook = Self::default();
        hook.answer(200);
        let taken = hook.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(taken.clone().take(stream));
            }
        });
        (hook, url)
    }

    fn answer(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    async fn take(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let (mut headers, mut line) = (BTreeMap::new(), String::new());
        while stream.read_line(&mut line).await.unwrap() > 2 {
            if let Some((name, value)) = line.trim_end().split_once(": ") {
                headers.insert(name.to_lowercase(), value.to_owned());
            }
            line.clear();
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        self.posted.lock().unwrap().push(Posted { headers, body });
        let status = *self.status.lock().unwrap();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: text/html\r\nlocation: http://127.0.0.1:1/\r\n\
             content-length: 2\r\nconnection: close\r\n\r\nok"
        );
        stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
    }

    fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }

    /// Documents of that event, in order.
    fn told(&self, event: &str) -> Vec<Value> {
        let bodies =
            self.posted().into_iter().map(|posted| serde_json::from_str(&posted.body).unwrap());
        bodies.filter(|body: &Value| body["event"] == event).collect()
    }
}

/// A relay that takes every mail: recipient and the whole text.
#[derive(Clone, Debug, Default)]
struct Relay {
    mails: Arc<Mutex<Vec<(String, String)>>>,
    /// What it says to a recipient.
    verdict: Arc<Mutex<&'static str>>,
}

impl Relay {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let relay = Self::default();
        *relay.verdict.lock().unwrap() = "250 ok";
        let taken = relay.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(taken.clone().talk(stream));
            }
        });
        (relay, url)
    }

    async fn talk(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let say = async |stream: &mut BufReader<TcpStream>, text: &str| {
            stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        };
        say(&mut stream, "220 relay").await;
        let (mut to, mut line) = (String::new(), String::new());
        while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
            let command = line.trim_end().to_owned();
            line.clear();
            let reply = if command.starts_with("RCPT TO:") {
                command.clone_into(&mut to);
                *self.verdict.lock().unwrap()
            } else if command == "DATA" {
                say(&mut stream, "354 go on").await;
                let mut text = String::new();
                while stream.read_line(&mut line).await.unwrap() > 0 && line != ".\r\n" {
                    text.push_str(&line);
                    line.clear();
                }
                line.clear();
                self.mails.lock().unwrap().push((to.clone(), text));
                "250 taken"
            } else if command == "QUIT" {
                say(&mut stream, "221 bye").await;
                return;
            } else {
                "250 ok"
            };
            say(&mut stream, reply).await;
        }
    }

    fn mails(&self) -> Vec<(String, String)> {
        self.mails.lock().unwrap().clone()
    }
}

async fn world(playbooks: &[&str], approval: Value, notices: Value) -> World {
    let mut setup = Setup::with(playbooks).policy(json!({ "approval": approval }));
    let mut config = notices;
    // The relay is a connector like any other.
    if let Some(url) = config.as_object_mut().unwrap().remove("relay") {
        let relay = json!({ "name": "relay", "connector": "smtp", "base_url": url, "allow_private": true,
            "plaintext": true, "config": { "from": "stanch@corp.example" } });
        setup.config.connectors.push(serde_json::from_value(relay).unwrap());
    }
    config["base_url"] = json!("https://stanch.example/sub/");
    setup.config.notices = serde_json::from_value(config).unwrap();
    setup.secrets = Some(SECRET);
    let world = World::start(setup).await;
    // What happened before there was a channel is not told.
    world.engine.notices.look().await.unwrap();
    world
}

fn hooks(url: &str, more: &Value) -> Value {
    let mut hook =
        json!({ "name": "chat", "url": url, "secret": "env:SECRET", "allow_private": true });
    hook.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    json!({ "webhooks": [hook] })
}

fn mail(url: &str) -> Value {
    json!({ "mail": { "instance": "relay" }, "relay": url })
}

async fn look(world: &World) {
    world.engine.notices.look().await.unwrap();
}

async fn notices(world: &World) -> Vec<Notice> {
    let store = &world.engine.core.store;
    let read = store.read(|view| view.notices(&TenantId::default(), None, None, 500));
    read.await.unwrap().0
}

async fn email(world: &World, who: &str, zone: Option<&str>) {
    let (admin, address) = (person("admin", Role::Admin), format!("{who}@corp.example"));
    let people = &world.engine.people;
    let zone = zone.map(str::to_owned);
    people.set_contact(&admin, who, Some(address), zone, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_signed_and_tells_each_thing_once() {
    let (hook, url) = Hook::start().await;
    let terms = json!({ "within": "1h", "otherwise": "escalate" });
    let world = world(&[BLOCK, ASK], terms, hooks(&url, &json!({}))).await;
    world.join("root", Role::Admin).await;
    let run = world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    world.alert("question", json!({ "ask": "ws-07" })).await;
    look(&world).await;
    look(&world).await;
    let asked = hook.told("asked");
    assert_eq!(asked.len(), 2, "{asked:?}");
    let approval = world.approval_of(run.id).await;
    let about = |body: &&Value| body["subject"] == approval.id.to_string();
    let plan = asked.iter().find(about).unwrap();
    assert_eq!(plan["link"], format!("https://stanch.example/sub/approvals/{}", approval.id));
    let text = plan["text"].as_str().unwrap();
    assert!(text.contains("203.0.113.7") && text.contains("It takes 1 yes"), "{text}");
    for posted in hook.posted() {
        let header = |name: &str| posted.headers[name].clone();
        let body: Value = serde_json::from_str(&posted.body).unwrap();
        assert_eq!(body["id"], header("x-stanch-notice"));
        let at_s = header("x-stanch-timestamp").parse().unwrap();
        let expect = stanch_connector::notice::webhook::signature(
            SECRET.as_bytes(),
            at_s,
            posted.body.as_bytes(),
        );
        assert_eq!(header("x-stanch-signature"), expect);
        assert_eq!(header("content-type"), "application/json");
        assert!(!posted.body.contains(SECRET));
    }
    // A quarter of the time is left; then others are asked.
    world.advance(44 * MINUTE);
    look(&world).await;
    assert_eq!(hook.told("lapsing").len(), 0);
    world.advance(2 * MINUTE);
    look(&world).await;
    look(&world).await;
    assert_eq!(hook.told("lapsing").len(), 2);
    world.advance(15 * MINUTE);
    world.engine.people.lapse_approvals().await.unwrap();
    look(&world).await;
    assert_eq!(hook.told("escalated").len(), 1);
    // Nor again after a restart.
    let world = world.restart(|_| ()).await;
    look(&world).await;
    assert_eq!(hook.posted().len(), 5);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_tried_again_and_then_dead() {
    let (hook, url) = Hook::start().await;
    let world = world(&[BLOCK], json!({ "within": "30d" }), hooks(&url, &json!({}))).await;
    let root = world.join("root", Role::Admin).await;
    hook.answer(500);
    world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    look(&world).await;
    look(&world).await;
    assert_eq!(hook.posted().len(), 1, "not before its time");
    let world = world.restart(|_| ()).await;
    world.advance(MINUTE);
    look(&world).await;
    assert_eq!(hook.posted().len(), 2);
    let ids: Vec<String> =
        hook.posted().iter().map(|posted| posted.headers["x-stanch-notice"].clone()).collect();
    assert_eq!(ids[0], ids[1], "a repetition can be told");
    for _ in 2..16 {
        assert_eq!(notices(&world).await[0].state, NoticeState::Waiting);
        world.advance(3 * HOUR);
        look(&world).await;
    }
    let dead = notices(&world).await.remove(0);
    assert_eq!((dead.state, dead.tries), (NoticeState::Dead, 16));
    assert!(dead.error.contains("500"), "{}", dead.error);
    assert_eq!(world.audit("notice.dead").await.len(), 1);
    world.advance(24 * HOUR);
    look(&world).await;
    assert_eq!(hook.posted().len(), 16);
    // A person may try once more.
    hook.answer(204);
    world.engine.notices.retry(&root, dead.id).await.unwrap();
    look(&world).await;
    assert_eq!(notices(&world).await[0].state, NoticeState::Sent);
    assert!(world.engine.notices.retry(&root, dead.id).await.is_err());
    // What will never be taken is not tried again.
    for (status, why) in [(404, "404"), (302, "redirects are not followed")] {
        hook.answer(status);
        world.alert(&format!("answered {status}"), json!({ "block": "203.0.113.9" })).await;
        look(&world).await;
        let dead = notices(&world).await.remove(0);
        assert_eq!((dead.state, dead.tries), (NoticeState::Dead, 1), "{dead:?}");
        assert!(dead.error.contains(why), "{}", dead.error);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_hears_what_it_wants_and_reaches_no_inside_address_unasked() {
    let (hook, url) = Hook::start().await;
    let only = json!({ "events": ["escalated"] });
    let world = world(&[BLOCK], json!({}), hooks(&url, &only)).await;
    world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    look(&world).await;
    assert_eq!(notices(&world).await, []);
    let world = world
        .restart(|setup| {
            setup.config.notices.webhooks[0].events.clear();
            setup.config.notices.webhooks[0].allow_private = false;
        })
        .await;
    world.alert("again", json!({ "block": "203.0.113.8" })).await;
    look(&world).await;
    let dead = notices(&world).await.remove(0);
    assert_eq!((dead.state, hook.posted().len()), (NoticeState::Dead, 0));
    assert!(dead.error.contains("loopback"), "{}", dead.error);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_to_each_who_is_asked_and_to_nobody_else() {
    let (relay, url) = Relay::start().await;
    let world = world(&[BLOCK], json!({ "by": "responders" }), mail(&url)).await;
    for (name, role) in [
        ("ann", Role::Responder),
        ("ben", Role::Responder),
        ("cleo", Role::Responder),
        ("dana", Role::Responder),
        ("root", Role::Admin),
    ] {
        world.join(name, role).await;
    }
    world.group("responders", &["ann", "ben", "cleo"]).await;
    email(&world, "ann", Some("Asia/Tokyo")).await;
    email(&world, "ben", None).await;
    email(&world, "dana", None).await;
    email(&world, "root", None).await;
    // Cleo has no address, and Dana answers for her.
    let until = world.engine.core.clock.now().plus(HOUR);
    let cleo = person("cleo", Role::Responder);
    world.engine.people.delegate(&cleo, "dana", (None, until), "away").await.unwrap();
    let first = world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    look(&world).await;
    let mut to: Vec<String> = relay.mails().into_iter().map(|(to, _)| to).collect();
    to.sort();
    let expect = ["ann", "ben", "dana"].map(|name| format!("RCPT TO:<{name}@corp.example>"));
    assert_eq!(to, expect);
    for (to, text) in relay.mails() {
        assert!(text.contains("\r\nAuto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("https://stanch.example/sub/approvals/apr_"), "{text}");
        assert_eq!(text.contains(" JST."), to.contains("ann"), "{text}");
    }
    // Who requested it is not asked.
    let ben = person("ben", Role::Responder);
    let before = relay.mails().len();
    world
        .engine
        .people
        .start_run(&ben, "block", first.alert, serde_json::Map::new())
        .await
        .unwrap();
    world.settle().await;
    look(&world).await;
    let mut to: Vec<String> =
        relay.mails().split_off(before).into_iter().map(|(to, _)| to).collect();
    to.sort();
    assert_eq!(to, [expect[0].clone(), expect[2].clone()]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_who_is_refused_is_dead_and_one_who_is_put_off_waits() {
    let (relay, url) = Relay::start().await;
    let world = world(&[BLOCK], json!({}), mail(&url)).await;
    world.join("ann", Role::Responder).await;
    email(&world, "ann", None).await;
    for (verdict, state) in [
        ("450 mailbox busy", NoticeState::Waiting),
        ("550 no such user", NoticeState::Dead),
        ("250 ok", NoticeState::Sent),
    ] {
        *relay.verdict.lock().unwrap() = verdict;
        world.alert(verdict, json!({ "block": "203.0.113.7" })).await;
        look(&world).await;
        assert_eq!(notices(&world).await[0].state, state, "{verdict}");
    }
    world.advance(MINUTE);
    look(&world).await;
    let states: Vec<NoticeState> =
        notices(&world).await.iter().map(|notice| notice.state).collect();
    assert_eq!(states, [NoticeState::Sent, NoticeState::Dead, NoticeState::Sent]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_an_alert_is_text_in_a_notice() {
    let (relay, url) = Relay::start().await;
    let world = world(&[ASK], json!({}), mail(&url)).await;
    world.join("ann", Role::Responder).await;
    email(&world, "ann", None).await;
    let hostile = "ws\r\nBcc: eve@evil.example\r\n\r\n.\r\nMAIL FROM:<x>\u{202e}\u{200b}\u{85}<b>";
    world.alert("hostile", json!({ "ask": hostile })).await;
    look(&world).await;
    let mails = relay.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let (head, body) = mails[0].1.split_once("\r\n\r\n").unwrap();
    assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
    assert!(!head.contains("evil"), "{head}");
    let notice = notices(&world).await.remove(0);
    assert!(notice.text.contains("\\u{d}\\u{a}Bcc: eve@evil.example"), "{}", notice.text);
    assert!(notice.text.contains("\\u{202e}\\u{200b}\\u{85}<b>"), "{}", notice.text);
    assert!(body.contains("Opening the link decides nothing"), "{body}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_nobody_knows_and_a_proposal_are_told() {
    let (hook, url) = Hook::start().await;
    let world = world(&[BLOCK], json!({}), hooks(&url, &json!({}))).await;
    let root = world.join("root", Role::Admin).await;
    world.join("ann", Role::Responder).await;
    let run = world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    world.lab.fail("PUT /firewall", "reset", Some(1), 0).await;
    // The question before the act is answered, those after it are not.
    world.lab.fail("GET /firewall", "delay", Some(1), 0).await;
    world.lab.fail("GET /firewall", "error", None, 0).await;
    world.approve_all().await;
    let run_id = run.id;
    world.row_reaches(run_id, ContainmentState::Unknown).await;
    world.lab.mend().await;
    look(&world).await;
    let told = hook.told("unknown");
    assert_eq!(told.len(), 1, "{:?}", hook.posted());
    assert_eq!(told[0]["link"], format!("https://stanch.example/sub/runs/{run_id}"));
    assert!(told[0]["text"].as_str().unwrap().contains("203.0.113.7"), "{}", told[0]);
    assert_ne!(world.run(run_id).await.state, RunState::Succeeded);
    let looser = "approval: { not_requester: false }";
    world.engine.people.propose_policy(&root, looser, "tired", None).await.unwrap();
    look(&world).await;
    let told = hook.told("proposed");
    assert!(told[0]["text"].as_str().unwrap().contains("root proposed it: tired"), "{told:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_not_filled_by_whoever_writes_alerts() {
    let (relay, url) = Relay::start().await;
    let world = world(&[BLOCK], json!({}), mail(&url)).await;
    world.join("ann", Role::Responder).await;
    email(&world, "ann", None).await;
    let alert = |n| {
        crate::world::finding(&format!("attack {n}"), json!({ "block": format!("203.0.113.{n}") }))
    };
    let body: String = (1..=70).map(alert).collect();
    world.deliver("ocsf", stanch_model::event::Trust::High, &body).await;
    world.settle().await;
    for _ in 0..6 {
        look(&world).await;
    }
    assert_eq!(relay.mails().len(), 60);
    let dead: Vec<Notice> =
        notices(&world).await.into_iter().filter(|n| n.state == NoticeState::Dead).collect();
    assert_eq!(dead.len(), 10);
    assert!(dead.iter().all(|n| n.error.contains("more than 60") && n.event == NoticeEvent::Asked));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_there_is_no_channel_is_not_told_later() {
    let (hook, url) = Hook::start().await;
    let world = world(&[BLOCK], json!({}), hooks(&url, &json!({}))).await;
    let world = world.restart(|setup| setup.config.notices = Default::default()).await;
    look(&world).await;
    world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    look(&world).await;
    let again = serde_json::from_value(json!({ "base_url": "https://stanch.example",
        "webhooks": hooks(&url, &json!({}))["webhooks"] }));
    let world = world.restart(|setup| setup.config.notices = again.unwrap()).await;
    look(&world).await;
    world.alert("later", json!({ "block": "203.0.113.8" })).await;
    look(&world).await;
    let told = hook.told("asked");
    assert_eq!(told.len(), 1);
    assert!(told[0]["text"].as_str().unwrap().contains("203.0.113.8"), "{told:?}");
    world.stop().await;
}
