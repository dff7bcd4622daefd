//! Mailboxes over IMAP: mail that was really delivered is quarantined on a real Dovecot and comes back.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;
mod servers;

use std::{fs, sync::Arc};

use serde_json::{Value, json};
use servers::{Cut, Mail};
use stanch_connector::{Hands, Outcome, Presence, Secrets};
use stanch_model::{manifest::Manifest, plan::PlannedAction};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const ALICE: &str = "alice@corp.test";

fn manifest() -> Manifest {
    let path = common::content_folder().join("dovecot/connector.yaml");
    common::manifest(&fs::read_to_string(path).unwrap())
}

fn hands(manifest: &Manifest, instance: Value, password: &str) -> Hands {
    let password = password.to_owned();
    let secrets = Secrets::new(move |name| (name == "PASSWORD").then(|| password.clone()));
    Hands::new(Arc::new(common::catalog(manifest, instance)), secrets)
}

/// A mail server, and hands for it.
struct Bench {
    mail: Mail,
    manifest: Manifest,
    hands: Hands,
}

impl Bench {
    fn start(test: &str) -> Option<Self> {
        let mail = Mail::start(test)?;
        let manifest = manifest();
        let hands = hands(&manifest, Self::instance(&mail), mail.get("STANCH_PASSWORD"));
        Some(Self { mail, manifest, hands })
    }

    fn instance(mail: &Mail) -> Value {
        json!({
            "base_url": mail.get("IMAPS_URL"), "allow_private": true, "user": mail.get("MASTER_USER"),
            "credential": "env:PASSWORD", "ca_file": mail.get("CA_FILE"),
            "config": { "quarantine": "Quarantine" },
        })
    }

    fn planned(&self, mailbox: &str, message: &str) -> PlannedAction {
        let input = json!({ "mailbox": mailbox, "message": message });
        common::planned(&self.manifest, "quarantine_message", input)
    }

    async fn find(&self, message: &str) -> Value {
        let input = json!({ "mailbox": ALICE, "message": message });
        let planned = common::planned(&self.manifest, "find_message", input);
        match self.hands.act(&planned, "k").await {
            Outcome::Accepted { output } => output,
            other => panic!("{message}: {other:?}"),
        }
    }
}

fn sorted(texts: &Value) -> Vec<&str> {
    let mut texts: Vec<&str> = texts.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    texts.sort_unstable();
    texts
}

#[tokio::test]
async fn a_mail_goes_into_quarantine_and_back_to_where_it_lay() {
    let Some(bench) = Bench::start("imap::a_mail_goes_into_quarantine_and_back_to_where_it_lay")
    else {
        return;
    };
    let (mail, id) = (&bench.mail, "<a1.b2@evil.test>");
    mail.deliver(ALICE, id, "Invoice \"overdue\"");
    mail.deliver(ALICE, "<xa1.b2@evil.test>", "another, whose id ends in the same way");
    mail.deliver("bob@corp.test", id, "the same to somebody else");
    // She has put one copy aside, and one into a folder with a space in its name.
    let aside = mail.as_client(
        ALICE,
        &[
            "CREATE \"Old mail\"",
            "SELECT INBOX",
            "UID COPY 1 \"Old mail\"",
            "UID COPY 1 \"Old mail\"",
        ],
    );
    assert!(!aside.contains(" NO ") && !aside.contains(" BAD "), "{aside}");

    let found = bench.find(id).await;
    assert_eq!(sorted(&found["folders"]), ["INBOX", "Old mail", "Old mail"]);
    assert_eq!(found["subject"], "Invoice \"overdue\"");
    assert_eq!(bench.find("a1.b2@evil.test").await["found"], true, "without brackets as well");
    assert_eq!(bench.find("<b2@evil.test>").await["found"], false, "a part is no id");

    let act = bench.planned(ALICE, id);
    let look = bench.hands.look(&act, "k").await.unwrap();
    assert_eq!(look.presence, Presence::Absent);
    assert_eq!(sorted(&look.before["folders"]), ["INBOX", "Old mail", "Old mail"]);
    let done = bench.hands.act(&act, "k").await;
    assert_eq!(done, Outcome::Accepted { output: json!({ "state": "quarantined" }) });
    assert_eq!(bench.hands.verify(&act, "k", &Value::Null).await, Ok(true));
    let counts = |mail: &Mail| {
        ["", "Old mail", "Quarantine"].map(|folder| mail.count(ALICE, folder, " <a1.b2@evil.test>"))
    };
    assert_eq!(counts(mail), [0, 0, 3]);
    assert_eq!(mail.folder(ALICE, "").len(), 1, "the other stays");
    assert_eq!(mail.count("bob@corp.test", "", id), 1, "and so does somebody else's");
    let seen = mail.as_client(ALICE, &["LIST \"\" \"*\"", "SELECT Quarantine"]);
    assert!(
        !seen.contains("\"/\" Quarantine") && seen.contains("t2 NO"),
        "hidden from its owner: {seen}"
    );

    let again = bench.hands.act(&act, "k").await;
    assert!(
        matches!(again, Outcome::Failed { retry: false, .. }),
        "nothing is left to move: {again:?}"
    );
    assert_eq!(bench.hands.probe(&act, "k", &Value::Null).await, Ok(Presence::Present));

    let record = json!({ "state": "quarantined", "before": look.before });
    assert_eq!(bench.hands.undo_verify(&act, "k", &record).await, Ok(false));
    let undone = bench.hands.undo(&act, "k", &record).await;
    assert!(matches!(undone, Outcome::Accepted { .. }), "{undone:?}");
    assert_eq!(bench.hands.undo_verify(&act, "k", &record).await, Ok(true));
    assert_eq!(counts(mail), [1, 2, 0], "each where it was");
}

