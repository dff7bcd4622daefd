//! Directories over LDAP: a real OpenLDAP that locks accounts out, and servers that speak nonsense.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;
mod servers;

use std::{
    fs,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use servers::{Cut, Slapd};
use stanch_connector::{Hands, Outcome, Presence, Secrets, egress::Resolve, http::Client};
use stanch_model::{
    manifest::{Catalog, Manifest},
    plan::PlannedAction,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn manifest() -> Manifest {
    let path = common::content_folder().join("openldap/connector.yaml");
    common::manifest(&fs::read_to_string(path).unwrap())
}

fn instance(slapd: &Slapd, url: &str) -> Value {
    json!({
        "base_url": url, "allow_private": true, "user": slapd.get("STANCH_USER"),
        "credential": "env:PASSWORD", "ca_file": slapd.get("CA_FILE"),
        "config": { "people": slapd.get("PEOPLE") },
    })
}

fn hands_with(manifest: &Manifest, instance: Value, password: &str) -> Hands {
    let password = password.to_owned();
    let secrets = Secrets::new(move |name| (name == "PASSWORD").then(|| password.clone()));
    Hands::new(Arc::new(common::catalog(manifest, instance)), secrets)
}

/// A directory, and hands for it over ldaps.
struct Bench {
    slapd: Slapd,
    manifest: Manifest,
    hands: Hands,
}

impl Bench {
    fn start(test: &str) -> Option<Self> {
        let slapd = Slapd::start(test)?;
        let manifest = manifest();
        let instance = instance(&slapd, slapd.get("LDAPS_URL"));
        let hands = hands_with(&manifest, instance, slapd.get("STANCH_PASSWORD"));
        Some(Self { slapd, manifest, hands })
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

    fn lock_out(&self, user: &str) {
        (0..3).for_each(|_| assert!(!self.slapd.lets_in(user, "wrong")));
        assert!(!self.slapd.lets_in_rightly(user), "locked out");
    }
}

#[tokio::test]
async fn a_locked_out_account_is_found_and_unlocked() {
    let Some(bench) = Bench::start("ldap::a_locked_out_account_is_found_and_unlocked") else {
        return;
    };
    let found = bench.find("alice").await;
    assert_eq!(
        found,
        json!({ "found": true, "id": "uid=alice,ou=people,dc=corp,dc=test", "user": "alice",
            "name": "Alice", "mail": "alice@corp.test", "state": "enabled", "locked": false })
    );
    bench.lock_out("alice");
    assert_eq!(bench.find("alice").await["locked"], true);

    let unlock = bench.planned("unlock_account", "alice");
    assert_eq!(bench.hands.probe(&unlock, "k", &Value::Null).await, Ok(Presence::Absent));
    for _ in 0..2 {
        let unlocked = Outcome::Accepted { output: json!({ "locked": false }) };
        assert_eq!(bench.hands.act(&unlock, "k").await, unlocked, "natural");
    }
    assert_eq!(bench.hands.verify(&unlock, "k", &Value::Null).await, Ok(true));
    assert_eq!(bench.slapd.acts(), 1, "what is unlocked is left alone");
    assert!(!bench.slapd.lets_in("alice", "wrong"), "one more slip");
    assert!(bench.slapd.lets_in_rightly("alice"), "the wrong passwords before are forgotten");

    let nobody = bench.find("nobody").await;
    assert_eq!((&nobody["found"], &nobody["state"]), (&json!(false), &json!("")));
    assert_eq!(bench.find("BOB").await["user"], "bob", "one spelling for the guard");
}

#[tokio::test]
async fn a_disabled_account_comes_back_as_it_was() {
    let Some(bench) = Bench::start("ldap::a_disabled_account_comes_back_as_it_was") else { return };
    let disable = bench.planned("disable_account", "alice");
    for is_locked in [false, true] {
        if is_locked {
            bench.lock_out("alice");
        }
        let locked_since = bench.slapd.values("alice", "pwdAccountLockedTime");
        assert_eq!(locked_since.len(), usize::from(is_locked));
        let look = bench.hands.look(&disable, "k").await.unwrap();
        assert_eq!(look.presence, Presence::Absent);
        assert_eq!(look.before, json!({ "locked_since": locked_since }));

        for _ in 0..2 {
            let done = Outcome::Accepted { output: json!({ "state": "disabled" }) };
            assert_eq!(bench.hands.act(&disable, "k").await, done);
        }
        assert_eq!(bench.hands.verify(&disable, "k", &Value::Null).await, Ok(true));
        assert!(!bench.slapd.lets_in_rightly("alice"));
        assert_eq!(bench.find("alice").await["state"], "disabled");
        // An unlock is no way around it.
        let unlock = bench.hands.act(&bench.planned("unlock_account", "alice"), "k").await;
        assert!(matches!(unlock, Outcome::Failed { retry: false, .. }), "{unlock:?}");

        let record = json!({ "state": "disabled", "before": look.before });
        assert_eq!(bench.hands.undo_verify(&disable, "k", &record).await, Ok(false));
        let undone = bench.hands.undo(&disable, "k", &record).await;
        assert!(matches!(undone, Outcome::Accepted { .. }), "{undone:?}");
        assert_eq!(bench.hands.undo_verify(&disable, "k", &record).await, Ok(true));
        assert_eq!(bench.slapd.values("alice", "pwdAccountLockedTime"), locked_since);
        assert_eq!(bench.slapd.lets_in_rightly("alice"), !is_locked, "as it was before us");
        // Somebody else has changed it meanwhile: it is not ours any more.
        let again = bench.hands.undo(&disable, "k", &record).await;
        assert!(matches!(again, Outcome::Failed { retry: false, .. }), "{again:?}");
    }
}

#[tokio::test]
async fn a_new_password_is_required_and_not_any_more() {
    let Some(bench) = Bench::start("ldap::a_new_password_is_required_and_not_any_more") else {
        return;
    };
    let act = bench.planned("require_password_change", "alice");
    let look = bench.hands.look(&act, "k").await.unwrap();
    assert_eq!(look.before, json!({ "reset": [] }));
    let done = bench.hands.act(&act, "k").await;
    assert!(matches!(done, Outcome::Accepted { .. }), "{done:?}");
    assert_eq!(bench.hands.verify(&act, "k", &Value::Null).await, Ok(true));
    assert_eq!(bench.slapd.values("alice", "pwdReset"), ["TRUE"]);
    let record = json!({ "state": "change_required", "before": look.before });
    let undone = bench.hands.undo(&act, "k", &record).await;
    assert!(matches!(undone, Outcome::Accepted { .. }), "{undone:?}");
    assert_eq!(bench.hands.undo_verify(&act, "k", &record).await, Ok(true));
    assert!(bench.slapd.values("alice", "pwdReset").is_empty());
}

/// What an attacker writes where a name is expected; the last two are names to a directory, which folds
/// full-width letters, but not the name that the guard has seen.
const HOSTILE: [&str; 18] = [
    "*",
    "a*",
    "alice)(uid=*",
    "*)(|(uid=*",
    "alice)(&",
    "alice)(|(objectClass=*",
    "\\2a",
    "\\",
    "alice\\",
    "alice,ou=people,dc=corp,dc=test",
    "alice+cn=x",
    "(",
    ")",
    "alice)(pwdAccountLockedTime=*))(&(uid=x",
    "ou=services",
    "alice\u{200b}",
    "\u{ff41}lice",
    "ali\u{ad}ce",
];

#[tokio::test]
async fn no_name_changes_the_question() {
    let Some(bench) = Bench::start("ldap::no_name_changes_the_question") else { return };
    for name in HOSTILE {
        for action in ["disable_account", "unlock_account", "require_password_change"] {
            let outcome = bench.hands.act(&bench.planned(action, name), "k").await;
            assert!(
                matches!(outcome, Outcome::Failed { retry: false, .. }),
                "{name:?}: {outcome:?}"
            );
        }
        let found = bench.find(name).await;
        if found["found"] == true {
            assert_eq!(
                found["user"], "alice",
                "{name:?} leads to the name that the guard will see"
            );
        }
    }
    assert_eq!(bench.slapd.acts(), 0, "nothing was changed");
    assert!(bench.slapd.lets_in_rightly("alice"));
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_outcome_unknown() {
    let Some(bench) = Bench::start("ldap::an_answer_that_is_lost_leaves_the_outcome_unknown")
    else {
        return;
    };
    let cut = Cut::start(bench.slapd.port, b"000001010000Z", 1);
    let mut instance = instance(&bench.slapd, &format!("ldap://127.0.0.1:{}", cut.port));
    instance["plaintext"] = json!(true);
    let hands = hands_with(&bench.manifest, instance, bench.slapd.get("STANCH_PASSWORD"));
    let disable = bench.planned("disable_account", "alice");
    assert_eq!(hands.probe(&disable, "k", &Value::Null).await, Ok(Presence::Absent));
    let outcome = hands.act(&disable, "k").await;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(cut.left(), 0);
    assert_eq!(hands.probe(&disable, "k", &Value::Null).await, Ok(Presence::Present));
    assert_eq!(bench.slapd.acts(), 1);
}

/// Every name leads to this machine.
struct Here;
impl Resolve for Here {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
        port: u16,
    ) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))]) })
    }
}

