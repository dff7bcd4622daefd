//! Accounts in Active Directory: a Samba domain controller that locks out, disables and asks for new passwords.
//!
//! One test for all, since a domain takes a quarter of a minute to be made.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;
mod servers;

use std::{fs, sync::Arc};

use serde_json::{Value, json};
use servers::{Samba, WRITES_PER_CHANGE};
use stanch_connector::{Hands, Outcome, Presence, Secrets};
use stanch_model::{manifest::Manifest, plan::PlannedAction};

struct Bench {
    samba: Samba,
    manifest: Manifest,
    hands: Hands,
}

impl Bench {
    fn start(test: &str) -> Option<Self> {
        let samba = Samba::start(test)?;
        let path = common::content_folder().join("active_directory/connector.yaml");
        let manifest = common::manifest(&fs::read_to_string(path).unwrap());
        let hands = Self::hands(&samba, &manifest, json!({}), samba.get("STANCH_PASSWORD"));
        Some(Self { samba, manifest, hands })
    }

    fn hands(samba: &Samba, manifest: &Manifest, change: Value, password: &str) -> Hands {
        let mut instance = json!({
            "base_url": samba.get("LDAPS_URL"), "allow_private": true, "user": samba.get("STANCH_USER"),
            "credential": "env:PASSWORD", "ca_file": samba.get("CA_FILE"),
            "config": { "base": samba.get("BASE") },
        });
        let Value::Object(change) = change else { panic!("{change}") };
        instance.as_object_mut().unwrap().extend(change);
        let password = password.to_owned();
        let secrets = Secrets::new(move |name| (name == "PASSWORD").then(|| password.clone()));
        Hands::new(Arc::new(common::catalog(manifest, instance)), secrets)
    }

    fn planned(&self, action: &str, user: &str) -> PlannedAction {
        common::planned(&self.manifest, action, json!({ "user": user }))
    }

    async fn find(&self, user: &str) -> Value {
        match self.hands.act(&self.planned("find_account", user), "k").await {
            Outcome::Accepted { output } => output,
            other => panic!("{user}: {other:?}"),
        }
    }

    async fn acts(&self, planned: &PlannedAction) {
        let done = self.hands.act(planned, "k").await;
        assert!(matches!(done, Outcome::Accepted { .. }), "{done:?}");
        assert_eq!(self.hands.verify(planned, "k", &Value::Null).await, Ok(true));
        assert_eq!(self.hands.probe(planned, "k", &Value::Null).await, Ok(Presence::Present));
    }

    async fn undoes(&self, planned: &PlannedAction) {
        let record = json!({ "before": {} });
        assert_eq!(self.hands.undo_verify(planned, "k", &record).await, Ok(false));
        let undone = self.hands.undo(planned, "k", &record).await;
        assert!(matches!(undone, Outcome::Accepted { .. }), "{undone:?}");
        assert_eq!(self.hands.undo_verify(planned, "k", &record).await, Ok(true));
    }

