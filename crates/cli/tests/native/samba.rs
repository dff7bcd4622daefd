//! A stolen account, in Active Directory.
//!
//! One test for all, since a domain takes a quarter of a minute to be made.

use serde_json::json;

use super::{
    servers::{Cut, Samba, WRITES_PER_CHANGE},
    stage::Stage,
};

/// A stage on the domain, reached at that address.
fn stage(samba: &Samba, url: &str, plaintext: bool, folder: &tempfile::TempDir) -> Stage {
    let credential = Stage::secret(folder, samba.get("STANCH_PASSWORD"));
    let connector = format!(
        "  - name: real
    connector: active_directory
    base_url: {url}
    allow_private: true
    plaintext: {plaintext}
    user: {user}
    credential: {credential}
    ca_file: {ca}
    config: {{ base: \"{base}\" }}
",
        user = samba.get("STANCH_USER"),
        ca = samba.get("CA_FILE"),
        base = samba.get("BASE"),
    );
    Stage::new(&connector, &["directory.find_account", "directory.disable_account"])
}

/// Up to the plan that waits; nothing has happened to the account.
fn plan(stage: &Stage, samba: &Samba, user: &str) -> serde_json::Value {
    stage
        .finding("T1078", &json!({ "actor": { "user": { "name": format!("{user}@corp.test") } } }));
    let approval = stage.waiting();
    assert_eq!(approval["playbook"], "disable-compromised-account");
    assert_eq!(
        approval["plan"]["actions"][0]["target"]["value"], user,
        "the name that the guard knows"
    );
    assert_eq!(samba.turns_away_rightly(user), None, "a plan does nothing");
    approval
}

/// It is disabled, by one act; it is taken back, and all its flags are as they were.
fn verified_once_and_taken_back(
    stage: &Stage,
    samba: &Samba,
    user: &str,
    before: (u32, Vec<String>),
) {
    let (writes, flags) = before;
    let row = stage.row("verified");
    assert_eq!(samba.writes(user), writes + WRITES_PER_CHANGE, "acted on exactly once");
    assert_eq!(samba.turns_away_rightly(user).as_deref(), Some("533"), "disabled");
    stage.undo(&row);
    stage.row("undone");
    assert_eq!(samba.values(user, "userAccountControl"), flags);
    assert_eq!(samba.turns_away_rightly(user), None, "enabled again");
    stage.audit();
}

fn state(samba: &Samba, user: &str) -> (u32, Vec<String>) {
    (samba.writes(user), samba.values(user, "userAccountControl"))
}

#[test]
fn an_account_is_disabled_once_whatever_dies() {
    let Some(samba) = Samba::start("native::samba::an_account_is_disabled_once_whatever_dies")
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();

    // Dead between the intent and the act.
    let before = state(&samba, "alice");
    let mut first = stage(&samba, samba.get("LDAPS_URL"), false, &folder);
    first.start(Some("intended:0"));
    let approval = plan(&first, &samba, "alice");
    first.approve(&approval);
    first.wait_for_death();
    assert_eq!(samba.turns_away_rightly("alice"), None, "it died before it acted");
    first.start(None);
    verified_once_and_taken_back(&first, &samba, "alice", before);
    drop(first);

    // Dead between the act and its answer.
    let before = state(&samba, "bob");
    let cut = Cut::start_at(samba.address(), b"66082", 1);
    let mut second = stage(&samba, &format!("ldap://127.0.0.1:{}", cut.port), true, &folder);
    second.start(None);
    let approval = plan(&second, &samba, "bob");
    second.approve(&approval);
    cut.wait();
    second.kill();
    second.start(None);
    verified_once_and_taken_back(&second, &samba, "bob", before);
}