#[tokio::test]
async fn the_password_goes_to_the_right_server_under_tls_or_nowhere() {
    let Some(slapd) =
        Slapd::start("ldap::the_password_goes_to_the_right_server_under_tls_or_nowhere")
    else {
        return;
    };
    let (manifest, password) = (manifest(), slapd.get("STANCH_PASSWORD").to_owned());
    let ask = async |change: Value, password: &str| {
        let mut instance = instance(&slapd, slapd.get("LDAPS_URL"));
        instance.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let secret = password.to_owned();
        let secrets = Secrets::new(move |name| (name == "PASSWORD").then(|| secret.clone()));
        let catalog: Catalog = common::catalog(&manifest, instance);
        let client = Client::new(Arc::new(Here));
        let hands = Hands::with_client(Arc::new(catalog), secrets, client);
        let find = common::planned(&manifest, "find_account", json!({ "user": "alice" }));
        hands.act(&find, "k").await
    };
    let tls = slapd.get("LDAPS_URL").replace("127.0.0.1", "localhost");
    let start_tls = slapd.get("LDAP_URL").to_owned();
    for change in [
        json!({}),
        json!({ "base_url": tls }),
        json!({ "base_url": start_tls }),
        json!({ "base_url": start_tls, "plaintext": true, "ca_file": null }),
    ] {
        let outcome = ask(change.clone(), &password).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{change}: {outcome:?}");
    }
    let other_name = tls.replace("localhost", "directory.test");
    let folder = tempfile::tempdir().unwrap();
    let no_pem = folder.path().join("no.pem");
    fs::write(&no_pem, "no certificate").unwrap();
    for (change, expect) in [
        (json!({ "ca_file": null }), "ca_file"),
        (json!({ "base_url": start_tls, "ca_file": null }), "ca_file"),
        (json!({ "base_url": other_name }), "no TLS with directory.test"),
        (json!({ "ca_file": no_pem }), "holds no certificate"),
        (json!({ "ca_file": "/no/such/file" }), "cannot be used"),
        (json!({ "allow_private": false }), "allow_private"),
        (
            json!({ "base_url": start_tls, "plaintext": true, "allow_private": false }),
            "allow_private",
        ),
        (json!({ "user": null }), "nobody signs in"),
        (json!({ "user": "cn=nobody,dc=corp,dc=test" }), "invalidCredentials"),
        (json!({ "credential": null }), "nobody signs in"),
    ] {
        let outcome = ask(change.clone(), &password).await;
        let Outcome::Failed { why, retry: false, .. } = &outcome else {
            panic!("{change}: {outcome:?}")
        };
        assert!(why.contains(expect), "{change}: {why}");
        assert!(!why.contains(&password), "{why}");
    }
    for (password, expect) in
        [("", "empty"), (" ", "nobody signs in"), ("wrong", "invalidCredentials (49)")]
    {
        let outcome = ask(json!({}), password).await;
        let Outcome::Failed { why, retry: false, .. } = &outcome else { panic!("{outcome:?}") };
        assert!(why.contains(expect), "{password:?}: {why}");
    }
}

