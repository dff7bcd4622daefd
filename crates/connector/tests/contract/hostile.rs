//! At a target that fails in the ways of real ones: at most one effect for a key, true words, and an end.

use std::time::Duration;

use serde_json::{Value, json};
use stanch_connector::{
    Hands, Outcome, Presence,
    contract::{Recording, planned},
};
use stanch_model::{
    manifest::{ActionManifest, EffectClass, Idempotency, Manifest, Transport},
    plan::PlannedAction,
};

use crate::{
    common,
    replayed::{Mode, Target},
    subject::{self, Subject},
};

/// Time for one request where only the clock ends it; real manifests give more, and a test has no
/// patience for that.
const DRIP_TIMEOUT: Duration = Duration::from_secs(1);

/// Time for one request where the target answers: for slow machines alone.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long anything may take before it counts as having no end.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often an act or undo is sent, as the engine does.
const TRIES_MAX: usize = 4;

/// What whoever acts comes to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belief {
    /// The effect was seen.
    Seen,
    /// It was accepted, and never seen.
    Unseen,
    /// It certainly did not happen.
    NotDone,
    /// A person has to look.
    Unknown,
}

struct World<'a> {
    hands: Hands,
    action: PlannedAction,
    manifest: &'a ActionManifest,
    key: &'a str,
}

#[tokio::test]
async fn one_effect_true_words_and_an_end_whatever_the_target_does() {
    let subjects = subject::all();
    let http = subjects.iter().filter(|of| of.manifest.transport == Transport::Http);
    let cases: Vec<_> = http
        .flat_map(|subject| subject.recordings.iter().map(move |recording| (subject, recording)))
        .flat_map(|(subject, recording)| Mode::ALL.map(|mode| (subject, recording, mode)))
        .collect();
    let is_act = |(subject, recording, _): &&(&Subject, &Recording, Mode)| {
        subject.manifest.actions[&recording.action].effect != EffectClass::Read
    };
    let acts = cases.iter().filter(is_act).count();
    assert!(acts >= 48 && cases.len() - acts >= 24, "{acts} of {} are acts", cases.len());
    // They mostly wait, so they wait together.
    futures::future::join_all(cases.into_iter().map(case)).await;
}

async fn case((subject, recording, mode): (&Subject, &Recording, Mode)) {
    let what = format!("{}.{}, {mode:?}", subject.name, recording.action);
    let mut manifest = subject.manifest.clone();
    let timeout = if mode == Mode::SlowDrip { DRIP_TIMEOUT } else { TIMEOUT };
    manifest.actions.values_mut().for_each(|action| action.timeout = timeout);
    match manifest.actions[&recording.action].effect {
        EffectClass::Read => read(&what, &manifest, recording, mode).await,
        EffectClass::Reversible | EffectClass::Irreversible => {
            act(&what, &manifest, recording, &[mode]).await;
            act(&what, &manifest, recording, &[mode, mode]).await;
            undo(&what, &manifest, recording, mode).await;
            if mode == Mode::Well {
                twice(&what, &manifest, recording).await;
            }
        }
    }
}

async fn world<'a>(
    manifest: &'a Manifest,
    recording: &'a Recording,
    failures: &[Mode],
) -> (World<'a>, Target) {
    let action = &manifest.actions[&recording.action];
    let target = Target::start(recording, action.idempotency, failures).await;
    let instance = json!({
        "base_url": format!("http://{}", target.address), "allow_private": true,
        "config": recording.setting.config,
    });
    let example = action.examples.iter().find(|example| example.title == recording.example);
    let input = &example.unwrap().input;
    let expires = recording.setting.expires;
    let planned = planned(manifest, &recording.action, "here", input, expires).unwrap();
    let hands = common::hands(manifest, instance);
    let key = recording.setting.key.as_str();
    (World { hands, action: planned, manifest: action, key }, target)
}

