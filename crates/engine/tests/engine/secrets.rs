//! Secrets: versions, keys, rotation, and what a wrong or lost key comes to.
#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use stanch_connector::{
    Secret, Secrets,
    secrets::{Key, Purpose, SecretError, Vault as _},
};
use stanch_engine::{
    Engine, Error, Options,
    acting::Network,
    config::{Config, SecretsConfig},
    content::Content,
    secrets::{SecretView, forget},
};
use stanch_model::{
    TenantId,
    people::{Actor, Role},
};

const OLD: &str = "the old value";
const NEW: &str = "the new value";

fn admin() -> Actor {
    Actor { tenant: TenantId::default(), name: "ann".to_owned(), role: Role::Admin, user: None }
}

fn variable(name: &str) -> Option<String> {
    match name {
        "ONE" => Some("01".repeat(32)),
        "TWO" => Some("02".repeat(32)),
        "PHRASE" => Some("a passphrase of some words".to_owned()),
        _ => None,
    }
}

fn keys(key: &str, previous: &[&str]) -> SecretsConfig {
    let key = (!key.is_empty()).then(|| key.to_owned());
    SecretsConfig::new(key, previous.iter().map(|text| (*text).to_owned()).collect())
}

async fn open(data: &Path, secrets: SecretsConfig) -> Result<Engine, Error> {
    let config = Config { secrets, ..Config::default() };
    let options = Options {
        data: data.to_owned(),
        config,
        content: Content::default(),
        secrets: Secrets::new(variable),
        network: Network::default(),
        scripts: stanch_connector::script::Scripts::none(),
        crash: None,
    };
    Engine::open(options).await
}

async fn set(engine: &Engine, name: &str, value: &str) -> SecretView {
    engine.secrets.set(&admin(), name, Secret::from(value.to_owned()), None).await.unwrap()
}

async fn value(engine: &Engine, name: &str) -> Result<String, SecretError> {
    let opened = engine.secrets.open(name, Purpose::Credential).await;
    opened.map(|secret| secret.expose().to_owned())
}

async fn verbs(engine: &Engine) -> Vec<String> {
    let read = engine.core.store.read(|view| view.audit(0, 500));
    read.await.unwrap().into_iter().map(|entry| entry.verb).collect()
}

#[tokio::test]
async fn a_new_value_is_in_force_and_the_old_one_is_kept_until_somebody_says() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), keys("", &[])).await.unwrap();
    assert!(matches!(value(&engine, "edr").await, Err(SecretError::Missing(_))));
    let first = set(&engine, "edr", OLD).await;
    assert_eq!((first.version, first.previous, first.set_by.as_str()), (1, None, "ann"));
    let confirm = engine.secrets.confirm(&admin(), "edr").await;
    assert!(matches!(confirm, Err(Error::Conflict(_))), "there is nothing to choose from");

    let second = set(&engine, "edr", NEW).await;
    assert_eq!((second.version, second.previous), (2, Some(1)));
    assert_eq!(value(&engine, "edr").await.unwrap(), NEW);
    let back = engine.secrets.revert(&admin(), "edr").await.unwrap();
    assert_eq!((back.version, back.previous), (1, None));
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD);

    // Of values that nobody confirmed only the last is kept beside the one that is known to work.
    set(&engine, "edr", "a wrong value").await;
    let fourth = set(&engine, "edr", NEW).await;
    assert_eq!(fourth.previous, Some(1));
    let confirmed = engine.secrets.confirm(&admin(), "edr").await.unwrap();
    assert_eq!((confirmed.version, confirmed.previous), (fourth.version, None));
    assert_eq!(value(&engine, "edr").await.unwrap(), NEW);
    engine.secrets.remove(&admin(), "edr").await.unwrap();
    assert!(matches!(value(&engine, "edr").await, Err(SecretError::Missing(_))));
    assert!(matches!(engine.secrets.remove(&admin(), "edr").await, Err(Error::NotFound(_))));
    let expect = [
        "secret.set",
        "secret.set",
        "secret.revert",
        "secret.set",
        "secret.set",
        "secret.confirm",
        "secret.remove",
    ];
    assert_eq!(verbs(&engine).await, expect);
}