/// A server that says the same to everybody, and keeps what it heard.
async fn nonsense(answer: Vec<u8>) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
    let kept = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (kept, answer) = (Arc::clone(&kept), answer.clone());
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                    kept.lock().unwrap().extend(&chunk[..read]);
                    if answer.is_empty() || stream.write_all(&answer).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (port, heard)
}

#[tokio::test]
async fn nonsense_is_no_answer_and_costs_little() {
    let manifest = manifest();
    let nested: Vec<u8> =
        std::iter::repeat_n([0x30, 0x84, 0x00, 0x0f, 0xff, 0xff], 200_000).flatten().collect();
    let bind_ok = vec![0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, 0, 4, 0, 4, 0];
    for (answer, expect) in [
        (Vec::new(), "closed the connection"),
        (b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), "no LDAP"),
        (vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], "more than 1 MiB"),
        (vec![0x30, 0x80], "no LDAP"),
        (vec![0x30, 0x05, 0x02, 0x01, 0x07, 0x61, 0x00], "no LDAP"),
        (nested, "no LDAP"),
        // It lets in, and then says that again where a search is to end.
        (bind_ok, "no LDAP"),
    ] {
        let (port, heard) = nonsense(answer).await;
        let instance = json!({
            "base_url": format!("ldap://127.0.0.1:{port}"), "allow_private": true, "plaintext": true,
            "user": "cn=stanch", "credential": "env:PASSWORD", "config": { "people": "dc=test" },
        });
        let hands = hands_with(&manifest, instance.clone(), common::SECRET);
        let disable = common::planned(&manifest, "disable_account", json!({ "user": "alice" }));
        let outcome = hands.act(&disable, "k").await;
        let Outcome::Failed { why, retry: true, .. } = &outcome else {
            panic!("{expect}: {outcome:?}")
        };
        assert!(why.contains(expect), "{expect}: {why}");
        assert!(!heard.lock().unwrap().is_empty());

        // Where TLS is asked for first, nonsense gets no password.
        let (port, heard) =
            nonsense(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00x".to_vec()).await;
        let mut upgrade = instance;
        upgrade["plaintext"] = json!(false);
        upgrade["base_url"] = json!(format!("ldap://127.0.0.1:{port}"));
        let outcome = hands_with(&manifest, upgrade, common::SECRET).act(&disable, "k").await;
        assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
        let heard = heard.lock().unwrap().clone();
        let secret = common::SECRET.as_bytes();
        assert!(!heard.windows(secret.len()).any(|part| part == secret));
    }
}

