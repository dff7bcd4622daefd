//! Mail by a real relay: sent in the clear inside, and under TLS after signing in; and what breaks.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;
mod servers;

use std::{fs, sync::Arc};

use serde_json::{Value, json};
use servers::{Cut, Mail as Server, wait_for};
use stanch_connector::{Hands, Mail, Outcome, Secrets};
use stanch_model::manifest::Manifest;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

const ALICE: &str = "alice@corp.test";

fn manifest() -> Manifest {
    let path = common::content_folder().join("smtp/connector.yaml");
    common::manifest(&fs::read_to_string(path).unwrap())
}

fn hands(manifest: &Manifest, mut instance: Value, password: &str) -> Hands {
    instance["config"] = json!({ "from": "stanch@corp.test", "notify": ["bob@corp.test", ALICE] });
    let password = password.to_owned();
    let secrets = Secrets::new(move |name| (name == "PASSWORD").then(|| password.clone()));
    Hands::new(Arc::new(common::catalog(manifest, instance)), secrets)
}

/// An instance on a port of this machine, in the clear.
fn inside(port: u16) -> Value {
    json!({ "base_url": format!("smtp://127.0.0.1:{port}"), "allow_private": true, "plaintext": true })
}

/// An instance that signs in under TLS.
fn signed_in(server: &Server, url: &str) -> Value {
    json!({
        "base_url": url, "allow_private": true, "user": server.get("SENDER"), "credential": "env:PASSWORD",
        "ca_file": server.get("CA_FILE"),
    })
}

async fn send(hands: &Hands, manifest: &Manifest, to: &str, subject: &str, key: &str) -> Outcome {
    let input =
        json!({ "to": to, "subject": subject, "text": "a text\n.\nwith a dot alone, ünïcode\n" });
    hands.act(&common::planned(manifest, "send", input), key).await
}

fn id_of(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { output } => output["message"].as_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn arrived(server: &Server, mailbox: &str, id: &str) -> String {
    wait_for("the mail to arrive", || {
        server.folder(mailbox, "").into_iter().find(|text| text.contains(id))
    })
}

#[tokio::test]
async fn a_mail_is_handed_over_and_arrives() {
    let Some(server) = Server::start("smtp::a_mail_is_handed_over_and_arrives") else { return };
    let (manifest, password) = (manifest(), server.get("STANCH_PASSWORD").to_owned());
    let ways = [
        inside(server.relay_port),
        signed_in(&server, server.get("SMTP_URL")),
        signed_in(&server, server.get("SMTPS_URL")),
    ];
    for (number, instance) in ways.into_iter().enumerate() {
        let hands = hands(&manifest, instance, &password);
        let key = format!("run_1/way-{number}");
        let sent = send(&hands, &manifest, ALICE, "Überweisung\r\nBcc: bob@corp.test", &key).await;
        let id = id_of(&sent);
        let text = arrived(&server, ALICE, &id);
        assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
        assert!(!text.to_lowercase().contains("\nbcc:"), "{text}");
        let again = send(&hands, &manifest, ALICE, "again", &key).await;
        assert_eq!(id_of(&again), id, "the same mail, however often");
    }
    assert!(server.folder("bob@corp.test", "").is_empty(), "nobody else got it");

    // Our own people: the addresses of the configuration, and the plain API.
    let hands = hands(&manifest, inside(server.relay_port), &password);
    let notice = json!({ "subject": "ws-07 is isolated", "text": "Ransomware ran on it." });
    let sent = hands.act(&common::planned(&manifest, "notify", notice), "run_1/notify").await;
    let id = id_of(&sent);
    for who in ["bob@corp.test", ALICE] {
        assert!(arrived(&server, who, &id).contains("Subject: ws-07 is isolated"));
    }
    let mail = Mail {
        to: vec!["bob@corp.test".to_owned()],
        subject: "A plan waits for you".to_owned(),
        text: "Isolate ws-07.".to_owned(),
    };
    let Outcome::Accepted { output } = hands.mail("here", &mail, "apr_1/asked").await else {
        panic!()
    };
    let text = arrived(&server, "bob@corp.test", output["message_id"].as_str().unwrap());
    assert!(text.contains("Subject: A plan waits for you"), "{text}");
    let nobody = hands.mail("elsewhere", &mail, "apr_1/asked").await;
    assert!(matches!(nobody, Outcome::Failed { retry: false, .. }), "{nobody:?}");
}

#[tokio::test]
async fn what_the_relay_does_not_take_is_certain_not_to_be_sent() {
    let Some(server) =
        Server::start("smtp::what_the_relay_does_not_take_is_certain_not_to_be_sent")
    else {
        return;
    };
    let (manifest, password) = (manifest(), server.get("STANCH_PASSWORD").to_owned());
    let relay = inside(server.relay_port);
    let tls = signed_in(&server, server.get("SMTP_URL"));
    let with = |base: &Value, change: Value| {
        let mut instance = base.clone();
        instance.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        instance
    };
    for (instance, password, to, expect) in [
        (
            relay.clone(),
            &*password,
            "alice@elsewhere.test",
            "takes nothing for alice@elsewhere.test: 550",
        ),
        (relay.clone(), &password, "nobody@corp.test", "takes nothing for nobody@corp.test"),
        (with(&relay, json!({ "plaintext": false })), &password, ALICE, "does not go over to TLS"),
        (with(&tls, json!({ "ca_file": null })), &password, ALICE, "ca_file"),
        (tls.clone(), "wrong-password", ALICE, "does not let stanch@corp.test in"),
        (tls.clone(), " ", ALICE, "signs in with a password"),
        (with(&tls, json!({ "user": null })), &password, ALICE, "takes nothing"),
        (with(&relay, json!({ "allow_private": false })), &password, ALICE, "allow_private"),
    ] {
        let outcome =
            send(&hands(&manifest, instance.clone(), password), &manifest, to, "s", "k").await;
        let Outcome::Failed { why, retry: false, .. } = &outcome else {
            panic!("{instance}: {outcome:?}")
        };
        assert!(why.contains(expect), "{instance}: {why}");
        assert!(
            !why.contains("wrong-password") && !why.contains(server.get("STANCH_PASSWORD")),
            "{why}"
        );
    }
    assert!(server.folder(ALICE, "").is_empty());
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_outcome_unknown() {
    let Some(server) = Server::start("smtp::an_answer_that_is_lost_leaves_the_outcome_unknown")
    else {
        return;
    };
    let manifest = manifest();
    let cut = Cut::start(server.relay_port, b"\r\n.\r\n", 1);
    let hands = hands(&manifest, inside(cut.port), common::SECRET);
    let outcome = send(&hands, &manifest, ALICE, "cut off", "run_1/cut").await;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    wait_for("the mail to arrive all the same", || {
        (!server.folder(ALICE, "").is_empty()).then_some(())
    });
}

/// A relay that answers each line that it gets with the next of these texts; an empty one is silence.
async fn relay(answers: &'static [&'static str]) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            for answer in answers {
                if answer.is_empty() {
                    while let Ok(Some(_)) = lines.next_line().await {}
                }
                if write.write_all(answer.as_bytes()).await.is_err() {
                    break;
                }
                if !matches!(lines.next_line().await, Ok(Some(_))) {
                    break;
                }
            }
        }
    });
    port
}