#[tokio::test]
async fn names_values_and_purposes_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), keys("", &[])).await.unwrap();
    let try_set = async |name: &str, value: &str, purpose| {
        engine.secrets.set(&admin(), name, Secret::from(value.to_owned()), purpose).await
    };
    for name in ["", "a-b", "1a", "../x", "a b", &"a".repeat(65)] {
        assert!(matches!(try_set(name, OLD, None).await, Err(Error::Invalid(_))), "{name}");
    }
    for value in ["", "short", &"x".repeat(65_537)] {
        assert!(matches!(try_set("a", value, None).await, Err(Error::Invalid(_))));
    }
    try_set("a", &"x".repeat(65_536), Some(Purpose::Input)).await.unwrap();
    let other = try_set("a", OLD, Some(Purpose::Credential)).await;
    assert!(matches!(other, Err(Error::Conflict(_))), "it does not change what it is for");
    assert_eq!(try_set("a", OLD, None).await.unwrap().purpose, Purpose::Input);
    let credential = engine.secrets.open("a", Purpose::Credential).await;
    assert!(matches!(credential, Err(SecretError::Purpose { .. })));
    assert_eq!(engine.secrets.open("a", Purpose::Input).await.unwrap().expose(), OLD);
    set(&engine, "b", OLD).await;
    assert!(matches!(
        engine.secrets.open("b", Purpose::Input).await,
        Err(SecretError::Purpose { .. })
    ));
    assert_eq!(engine.secrets.input_names(&TenantId::default()).await.unwrap(), ["a"]);
}

#[tokio::test]
async fn the_key_is_made_when_it_is_needed_and_nobody_else_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("secrets.key");
    let engine = open(folder.path(), keys("", &[])).await.unwrap();
    assert!(!key.exists(), "without a secret there is nothing to keep");
    set(&engine, "edr", OLD).await;
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    drop(engine);
    let engine = open(folder.path(), keys("", &[])).await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD);
    let in_store = fs::read(folder.path().join("stanch.db")).unwrap();
    let wal = fs::read(folder.path().join("stanch.db-wal")).unwrap_or_default();
    for bytes in [in_store, wal] {
        assert!(!bytes.windows(OLD.len()).any(|part| part == OLD.as_bytes()));
    }
    drop(engine);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    refused(folder.path(), keys("", &[]), "SC0003").await;
}

#[track_caller]
fn code(error: &Error, code: &str) {
    assert!(error.to_string().contains(code), "{error}");
}

async fn refused(data: &Path, secrets: SecretsConfig, expect: &str) {
    let error = open(data, secrets).await.unwrap_err();
    code(&error, expect);
    let text = error.to_string();
    assert!(!text.contains("0101") && !text.contains(OLD), "{text}");
}

#[tokio::test]
async fn a_wrong_or_lost_key_ends_the_start_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let engine = open(data, keys("env:ONE", &[])).await.unwrap();
    set(&engine, "edr", OLD).await;
    drop(engine);
    refused(data, keys("env:TWO", &[]), "SC0005").await;
    refused(data, keys("", &[]), "SC0005").await;
    refused(data, keys("env:UNSET", &[]), "SC0002").await;
    refused(data, keys("env:PHRASE", &[]), "SC0004").await;
    refused(data, keys("nonsense", &[]), "SC0001").await;
    refused(data, keys("passphrase:env:PHRASE", &[]), "SC0005").await;
    let engine = open(data, keys("env:ONE", &[])).await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD, "nothing was harmed");
    assert!(forget(data, None).await.is_err(), "not under a running server");
    drop(engine);
    assert!(matches!(forget(data, Some("none")).await, Err(Error::NotFound(_))));
    assert_eq!(forget(data, None).await.unwrap(), ["edr"]);
    open(data, keys("env:TWO", &[])).await.unwrap();
}