/// A value in BER.
fn ber(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&[tag, u8::try_from(content.len()).unwrap()][..], &content].concat()
}

/// An answer in its envelope.
fn answer(id: u8, operation: &[u8]) -> Vec<u8> {
    ber(0x30, &[&ber(0x02, &[&[id]]), operation])
}

fn result(tag: u8, code: u8) -> Vec<u8> {
    ber(tag, &[&ber(0x0a, &[&[code]]), &ber(0x04, &[]), &ber(0x04, &[])])
}

/// A directory that lets in, finds alice, and answers the change with `last`: nothing means that it hangs
/// up, and without `last` it says nothing any more.
async fn directory(last: Option<Vec<u8>>) -> u16 {
    let uid = ber(0x30, &[&ber(0x04, &[b"uid"]), &ber(0x31, &[&ber(0x04, &[b"alice"])])]);
    let entry = ber(0x64, &[&ber(0x04, &[b"uid=alice"]), &ber(0x30, &[&uid])]);
    let found = [answer(2, &entry), answer(2, &result(0x65, 0))].concat();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut chunk = [0; 4096];
        for said in [Some(answer(1, &result(0x61, 0))), Some(found), last] {
            if !matches!(stream.read(&mut chunk).await, Ok(1..)) {
                return;
            }
            match said {
                Some(said) => stream.write_all(&said).await.unwrap(),
                // Until we go.
                None => while let Ok(1..) = stream.read(&mut chunk).await {},
            }
        }
    });
    port
}

#[tokio::test]
async fn each_answer_to_a_change_is_taken_for_what_it_is() {
    let manifest = manifest();
    let mut impatient = manifest.clone();
    impatient.actions.get_mut("disable_account").unwrap().timeout =
        std::time::Duration::from_secs(3);
    let changed = |code: u8| Some(answer(3, &result(0x67, code)));
    for (last, expect) in [
        (changed(0), "Accepted"),
        (changed(50), "retry: false"),
        (changed(51), "retry: true"),
        (changed(52), "retry: true"),
        (changed(80), "Unknown"),
        (changed(3), "Unknown"),
        (Some(Vec::new()), "Unknown { why: \"the connection broke: the server closed"),
        (None, "Unknown { why: \"the directory did not answer within 3s"),
        // A notice of disconnection; an answer to something else; half an answer; another kind of answer.
        (Some(answer(0, &result(0x78, 52))), "Unknown"),
        (Some(answer(9, &result(0x67, 0))), "Unknown"),
        (changed(0).map(|whole| whole[..6].to_vec()), "Unknown"),
        (Some(answer(3, &result(0x65, 0))), "Unknown"),
    ] {
        let port = directory(last.clone()).await;
        let instance = json!({
            "base_url": format!("ldap://127.0.0.1:{port}"), "allow_private": true, "plaintext": true,
            "user": "cn=stanch", "credential": "env:PASSWORD", "config": { "people": "dc=test" },
        });
        let manifest = if last.is_none() { &impatient } else { &manifest };
        let disable = common::planned(manifest, "disable_account", json!({ "user": "alice" }));
        let outcome = format!(
            "{:?}",
            hands_with(manifest, instance, common::SECRET).act(&disable, "k").await
        );
        assert!(outcome.contains(expect), "{last:?}: {outcome}");
    }
}
