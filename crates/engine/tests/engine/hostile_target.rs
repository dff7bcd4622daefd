//! A target that answers wrongly, late or not at all: one effect each, and the books say what is true.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::world::{Setup, World, person};
use serde_json::{Value, json};
use stanch_model::{
    containment::ContainmentState::{self, Failed, Undone, Unknown, Unverified, Verified},
    manifest::Instance,
    people::Role,
    run::RunState,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const BLOCK: &str = r#"
playbook: block
title: Blocks whatever the alert names
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }, expires: 1h }
"#;

/// What the target was told to do to `PUT`, how often, and what has to come of it.
struct Case {
    mode: &'static str,
    times: Option<u64>,
    /// The target's own record of each request.
    outcomes: &'static [&'static str],
    run: RunState,
    row: ContainmentState,
    /// What the journal holds between intent and end.
    words: &'static [&'static str],
    blocked: bool,
}

const CASES: &[Case] = &[
    Case {
        mode: "error_after_success",
        times: Some(1),
        outcomes: &["acted"],
        run: RunState::Succeeded,
        row: Verified,
        words: &["unsure", "found", "verified"],
        blocked: true,
    },
    Case {
        mode: "reset",
        times: Some(1),
        outcomes: &["acted"],
        run: RunState::Succeeded,
        row: Verified,
        words: &["unsure", "found", "verified"],
        blocked: true,
    },
    Case {
        mode: "slow_drip",
        times: Some(1),
        outcomes: &["acted"],
        run: RunState::Succeeded,
        row: Verified,
        words: &["unsure", "found", "verified"],
        blocked: true,
    },
    Case {
        mode: "wrong_json",
        times: Some(1),
        outcomes: &["acted"],
        run: RunState::Succeeded,
        row: Verified,
        words: &["unsure", "found", "verified"],
        blocked: true,
    },
    Case {
        mode: "rate_limit",
        times: Some(1),
        outcomes: &["rate_limited", "acted"],
        run: RunState::Succeeded,
        row: Verified,
        words: &["accepted", "verified"],
        blocked: true,
    },
    Case {
        mode: "error",
        times: Some(2),
        outcomes: &["failed", "failed", "acted"],
        run: RunState::Succeeded,
        row: Verified,
        words: &["unsure", "probed", "unsure", "probed", "accepted", "verified"],
        blocked: true,
    },
    Case {
        mode: "error",
        times: None,
        outcomes: &["failed", "failed", "failed", "failed"],
        run: RunState::Failed,
        row: Failed,
        words: &["unsure", "probed", "unsure", "probed", "unsure", "probed", "unsure", "probed"],
        blocked: false,
    },
    Case {
        mode: "never_finish",
        times: Some(1),
        outcomes: &["never_finishes"],
        run: RunState::Failed,
        row: Unverified,
        words: &["accepted", "unverified"],
        blocked: false,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_the_target_comes_to_one_effect_or_none() {
    let each = CASES.iter().map(|case| async move {
        // Where giving up is what is looked at, it is done soon.
        let setup = match case.mode {
            "slow_drip" => Setup::with(&[BLOCK]).manifests("timeout: 10s", "timeout: 3s"),
            "never_finish" => Setup::with(&[BLOCK]).manifests("within: 15s", "within: 1s"),
            _ => Setup::with(&[BLOCK]),
        };
        let world = World::start(setup).await;
        world.lab.fail("PUT /firewall", case.mode, case.times, 0).await;
        let run = world.alert("attack", json!({ "block": "203.0.113.7" })).await;
        let mode = case.mode;
        assert_eq!(run.state, case.run, "{mode}: {run:?}");
        assert_eq!(world.lab.outcomes(), case.outcomes, "{mode}");
        let rows = world.rows(run.id).await;
        assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [case.row], "{mode}");
        let words = world.words(run.id).await;
        let middle: Vec<&str> = words.iter().map(String::as_str).skip(4).collect();
        assert_eq!(middle, [case.words, &["ended"]].concat(), "{mode}: {words:?}");
        let keys = world.lab.acts().into_iter().map(|act| act["key"].clone());
        assert!(keys.into_iter().all(|key| key == format!("{}/act", run.id)), "{mode}");
        assert_eq!(world.lab.blocks("203.0.113.7").await, case.blocked, "{mode}");
        world.stop().await;
    });
    futures::future::join_all(each).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_target_is_left_alone_as_long_as_it_asks() {
    let world = World::start(Setup::with(&[BLOCK])).await;
    world.lab.fail("PUT /firewall", "rate_limit", Some(2), 0).await;
    world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    let acts = world.lab.acts();
    let times: Vec<jiff::Timestamp> =
        acts.iter().map(|act| act["at"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(times.len(), 3);
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= jiff::SignedDuration::from_secs(1), "{times:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_and_never_seen_can_still_be_taken_back() {
    let setup = Setup::with(&[BLOCK]).manifests("within: 15s", "within: 1s");
    let world = World::start(setup).await;
    world.lab.fail("PUT /firewall", "never_finish", Some(1), 0).await;
    let run = world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    let row = world.row_reaches(run.id, Unverified).await;
    assert!(row.note.contains("not seen within"), "{}", row.note);
    // It comes after all, when nobody looks any more.
    world.lab.other_admin("PUT", "203.0.113.7").await;
    world.undo(&row).await;
    world.row_reaches(run.id, Undone).await;
    assert!(!world.lab.blocks("203.0.113.7").await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_whose_state_cannot_be_read_is_not_acted_on() {
    let world = World::start(Setup::with(&[BLOCK])).await;
    world.lab.fail("GET /firewall", "error", None, 0).await;
    let run = world.alert("blind", json!({ "block": "203.0.113.7" })).await;
    assert_eq!(run.state, RunState::Failed, "{run:?}");
    assert_eq!(world.lab.effects(), Vec::<String>::new());
    world.lab.mend().await;
    // One question that fails is asked again.
    world.lab.fail("GET /firewall", "error", Some(1), 0).await;
    let run = world.alert("seeing", json!({ "block": "203.0.113.7" })).await;
    assert_eq!(run.state, RunState::Succeeded, "{run:?}");
    world.stop().await;
}

/// A target of an own kind: opens a ticket at every `POST`, hangs up without an answer, and shows no ticket.
struct Forgetful {
    address: std::net::SocketAddr,
    posts: Arc<AtomicU32>,
}

impl Forgetful {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let posts = Arc::new(AtomicU32::new(0));
        let counter = posts.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut seen = vec![0; 4_096];
                let read = stream.read(&mut seen).await.unwrap_or(0);
                if seen[..read].starts_with(b"POST") {
                    counter.fetch_add(1, Ordering::SeqCst);
                    continue;
                }
                let body = r#"{"open":false}"#;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\n\r\n{body}",
                    body.len()
                );
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Self { address, posts }
    }

    fn posts(&self) -> u32 {
        self.posts.load(Ordering::SeqCst)
    }

    fn setup(&self) -> Setup {
        let mut setup = Setup::with(&[TICKET]);
        setup.content.manifests.push(("desk".to_owned(), DESK.to_owned()));
        setup.config.connectors.push(Instance {
            name: "desk".to_owned(),
            connector: "desk".to_owned(),
            base_url: format!("http://{}", self.address),
            allow_private: true,
            ..Instance::default()
        });
        setup
    }
}

const DESK: &str = r#"
connector: desk
title: A ticket desk
description: Opens a ticket each time it is asked.
practice: true
transport: http
actions:
  open:
    title: Open a ticket
    effect: reversible
    idempotency: none
    timeout: 10s
    target: { kind: host, input: host }
    input: { type: object, additionalProperties: false, required: [host], properties: { host: { type: string } } }
    output: { type: object, additionalProperties: false, properties: {} }
    call: { http: { method: POST, path: "/tickets/${{ input.host }}", accept: [201] } }
    probe:
      call: { http: { method: GET, path: "/tickets/${{ input.host }}", accept: [200] } }
      done: response.body.open
    verify:
      call: { http: { method: GET, path: "/tickets/${{ input.host }}", accept: [200] } }
      done: response.body.open
      every: 50ms
      within: 1s
    undo:
      title: Close the ticket
      call: { http: { method: DELETE, path: "/tickets/${{ input.host }}", accept: [200] } }
      verify:
        call: { http: { method: GET, path: "/tickets/${{ input.host }}", accept: [200] } }
        done: "!response.body.open"
        every: 50ms
        within: 1s
    examples:
      - { title: A host, input: { host: ws-01 }, output: {} }
"#;

const TICKET: &str = r#"
playbook: ticket
title: Opens a ticket
max_mode: auto
on: { alert: "has(alert.fields.ticket)" }
steps:
  - { id: open, do: desk.open, with: { host: "${{ has(alert.fields.ticket) ? string(alert.fields.ticket) : '' }}" }, expires: 1h }
  - { id: after, do: incident.comment, with: { text: "A ticket is open." } }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_sent_twice_is_put_before_a_person() {
    for (happened, run_state, row_state) in
        [(true, RunState::Succeeded, Verified), (false, RunState::Failed, Failed)]
    {
        let desk = Forgetful::start().await;
        let world = World::start(desk.setup()).await;
        let run = world.alert("attack", json!({ "ticket": "ws-01" })).await;
        assert_eq!(run.state, RunState::Waiting, "{run:?}");
        assert_eq!(desk.posts(), 1);
        // A restart finds it where it was, and does not send it again.
        let world = world.restart(|_| ()).await;
        world.settle().await;
        let row = world.row_reaches(run.id, Unknown).await;
        assert!(row.note.contains("not safe"), "{}", row.note);
        let me = person("responder", Role::Responder);
        world.engine.people.resolve(&me, row.id, happened, "I rang the desk").await.unwrap();
        world.reaches(run.id, run_state).await;
        let row = world.row_reaches(run.id, row_state).await;
        assert!(row.note.contains("responder"), "{}", row.note);
        let words = world.words(run.id).await;
        let after: Vec<Value> =
            world.journal(run.id).await.into_iter().map(|e| e.payload).collect();
        let commented = after.iter().any(|payload| payload["key"] == "after");
        assert_eq!(commented, happened, "{words:?}");
        assert_eq!(desk.posts(), 1);
        let again = world.engine.people.resolve(&me, row.id, happened, "once more").await;
        assert!(matches!(again, Err(stanch_engine::Error::Conflict(_))), "{again:?}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_cannot_be_asked_after_the_act_leaves_it_unknown_and_a_person_settles_it() {
    let world = World::start(Setup::with(&[BLOCK])).await;
    world.lab.fail("PUT /firewall", "reset", Some(1), 0).await;
    // The question before the act is answered, those after it are not.
    world.lab.fail("GET /firewall", "delay", Some(1), 0).await;
    world.lab.fail("GET /firewall", "error", None, 0).await;
    let run = world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    assert_eq!(run.state, RunState::Waiting);
    let row = world.row_reaches(run.id, Unknown).await;
    assert!(row.note.contains("cannot be asked"), "{}", row.note);
    world.lab.mend().await;
    let me = person("responder", Role::Responder);
    world.engine.people.resolve(&me, row.id, true, "it is in the table").await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    let row = world.row_reaches(run.id, Verified).await;
    world.undo(&row).await;
    world.row_reaches(run.id, Undone).await;
    assert!(!world.lab.blocks("203.0.113.7").await);
    assert_eq!(Duration::from_secs(3_600), row.action.expires.unwrap());
    world.stop().await;
}
