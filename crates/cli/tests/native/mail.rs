//! A mail to a person, and a line for the SIEM: handed over once, and never twice in silence.

use std::{net::UdpSocket, time::Duration};

use serde_json::{Value, json};

use super::{
    servers::{Mail, wait_for},
    stage::Stage,
    support::eventually,
};

const ALICE: &str = "alice@corp.test";

const PLAYBOOK: &str = r#"
playbook: tell-the-owner
title: Tells the owner of an account
max_mode: assist
on: { alert: "'T1098' in alert.techniques" }
steps:
  - id: mail
    do: mail.send
    approve: { count: 1 }
    with:
      to: "${{ has(alert.fields.owner) ? string(alert.fields.owner) : '' }}"
      subject: "Your account: ${{ alert.rule.title }}"
      text: "Please call the help desk."
  - id: line
    do: syslog.send
    with: { text: "mail ${{ steps.mail.message }} to ${{ has(alert.fields.owner) ? string(alert.fields.owner) : '' }}", kind: notice }
"#;

fn stage(server: &Mail, siem: &UdpSocket, folder: &tempfile::TempDir) -> Stage {
    let credential = Stage::secret(folder, server.get("STANCH_PASSWORD"));
    let connectors = format!(
        "  - name: real
    connector: smtp
    base_url: {url}
    allow_private: true
    user: {user}
    credential: {credential}
    ca_file: {ca}
    config: {{ from: {user}, notify: [] }}
  - name: siem
    connector: syslog
    base_url: syslog://{siem}
    allow_private: true
",
        url = server.get("SMTP_URL"),
        user = server.get("SENDER"),
        ca = server.get("CA_FILE"),
        siem = siem.local_addr().unwrap(),
    );
    Stage::bound(&connectors, &[("mail.send", "real"), ("syslog.send", "siem")]).playbook(PLAYBOOK)
}

fn siem() -> UdpSocket {
    let siem = UdpSocket::bind("127.0.0.1:0").unwrap();
    siem.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    siem
}

/// Up to the plan that waits.
fn plan(stage: &Stage, server: &Mail) -> Value {
    stage.finding("T1098", &json!({ "owner": ALICE }));
    let approval = stage.waiting();
    assert_eq!(approval["playbook"], "tell-the-owner");
    let action = &approval["plan"]["actions"][0];
    assert_eq!((&action["effect"], &action["undo"]), (&json!("irreversible"), &Value::Null));
    assert_eq!(action["target"]["value"], ALICE);
    assert!(server.folder(ALICE, "").is_empty(), "a plan sends nothing");
    approval
}

/// The run's step of that name.
fn step(stage: &Stage, key: &str) -> Option<Value> {
    let runs = stage.json(&["run", "list"]);
    let run = runs["items"].as_array()?.first()?["id"].as_str()?.to_owned();
    let shown = stage.json(&["run", "show", &run]);
    shown["steps"].as_array()?.iter().find(|step| step["key"] == key).cloned()
}

#[test]
fn a_mail_goes_out_after_a_yes_and_the_siem_hears_of_it() {
    let Some(server) =
        Mail::start("native::mail::a_mail_goes_out_after_a_yes_and_the_siem_hears_of_it")
    else {
        return;
    };
    let (siem, folder) = (siem(), tempfile::tempdir().unwrap());
    let mut stage = stage(&server, &siem, &folder);
    stage.start(None);
    let approval = plan(&stage, &server);
    stage.approve(&approval);
    let text = wait_for("the mail to arrive", || server.folder(ALICE, "").into_iter().next());
    assert!(text.contains("Subject: Your account: A finding of the test"), "{text}");
    let mut packet = [0; 2_048];
    let length = siem.recv(&mut packet).unwrap();
    let line = String::from_utf8_lossy(&packet[..length]).into_owned();
    let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    assert!(line.ends_with(&format!("mail {id} to {ALICE}")), "{line}");
    eventually("the step to be done", || {
        step(&stage, "mail").filter(|step| step["state"] == "verified")
    });
    assert_eq!(server.folder(ALICE, "").len(), 1);
    stage.audit();
}

#[test]
fn a_death_after_the_intent_is_a_matter_for_a_person() {
    let Some(server) =
        Mail::start("native::mail::a_death_after_the_intent_is_a_matter_for_a_person")
    else {
        return;
    };
    let (siem, folder) = (siem(), tempfile::tempdir().unwrap());
    let mut stage = stage(&server, &siem, &folder);
    stage.start(Some("intended:0"));
    let approval = plan(&stage, &server);
    stage.approve(&approval);
    stage.wait_for_death();
    stage.start(None);
    // Whether it went out nobody can be asked, so it is not sent again by itself.
    let step = eventually("the step to be unknown", || {
        step(&stage, "mail").filter(|step| step["state"] == "unknown")
    });
    assert!(step["note"].as_str().unwrap().contains("cannot be asked"), "{step}");
    assert!(server.folder(ALICE, "").is_empty());
    stage.audit();
}