    /// What the connector says when alice herself signs in with that password.
    async fn says_of_sign_in(&self, password: &str) -> String {
        let change = json!({ "user": "alice@corp.test" });
        let hands = Self::hands(&self.samba, &self.manifest, change, password);
        match hands.act(&self.planned("find_account", "alice"), "k").await {
            Outcome::Failed { why, retry: false, .. } => why,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn accounts_of_a_domain() {
    let Some(bench) = Bench::start("active_directory::accounts_of_a_domain") else { return };
    found(&bench).await;
    locked_out_and_unlocked(&bench).await;
    disabled_and_back(&bench).await;
    a_new_password(&bench).await;
    neither_name_nor_right(&bench).await;
    start_tls(&bench).await;
}

async fn found(bench: &Bench) {
    let alice = json!({ "found": true, "id": "CN=alice,OU=people,DC=corp,DC=test", "user": "alice",
        "name": "Alice A", "mail": "alice@corp.test", "state": "enabled", "locked": false });
    assert_eq!(bench.find("alice").await, alice);
    assert_eq!(bench.find("Alice@Corp.Test").await, alice, "by her other name as well");
    assert_eq!(bench.find("BOB").await["user"], "bob", "one spelling for the guard");
    assert_eq!(bench.find("nobody").await["found"], false);
}

async fn locked_out_and_unlocked(bench: &Bench) {
    let (samba, right) = (&bench.samba, bench.samba.get("USER_PASSWORD").to_owned());
    for _ in 0..3 {
        assert_eq!(samba.turns_away("alice", "wrong").as_deref(), Some("52e"));
    }
    assert_eq!(samba.turns_away_rightly("alice").as_deref(), Some("775"), "locked out");
    let why = bench.says_of_sign_in(&right).await;
    assert!(why.contains("data 775") && why.contains("the account is locked out"), "{why}");
    assert_eq!(bench.find("alice").await["locked"], true);
    bench.acts(&bench.planned("unlock_account", "alice")).await;
    assert_eq!(bench.find("alice").await["locked"], false);
    assert_eq!(samba.turns_away("alice", "wrong").as_deref(), Some("52e"));
    assert_eq!(samba.turns_away_rightly("alice"), None, "the wrong passwords before are forgotten");
    let why = bench.says_of_sign_in("wrong").await;
    assert!(why.contains("data 52e") && why.contains("the password is wrong"), "{why}");
    assert_eq!(samba.turns_away_rightly("alice"), None);
}

async fn disabled_and_back(bench: &Bench) {
    let (samba, right) = (&bench.samba, bench.samba.get("USER_PASSWORD").to_owned());
    for (user, flags, disabled) in [("alice", "512", "514"), ("bob", "66080", "66082")] {
        let act = bench.planned("disable_account", user);
        let look = bench.hands.look(&act, "k").await.unwrap();
        assert_eq!((look.presence, look.before), (Presence::Absent, json!({})));
        let before = samba.writes(user);
        bench.acts(&act).await;
        bench.acts(&act).await;
        assert_eq!(samba.writes(user), before + WRITES_PER_CHANGE, "the second changed nothing");
        assert_eq!(samba.values(user, "userAccountControl"), [disabled]);
        assert_eq!(samba.turns_away_rightly(user).as_deref(), Some("533"), "disabled");
        assert_eq!(bench.find(user).await["state"], "disabled");
        if user == "alice" {
            let why = bench.says_of_sign_in(&right).await;
            assert!(why.contains("data 533") && why.contains("the account is disabled"), "{why}");
        }
        bench.undoes(&act).await;
        assert_eq!(samba.values(user, "userAccountControl"), [flags], "no other flag has changed");
        assert_eq!(samba.turns_away_rightly(user), None);
    }
}

async fn a_new_password(bench: &Bench) {
    let act = bench.planned("require_password_change", "alice");
    assert_eq!(bench.hands.probe(&act, "k", &Value::Null).await, Ok(Presence::Absent));
    bench.acts(&act).await;
    assert_eq!(bench.samba.turns_away_rightly("alice").as_deref(), Some("773"));
    bench.undoes(&act).await;
    assert_eq!(bench.samba.turns_away_rightly("alice"), None);
    // Bob's never runs out: accepted, and not seen.
    let act = bench.planned("require_password_change", "bob");
    let accepted = bench.hands.act(&act, "k").await;
    assert!(matches!(accepted, Outcome::Accepted { .. }), "{accepted:?}");
    assert_eq!(bench.hands.verify(&act, "k", &Value::Null).await, Ok(false));
}

async fn neither_name_nor_right(bench: &Bench) {
    let before = ["alice", "bob"].map(|user| bench.samba.writes(user));
    for name in [
        "*",
        "a*",
        "alice)(sAMAccountName=*",
        "*)(|(cn=*",
        "\\2a",
        "\\",
        "alice@corp.test",
        "CORP\\alice",
        "\u{ff41}lice",
        "ali\u{ad}ce",
        "dc1$",
        "nobody",
    ] {
        for action in ["disable_account", "unlock_account", "require_password_change"] {
            let outcome = bench.hands.act(&bench.planned(action, name), "k").await;
            assert!(
                matches!(outcome, Outcome::Failed { retry: false, .. }),
                "{name:?}: {outcome:?}"
            );
        }
        let found = bench.find(name).await;
        assert!(found["found"] == false || found["user"] == "alice", "{name:?}: {found}");
    }
    let after = ["alice", "bob"].map(|user| bench.samba.writes(user));
    assert_eq!(before, after, "nothing was changed");
    // Where it has no right it cannot act, whatever it is told.
    let outcome = bench.hands.act(&bench.planned("disable_account", "administrator"), "k").await;
    let Outcome::Failed { why, retry: false, .. } = &outcome else { panic!("{outcome:?}") };
    assert!(why.contains("insufficientAccessRights (50)"), "{why}");
}

async fn start_tls(bench: &Bench) {
    let password = bench.samba.get("STANCH_PASSWORD");
    for change in [
        json!({ "base_url": bench.samba.get("LDAP_URL") }),
        json!({ "base_url": bench.samba.get("LDAP_URL"), "plaintext": true, "ca_file": null }),
    ] {
        let hands = Bench::hands(&bench.samba, &bench.manifest, change.clone(), password);
        let outcome = hands.act(&bench.planned("find_account", "alice"), "k").await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{change}: {outcome:?}");
    }
}
