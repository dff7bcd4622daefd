//! People under load: they approve what is asked, answer questions, and take some acts back.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{http::Peer, rng::Rng};

/// How often they look.
const LOOK: Duration = Duration::from_millis(120);

/// How often they look at the ledger, in looks.
const LEDGER: u32 = 5;

/// One act in so many is taken back.
const UNDO_ONE_IN: u64 = 8;

/// What they did, as far as the server said so.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    pub(crate) approved: BTreeSet<String>,
    pub(crate) answered: BTreeSet<String>,
    pub(crate) undone: BTreeSet<String>,
}

/// Looks and answers until `stop`.
pub(crate) fn work(peer: &Peer, mut rng: Rng, stop: &AtomicBool) -> Deeds {
    let mut deeds = Deeds::default();
    let mut considered = BTreeSet::new();
    for look in 0_u32.. {
        if stop.load(Ordering::Acquire) {
            break;
        }
        approve(peer, &mut deeds);
        answer(peer, &mut deeds);
        if look % LEDGER == 0 {
            undo(peer, &mut deeds, &mut considered, &mut rng);
        }
        thread::sleep(LOOK);
    }
    deeds
}

/// A list, or nothing while no server is there.
fn list(peer: &Peer, path: &str) -> Vec<Value> {
    match peer.get(path) {
        Ok((200, body)) => body["items"].as_array().cloned().unwrap_or_default(),
        Ok((503, _)) | Err(_) => Vec::new(),
        Ok((status, body)) => panic!("{path} answered {status}: {body}"),
    }
}

fn approve(peer: &Peer, deeds: &mut Deeds) {
    for approval in list(peer, "/api/v1/approvals?state=waiting") {
        let id = approval["id"].as_str().unwrap();
        let yes = json!({ "plan_hash": approval["plan_hash"], "reason": "a drill" });
        if taken(peer.post(&format!("/api/v1/approvals/{id}/approve"), &yes)) {
            deeds.approved.insert(id.to_owned());
        }
    }
}

/// Questions that say so are left to lapse.
fn answer(peer: &Peer, deeds: &mut Deeds) {
    for question in list(peer, "/api/v1/questions?state=waiting") {
        let id = question["id"].as_str().unwrap();
        if question["text"].as_str().unwrap().contains("in 1m") {
            continue;
        }
        if taken(peer.post(&format!("/api/v1/questions/{id}/answer"), &json!({ "answer": "go" }))) {
            deeds.answered.insert(id.to_owned());
        }
    }
}

fn undo(peer: &Peer, deeds: &mut Deeds, considered: &mut BTreeSet<String>, rng: &mut Rng) {
    for row in list(peer, "/api/v1/containments?live=true&limit=50") {
        let id = row["id"].as_str().unwrap();
        if row["state"] != "verified" || !considered.insert(id.to_owned()) {
            continue;
        }
        if rng.below(UNDO_ONE_IN) == 0 {
            let reason = json!({ "reason": "the drill is over for this one" });
            if taken(peer.post(&format!("/api/v1/containments/{id}/undo"), &reason)) {
                deeds.undone.insert(id.to_owned());
            }
        }
    }
}

/// Whether the server said yes; it may have died, or done it before it died the last time.
fn taken(answer: std::io::Result<(u16, Value)>) -> bool {
    match answer {
        Ok((200, _)) => true,
        Ok((403 | 409 | 503, _)) | Err(_) => false,
        Ok((status, body)) => panic!("a person was answered {status}: {body}"),
    }
}
