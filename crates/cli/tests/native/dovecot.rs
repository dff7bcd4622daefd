//! A reported mail, on Dovecot.

use serde_json::json;

use super::{
    servers::{Cut, Mail},
    stage::Stage,
};

const ALICE: &str = "alice@corp.test";
const ID: &str = "<a1@evil.test>";

/// A stage on the mail server, reached on that port, with the mail delivered and put aside by its reader.
fn stage(mail: &Mail, port: u16, folder: &tempfile::TempDir) -> Stage {
    mail.deliver(ALICE, ID, "Invoice");
    let aside = mail.as_client(ALICE, &["CREATE Later", "SELECT INBOX", "UID MOVE 1 Later"]);
    assert!(aside.contains("t3 OK"), "{aside}");
    let credential = Stage::secret(folder, mail.get("STANCH_PASSWORD"));
    let connector = format!(
        "  - name: real
    connector: dovecot
    base_url: imap://127.0.0.1:{port}
    allow_private: true
    plaintext: {plain}
    user: {user}
    credential: {credential}
    ca_file: {ca}
    config: {{ quarantine: Quarantine }}
",
        plain = port != mail.imap_port,
        user = mail.get("MASTER_USER"),
        ca = mail.get("CA_FILE"),
    );
    Stage::new(&connector, &["mailbox.quarantine"])
}

/// The alert is delivered and the plan waits; the mail lies where it lay.
fn plan(stage: &Stage, mail: &Mail) -> serde_json::Value {
    stage.finding(
        "T1566",
        &json!({ "email": { "message_uid": ID, "delivered_to": "Alice@corp.test" } }),
    );
    let approval = stage.waiting();
    assert_eq!(approval["playbook"], "quarantine-reported-mail");
    let action = &approval["plan"]["actions"][0];
    assert_eq!(
        (&action["name"], &action["target"]["value"]),
        (&json!("mailbox.quarantine"), &json!(ALICE))
    );
    assert_eq!(action["undo"], "Put the message back where it was");
    assert_eq!(mail.count(ALICE, "Later", ID), 1, "a plan does nothing");
    approval
}

/// It is in quarantine, by one move; it is taken back to the folder that it came from.
fn verified_once_and_taken_back(stage: &Stage, mail: &Mail) {
    let row = stage.row("verified");
    assert_eq!(mail.moves_to("Quarantine"), 1, "acted on exactly once");
    assert_eq!([mail.count(ALICE, "Later", ID), mail.count(ALICE, "Quarantine", ID)], [0, 1]);
    assert_eq!(row["output"]["before"], json!({ "folders": ["Later"] }));
    stage.undo(&row);
    stage.row("undone");
    assert_eq!([mail.count(ALICE, "Later", ID), mail.count(ALICE, "Quarantine", ID)], [1, 0]);
    stage.audit();
}

#[test]
fn a_mail_is_quarantined_and_comes_back() {
    let Some(mail) = Mail::start("native::dovecot::a_mail_is_quarantined_and_comes_back") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut stage = stage(&mail, mail.imap_port, &folder);
    stage.start(None);
    let approval = plan(&stage, &mail);
    stage.approve(&approval);
    verified_once_and_taken_back(&stage, &mail);
}

#[test]
fn a_death_after_the_intent_acts_once() {
    let Some(mail) = Mail::start("native::dovecot::a_death_after_the_intent_acts_once") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut stage = stage(&mail, mail.imap_port, &folder);
    stage.start(Some("intended:0"));
    let approval = plan(&stage, &mail);
    stage.approve(&approval);
    stage.wait_for_death();
    assert_eq!(mail.moves_to("Quarantine"), 0, "it died before it acted");
    stage.start(None);
    verified_once_and_taken_back(&stage, &mail);
}

#[test]
fn a_death_before_the_answer_acts_once() {
    let Some(mail) = Mail::start("native::dovecot::a_death_before_the_answer_acts_once") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let cut = Cut::start(mail.imap_port, b"UID MOVE", 1);
    let mut stage = stage(&mail, cut.port, &folder);
    stage.start(None);
    let approval = plan(&stage, &mail);
    stage.approve(&approval);
    cut.wait();
    stage.kill();
    stage.start(None);
    verified_once_and_taken_back(&stage, &mail);
}
