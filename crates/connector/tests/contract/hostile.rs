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
use tokio::time::Instant;

use crate::{
    common,
    replayed::{Mode, Target},
    subject,
};

/// Time for one request; real manifests give more, and a test has no patience for that.
const TIMEOUT: Duration = Duration::from_millis(250);

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
    let (mut acts, mut reads) = (0, 0);
    for subject in subject::all() {
        if subject.manifest.transport != Transport::Http {
            continue;
        }
        let mut manifest = subject.manifest.clone();
        manifest.actions.values_mut().for_each(|action| action.timeout = TIMEOUT);
        for recording in &subject.recordings {
            for mode in Mode::ALL {
                let what = format!("{}.{}, {mode:?}", subject.name, recording.action);
                match manifest.actions[&recording.action].effect {
                    EffectClass::Read => {
                        read(&what, &manifest, recording, mode).await;
                        reads += 1;
                    }
                    EffectClass::Reversible | EffectClass::Irreversible => {
                        act(&what, &manifest, recording, &[mode]).await;
                        act(&what, &manifest, recording, &[mode, mode]).await;
                        undo(&what, &manifest, recording, mode).await;
                        twice(&what, &manifest, recording).await;
                        acts += 1;
                    }
                }
            }
        }
    }
    assert!(acts >= 48 && reads >= 24, "{acts} acts and {reads} reads were tried");
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
            let began = Instant::now();
            let outcome = self.hands.act(&self.action, self.key).await;
            assert!(began.elapsed() < TIMEOUT * 4, "a request has an end");
            match outcome {
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
    let began = Instant::now();
    let outcome = world.hands.act(&world.action, world.key).await;
    assert!(began.elapsed() < TIMEOUT * 4, "{what}: a request has an end");
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
