//! A stolen account, on OpenLDAP.

use serde_json::json;

use super::{
    servers::{Cut, Slapd},
    stage::Stage,
};

/// Every change that disables an account holds it.
const MARK: &str = "000001010000Z";

/// A stage on the directory, reached on that port.
fn stage(slapd: &Slapd, port: u16, folder: &tempfile::TempDir) -> Stage {
    let credential = Stage::secret(folder, slapd.get("STANCH_PASSWORD"));
    let connector = format!(
        "  - name: real
    connector: openldap
    base_url: ldap://127.0.0.1:{port}
    allow_private: true
    plaintext: {plain}
    user: {user}
    credential: {credential}
    ca_file: {ca}
    config: {{ people: \"{people}\" }}
",
        plain = port != slapd.port,
        user = slapd.get("STANCH_USER"),
        ca = slapd.get("CA_FILE"),
        people = slapd.get("PEOPLE"),
    );
    Stage::new(&connector, &["directory.find_account", "directory.disable_account"])
}

/// The alert is delivered and the plan waits; nothing has happened to the account.
fn plan(stage: &Stage, slapd: &Slapd) -> serde_json::Value {
    stage.finding("T1078", &json!({ "actor": { "user": { "name": "Alice" } } }));
    let approval = stage.waiting();
    assert_eq!(approval["playbook"], "disable-compromised-account");
    let action = &approval["plan"]["actions"][0];
    assert_eq!(
        (&action["name"], &action["target"]["value"]),
        (&json!("directory.disable_account"), &json!("alice"))
    );
    assert_eq!(action["undo"], "Enable the account again");
    assert_eq!(action["practice"], false);
    assert!(slapd.lets_in_rightly("alice"), "a plan does nothing");
    approval
}

/// It is disabled, by one act; it is taken back, and everything is as it was.
fn verified_once_and_taken_back(stage: &Stage, slapd: &Slapd) {
    let row = stage.row("verified");
    assert_eq!(slapd.acts_with(MARK), 1, "acted on exactly once");
    assert!(!slapd.lets_in_rightly("alice"), "disabled");
    assert_eq!(row["prior"], false);
    stage.undo(&row);
    stage.row("undone");
    assert!(slapd.lets_in_rightly("alice"), "enabled again");
    stage.audit();
}

#[test]
fn an_account_is_disabled_and_comes_back() {
    let Some(slapd) = Slapd::start("native::openldap::an_account_is_disabled_and_comes_back")
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut stage = stage(&slapd, slapd.port, &folder);
    stage.start(None);
    let approval = plan(&stage, &slapd);
    stage.approve(&approval);
    verified_once_and_taken_back(&stage, &slapd);
}

#[test]
fn a_death_after_the_intent_acts_once() {
    let Some(slapd) = Slapd::start("native::openldap::a_death_after_the_intent_acts_once") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut stage = stage(&slapd, slapd.port, &folder);
    stage.start(Some("intended:0"));
    let approval = plan(&stage, &slapd);
    stage.approve(&approval);
    stage.wait_for_death();
    assert!(slapd.lets_in_rightly("alice"), "it died before it acted");
    stage.start(None);
    verified_once_and_taken_back(&stage, &slapd);
}

#[test]
fn a_death_before_the_answer_acts_once_and_restores_a_lock_out() {
    let test = "native::openldap::a_death_before_the_answer_acts_once_and_restores_a_lock_out";
    let Some(slapd) = Slapd::start(test) else { return };
    let cut = Cut::start(slapd.port, MARK.as_bytes(), 1);
    let folder = tempfile::tempdir().unwrap();
    let mut stage = stage(&slapd, cut.port, &folder);
    stage.start(None);
    let approval = plan(&stage, &slapd);
    // Somebody guesses while the plan waits: what the undo goes back to is what was there at the act.
    (0..3).for_each(|_| assert!(!slapd.lets_in("alice", "wrong")));
    let locked_since = slapd.values("alice", "pwdAccountLockedTime");
    assert_eq!(locked_since.len(), 1);
    stage.approve(&approval);
    cut.wait();
    stage.kill();
    stage.start(None);
    let row = stage.row("verified");
    assert_eq!(slapd.acts_with(MARK), 1, "acted on exactly once");
    assert_eq!(slapd.values("alice", "pwdAccountLockedTime"), [MARK]);
    stage.undo(&row);
    stage.row("undone");
    assert_eq!(slapd.values("alice", "pwdAccountLockedTime"), locked_since, "locked out as before");
    stage.audit();
}