#[tokio::test]
async fn what_came_after_the_look_goes_back_to_the_inbox() {
    let Some(bench) = Bench::start("imap::what_came_after_the_look_goes_back_to_the_inbox") else {
        return;
    };
    let act = bench.planned(ALICE, "<late@evil.test>");
    let look = bench.hands.look(&act, "k").await.unwrap();
    assert_eq!((look.presence, &look.before), (Presence::Absent, &json!({ "folders": [] })));
    let nothing = bench.hands.act(&act, "k").await;
    let Outcome::Failed { why, retry: false, .. } = &nothing else { panic!("{nothing:?}") };
    assert!(why.contains("has no message <late@evil.test>"), "{why}");
    bench.mail.deliver(ALICE, "<late@evil.test>", "late");
    let done = bench.hands.act(&act, "k").await;
    assert!(matches!(done, Outcome::Accepted { .. }), "{done:?}");
    let record = json!({ "state": "quarantined", "before": look.before });
    let undone = bench.hands.undo(&act, "k", &record).await;
    assert!(matches!(undone, Outcome::Accepted { .. }), "{undone:?}");
    assert_eq!(bench.mail.count(ALICE, "", "<late@evil.test>"), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_outcome_unknown() {
    let Some(bench) = Bench::start("imap::an_answer_that_is_lost_leaves_the_outcome_unknown")
    else {
        return;
    };
    bench.mail.deliver(ALICE, "<a1@evil.test>", "x");
    let cut = Cut::start(bench.mail.imap_port, b"UID MOVE", 1);
    let mut instance = Bench::instance(&bench.mail);
    instance["base_url"] = json!(format!("imap://127.0.0.1:{}", cut.port));
    instance["plaintext"] = json!(true);
    let hands = hands(&bench.manifest, instance, bench.mail.get("STANCH_PASSWORD"));
    let act = bench.planned(ALICE, "<a1@evil.test>");
    let outcome = hands.act(&act, "k").await;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(cut.left(), 0);
    assert_eq!(hands.probe(&act, "k", &Value::Null).await, Ok(Presence::Present));
    assert_eq!(bench.mail.moves_to("Quarantine"), 1);
}

#[tokio::test]
async fn no_id_and_no_address_says_more_than_itself() {
    let Some(bench) = Bench::start("imap::no_id_and_no_address_says_more_than_itself") else {
        return;
    };
    bench.mail.deliver(ALICE, "<a1@evil.test>", "x");
    for message in [
        "*",
        "<*>",
        "",
        "a1@evil.test> OR ALL",
        "\" OR ALL \"",
        "<a1@evil.test>\" ALL \"",
        "\\",
        "\"",
        "x\r\na9 UID MOVE 1:* Quarantine",
        "{1}",
        "{1}\r\nx",
        "x\0",
        "<\u{e9}@evil.test>",
        "1:*",
        "%",
    ] {
        let outcome = bench.hands.act(&bench.planned(ALICE, message), "k").await;
        assert!(
            matches!(outcome, Outcome::Failed { retry: false, .. }),
            "{message:?}: {outcome:?}"
        );
    }
    for mailbox in [
        "bob@corp.test*stanch@corp.test",
        "nobody@corp.test",
        "alice@other.test",
        "stanch@corp.test",
    ] {
        let outcome = bench.hands.act(&bench.planned(mailbox, "<a1@evil.test>"), "k").await;
        assert!(
            matches!(outcome, Outcome::Failed { retry: false, .. }),
            "{mailbox:?}: {outcome:?}"
        );
    }
    assert_eq!(bench.mail.moves_to("Quarantine"), 0);
    assert_eq!(bench.mail.count(ALICE, "", "<a1@evil.test>"), 1);
}

#[tokio::test]
async fn the_password_goes_to_the_right_server_under_tls_or_nowhere() {
    let Some(mail) =
        Mail::start("imap::the_password_goes_to_the_right_server_under_tls_or_nowhere")
    else {
        return;
    };
    let (manifest, password) = (manifest(), mail.get("STANCH_PASSWORD").to_owned());
    let ask = async |change: Value, password: &str| {
        let mut instance = Bench::instance(&mail);
        instance.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let find = json!({ "mailbox": ALICE, "message": "<a1@evil.test>" });
        let find = common::planned(&manifest, "find_message", find);
        hands(&manifest, instance, password).act(&find, "k").await
    };
    let start_tls = mail.get("IMAP_URL").to_owned();
    for change in [
        json!({}),
        json!({ "base_url": start_tls }),
        json!({ "base_url": start_tls, "plaintext": true, "ca_file": null }),
    ] {
        let outcome = ask(change.clone(), &password).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{change}: {outcome:?}");
    }
    for (change, password, expect) in [
        (json!({ "ca_file": null }), &*password, "ca_file"),
        (json!({ "base_url": start_tls, "ca_file": null }), &password, "ca_file"),
        (json!({ "allow_private": false }), &password, "allow_private"),
        (json!({ "user": null }), &password, "nobody signs in"),
        (
            json!({ "user": "bob@corp.test" }),
            &password,
            "does not let bob@corp.test in for alice@corp.test",
        ),
        (json!({}), " ", "nobody signs in"),
        (json!({}), "wrong-password", "AUTHENTICATIONFAILED"),
    ] {
        let outcome = ask(change.clone(), password).await;
        let Outcome::Failed { why, retry: false, .. } = &outcome else {
            panic!("{change}: {outcome:?}")
        };
        assert!(why.contains(expect), "{change}: {why}");
        assert!(
            !why.contains("wrong-password") && !why.contains(mail.get("STANCH_PASSWORD")),
            "{why}"
        );
    }
}

/// A server that greets, and says the same to everything.
async fn nonsense(greeting: &'static str, answer: &'static [u8]) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                if stream.write_all(greeting.as_bytes()).await.is_err() {
                    return;
                }
                while let Ok(1..) = stream.read(&mut chunk).await {
                    if answer.is_empty() || stream.write_all(answer).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn nonsense_is_no_answer_and_costs_little() {
    let manifest = manifest();
    let flood: &[u8] = &[b'('; 300_000];
    for (greeting, answer, expect) in [
        ("220 smtp.test ESMTP\r\n", &b""[..], "no IMAP"),
        ("* BYE too busy\r\n", b"", "turns us away: too busy"),
        ("* OK hi\r\n", b"", "closed the connection"),
        ("* OK hi\r\n", b"* {4294967295}\r\n", "more than 256 KiB"),
        ("* OK hi\r\n", b"a9 OK later\r\n", "lets nobody in"),
        ("* OK hi\r\n", flood, "a line of more than"),
    ] {
        let port = nonsense(greeting, answer).await;
        let instance = json!({
            "base_url": format!("imap://127.0.0.1:{port}"), "allow_private": true, "plaintext": true,
            "user": "stanch", "credential": "env:PASSWORD", "config": { "quarantine": "Quarantine" },
        });
        let input = json!({ "mailbox": ALICE, "message": "<a1@evil.test>" });
        let act = common::planned(&manifest, "quarantine_message", input);
        let outcome = hands(&manifest, instance, common::SECRET).act(&act, "k").await;
        let Outcome::Failed { why, .. } = &outcome else { panic!("{expect}: {outcome:?}") };
        assert!(why.contains(expect), "{expect}: {why}");
    }
}

/// A mail server with the message in two folders, that answers each `UID MOVE` with the next of `moves`
/// (`BYE` hangs up), and opens a folder for writing in the edition `edition`.
async fn mailbox(can: &'static str, edition: u32, moves: &'static [&'static str]) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(read));
        let mut moves = moves.iter();
        write.write_all(b"* OK hi\r\n").await.unwrap();
        let mut signing_in = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            let (tag, command) = line.split_once(' ').unwrap_or(("", &line));
            let verb = command.split(' ').take(2).collect::<Vec<_>>().join(" ");
            let said = match verb.as_str() {
                _ if !signing_in.is_empty() => {
                    format!("{} OK\r\n", std::mem::take(&mut signing_in))
                }
                "AUTHENTICATE PLAIN" => {
                    tag.clone_into(&mut signing_in);
                    "+ \r\n".to_owned()
                }
                "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 {can}\r\n{tag} OK\r\n"),
                "LIST \"\"" => format!(
                    "* LIST () \"/\" A\r\n* LIST () \"/\" B\r\n* LIST () \"/\" Quarantine\r\n{tag} OK\r\n"
                ),
                "UID SEARCH" => format!("* SEARCH 7\r\n{tag} OK\r\n"),
                "UID FETCH" => {
                    let head = "Message-ID: <a1@evil.test>\r\n\r\n";
                    format!(
                        "* 1 FETCH (BODY[HEADER.FIELDS (X)] {{{}}}\r\n{head} UID 7)\r\n{tag} OK\r\n",
                        head.len()
                    )
                }
                "UID MOVE" => match moves.next() {
                    Some(&"BYE") | None => break,
                    Some(word) => format!("{tag} {word}\r\n"),
                },
                other if other.starts_with("EXAMINE") => {
                    format!("* OK [UIDVALIDITY 1] x\r\n{tag} OK\r\n")
                }
                other if other.starts_with("SELECT") => {
                    format!("* OK [UIDVALIDITY {edition}] x\r\n{tag} OK\r\n")
                }
                _ => format!("{tag} OK\r\n"),
            };
            write.write_all(said.as_bytes()).await.unwrap();
        }
    });
    port
}