impl World<'_> {
    /// As the engine acts: tried again only where it certainly did not happen; looked up where nobody
    /// knows; sent again after that only where twice is once.
    async fn act(&self) -> (Belief, Value) {
        let mut looked_up = 0;
        for _ in 0..TRIES_MAX {
            match self.sent().await {
                Outcome::Accepted { output } => return (self.seen(&output).await, output),
                Outcome::Failed { retry: true, .. } => {}
                Outcome::Failed { .. } => return (Belief::NotDone, Value::Null),
                Outcome::Unknown { .. } if looked_up < 2 => {
                    looked_up += 1;
                    match self.there().await {
                        Some(true) => return (self.seen(&Value::Null).await, Value::Null),
                        Some(false) if self.manifest.idempotency != Idempotency::None => {}
                        Some(false) | None => return (Belief::Unknown, Value::Null),
                    }
                }
                Outcome::Unknown { .. } => return (Belief::Unknown, Value::Null),
            }
        }
        (Belief::NotDone, Value::Null)
    }

    async fn sent(&self) -> Outcome {
        let sent = self.hands.act(&self.action, self.key);
        tokio::time::timeout(PATIENCE, sent).await.expect("a request has an end")
    }

    async fn there(&self) -> Option<bool> {
        self.manifest.probe.as_ref()?;
        let asked = self.hands.probe(&self.action, self.key, &Value::Null).await;
        asked.ok().map(|presence| presence == Presence::Present)
    }

    async fn seen(&self, output: &Value) -> Belief {
        for _ in 0..2 {
            if self.hands.verify(&self.action, self.key, output).await == Ok(true) {
                return Belief::Seen;
            }
        }
        Belief::Unseen
    }
}

async fn act(what: &str, manifest: &Manifest, recording: &Recording, failures: &[Mode]) {
    let (world, target) = world(manifest, recording, failures).await;
    assert_ne!(world.there().await, Some(true), "{what}: it is there before");
    let (belief, _) = world.act().await;
    let state = target.state.lock().unwrap();
    assert!(state.effects <= 1, "{what}: {} effects for one key", state.effects);
    match belief {
        Belief::Seen => assert!(state.present, "{what}: seen, but not there"),
        Belief::NotDone => assert_eq!(state.effects, 0, "{what}: certain, and wrong"),
        Belief::Unseen | Belief::Unknown => {}
    }
    let is_certain = belief != Belief::Unknown;
    match failures[0] {
        Mode::Well => assert_eq!(belief, Belief::Seen, "{what}"),
        Mode::NeverFinish => assert_ne!(belief, Belief::NotDone, "{what}: it was accepted"),
        // What was not acted on is either known not to be done, or was sent again and done.
        Mode::RateLimit | Mode::Elsewhere => assert!(is_certain, "{what}: {belief:?}"),
        _ => {}
    }
    assert!(state.changes <= TRIES_MAX, "{what}: sent {} times", state.changes);
}

/// What the manifest says may be sent twice is one effect.
async fn twice(what: &str, manifest: &Manifest, recording: &Recording) {
    let (world, target) = world(manifest, recording, &[]).await;
    if world.manifest.idempotency == Idempotency::None {
        return;
    }
    for _ in 0..2 {
        let outcome = world.hands.act(&world.action, world.key).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{what}: {outcome:?}");
    }
    let state = target.state.lock().unwrap();
    assert_eq!((state.changes, state.effects), (2, 1), "{what}: sent twice, done twice");
}

/// After an act that went well the undo meets the failure.
async fn undo(what: &str, manifest: &Manifest, recording: &Recording, mode: Mode) {
    let (world, target) = world(manifest, recording, &[]).await;
    let (belief, output) = world.act().await;
    assert_eq!(belief, Belief::Seen, "{what}");
    if world.manifest.undo.is_none() {
        return;
    }
    target.state.lock().unwrap().failures = vec![mode];
    let mut is_gone = false;
    for _ in 0..TRIES_MAX {
        is_gone = world.hands.undo_verify(&world.action, world.key, &output).await == Ok(true);
        if is_gone {
            break;
        }
        drop(world.hands.undo(&world.action, world.key, &output).await);
    }
    let state = target.state.lock().unwrap();
    assert!(!(is_gone && state.present), "{what}: gone, they say, and it is there");
    assert!(state.undone <= 1 && state.effects == 1, "{what}");
    // One failure is got over: the undo is sent until it is seen.
    assert!(is_gone, "{what}: the undo did not come through");
}

async fn read(what: &str, manifest: &Manifest, recording: &Recording, mode: Mode) {
    let (world, _target) = world(manifest, recording, &[mode]).await;
    let outcome = world.sent().await;
    match (mode, &outcome) {
        (Mode::Well | Mode::NeverFinish, Outcome::Accepted { .. }) => {}
        (Mode::Well | Mode::NeverFinish, other) => panic!("{what}: {other:?}"),
        (_, Outcome::Unknown { why }) => panic!("{what}: a read changes nothing, so: {why}"),
        (Mode::Elsewhere, Outcome::Failed { retry: false, .. }) => {}
        (Mode::RateLimit, Outcome::Failed { retry: true, retry_after: Some(wait), .. }) => {
            assert_eq!(*wait, Duration::from_secs(1), "{what}");
        }
        (_, Outcome::Failed { retry: true, .. }) => {}
        (_, other) => panic!("{what}: {other:?}"),
    }
}