#[tokio::test]
async fn what_is_sealed_under_a_previous_key_is_sealed_anew_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let engine = open(data, keys("env:ONE", &[])).await.unwrap();
    set(&engine, "edr", OLD).await;
    set(&engine, "edr", NEW).await;
    drop(engine);
    let engine = open(data, keys("passphrase:env:PHRASE", &["env:ONE"])).await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), NEW);
    engine.secrets.revert(&admin(), "edr").await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD, "the kept value as well");
    assert!(verbs(&engine).await.contains(&"secret.rotate_key".to_owned()));
    drop(engine);
    let engine = open(data, keys("passphrase:env:PHRASE", &[])).await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD, "the old key is not needed any more");
}

#[tokio::test]
async fn the_managed_key_is_rotated_and_a_crash_at_any_point_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let (key, next) = (data.join("secrets.key"), data.join("secrets.key.new"));
    let engine = open(data, keys("", &[])).await.unwrap();
    set(&engine, "edr", OLD).await;
    let before = fs::read(&key).unwrap();
    let rotated = engine.secrets.rotate_key("ann", None).await.unwrap();
    assert_eq!((rotated.values, rotated.next), (1, None));
    assert_ne!(fs::read(&key).unwrap(), before);
    assert!(!next.exists());
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD);
    drop(engine);

    // The new key was on disk, and nothing was sealed under it yet.
    let write = |path: &Path, text: &[u8]| {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let newer = Key::generate();
    write(&next, newer.to_hex().as_bytes());
    let engine = open(data, keys("", &[])).await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD);
    drop(engine);
    assert!(!next.exists());
    assert_eq!(fs::read(&key).unwrap(), newer.to_hex().as_bytes());

    // Everything was sealed under the new key, and the files had not changed places yet.
    write(&next, newer.to_hex().as_bytes());
    write(&key, Key::generate().to_hex().as_bytes());
    let engine = open(data, keys("", &[])).await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD);
    assert_eq!(fs::read(&key).unwrap(), newer.to_hex().as_bytes());
}

#[tokio::test]
async fn a_key_that_is_named_is_rotated_to_another_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let engine = open(data, keys("env:ONE", &[])).await.unwrap();
    set(&engine, "edr", OLD).await;
    assert!(matches!(engine.secrets.rotate_key("ann", None).await, Err(Error::Invalid(_))));
    let wrong = engine.secrets.rotate_key("ann", Some("env:UNSET")).await.unwrap_err();
    assert!(matches!(wrong, Error::Invalid(_)), "{wrong}");
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD);
    let rotated = engine.secrets.rotate_key("ann", Some("env:TWO")).await.unwrap();
    assert!(rotated.next.unwrap().contains("env:TWO"), "the configuration has to follow");
    set(&engine, "after", NEW).await;
    drop(engine);
    refused(data, keys("env:ONE", &[]), "SC0005").await;
    let engine = open(data, keys("env:TWO", &[])).await.unwrap();
    assert_eq!(value(&engine, "edr").await.unwrap(), OLD);
    assert_eq!(value(&engine, "after").await.unwrap(), NEW);
}

#[tokio::test]
async fn a_damaged_value_is_said_and_harms_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let engine = open(data, keys("env:ONE", &[])).await.unwrap();
    set(&engine, "good", OLD).await;
    set(&engine, "bad", OLD).await;
    let damage = engine.core.store.write(|tx| {
        let mut row = tx.secret(&TenantId::default(), "bad")?.swap_remove(0);
        row.bytes.reverse();
        tx.put_secret(&row)
    });
    damage.await.unwrap();
    drop(engine);
    let engine = open(data, keys("env:TWO", &["env:ONE"])).await.unwrap();
    assert_eq!(value(&engine, "good").await.unwrap(), OLD);
    let error = value(&engine, "bad").await.unwrap_err().to_string();
    assert!(error.contains("SC0006"), "{error}");
    set(&engine, "bad", NEW).await;
    assert_eq!(value(&engine, "bad").await.unwrap(), NEW);
}