#[tokio::test]
async fn each_answer_to_a_move_is_taken_for_what_it_is() {
    let manifest = manifest();
    for (can, edition, moves, expect) in [
        ("MOVE", 1, &["OK", "OK"][..], "Accepted"),
        ("IMAP4rev2", 1, &["OK", "OK"], "Accepted"),
        (
            "MOVE",
            1,
            &["NO over quota"],
            "does not move it from A to Quarantine: over quota\", retry: false",
        ),
        // One copy is moved by then.
        ("MOVE", 1, &["OK", "NO over quota"], "Unknown"),
        ("MOVE", 1, &["BYE"], "Unknown { why: \"the connection broke"),
        ("MOVE", 1, &["OK", "BYE"], "Unknown"),
        ("MOVE", 2, &["OK", "OK"], "made anew meanwhile\", retry: true"),
        ("UIDPLUS", 1, &["OK", "OK"], "cannot move messages in one step"),
    ] {
        let port = mailbox(can, edition, moves).await;
        let instance = json!({
            "base_url": format!("imap://127.0.0.1:{port}"), "allow_private": true, "plaintext": true,
            "user": "stanch", "credential": "env:PASSWORD", "config": { "quarantine": "Quarantine" },
        });
        let input = json!({ "mailbox": ALICE, "message": "<a1@evil.test>" });
        let act = common::planned(&manifest, "quarantine_message", input);
        let outcome =
            format!("{:?}", hands(&manifest, instance, common::SECRET).act(&act, "k").await);
        assert!(outcome.contains(expect), "{can} {edition} {moves:?}: {outcome}");
    }
}