#[tokio::test]
async fn each_way_to_fail_is_taken_for_what_it_is() {
    const OK: &str = "250 ok\r\n";
    let manifest = manifest();
    let mut impatient = manifest.clone();
    impatient.actions.get_mut("send").unwrap().timeout = std::time::Duration::from_secs(3);
    for (answers, expect) in [
        (&["554 go away\r\n"][..], "Failed { why: \"the relay turns us away: 554"),
        (&["421 later\r\n"], "retry: true"),
        (&["nonsense\r\n"], "no SMTP"),
        (&["220 hi\r\n", "250-a\r\n251 b\r\n"], "no SMTP"),
        (&["220 hi\r\n", "25\u{fc}\r\n"], "no SMTP"),
        (&["220 hi\r\n", OK, "451 later\r\n"], "retry: true"),
        (&["220 hi\r\n", OK, "550 no\r\n"], "retry: false"),
        (&["220 hi\r\n", OK, OK, "450 mailbox busy\r\n"], "retry: true"),
        (&["220 hi\r\n", OK, OK, OK, "554 no text\r\n"], "retry: false"),
        // It hangs up instead of taking the text: nobody knows.
        (&["220 hi\r\n", OK, OK, OK, "354 go on\r\n"], "Unknown"),
        (&["220 hi\r\n", OK, OK, OK, "354 go on\r\n", "451 disk full\r\n"], "retry: true"),
        (&["220 hi\r\n", OK, OK, OK, "354 go on\r\n", "554 spam\r\n"], "retry: false"),
        (&["220 hi\r\n", OK, OK, OK, "354 go on\r\n", "what\r\n"], "Unknown"),
        (&["220 hi\r\n", ""], "retry: true"),
        (
            &["220 hi\r\n", OK, OK, OK, "354 go on\r\n", ""],
            "Unknown { why: \"the relay did not answer within 3s",
        ),
        (&["220 hi\r\n", OK, OK, OK, "354 go on\r\n", OK], "Accepted"),
    ] {
        let port = relay(answers).await;
        let is_silent = answers.last().is_some_and(|last| last.is_empty());
        let manifest = if is_silent { &impatient } else { &manifest };
        let hands = hands(manifest, inside(port), common::SECRET);
        let outcome = format!("{:?}", send(&hands, manifest, ALICE, "s", "k").await);
        assert!(outcome.contains(expect), "{answers:?}: {outcome}");
    }
    let nowhere = hands(&manifest, inside(servers::free_ports::<1>()[0]), common::SECRET);
    let outcome = send(&nowhere, &manifest, ALICE, "s", "k").await;
    assert!(matches!(outcome, Outcome::Failed { retry: true, .. }), "{outcome:?}");
    for to in ["a@b.test, c@d.test", "a@b.test>\r\nRCPT TO:<c@d.test", "Bob <a@b.test>", "a@b"] {
        let input = json!({ "to": to, "subject": "s", "text": "t" });
        let mut planned =
            common::planned(&manifest, "send", json!({ "to": ALICE, "subject": "s", "text": "t" }));
        planned.input = input;
        let outcome = nowhere.act(&planned, "k").await;
        assert!(matches!(outcome, Outcome::Failed { retry: false, .. }), "{to:?}: {outcome:?}");
    }
}
