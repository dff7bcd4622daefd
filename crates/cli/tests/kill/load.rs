//! The load: deliveries that are sent again until they are acknowledged, and a record of every
//! acknowledgement.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::{
    content::{Drill, RUNS_PER_VARIANT},
    delivery::{Delivery, Wish},
    http::Peer,
};

/// How long the sender rests after a delivery that nobody asked for.
const REST: Duration = Duration::from_millis(60);

/// How long it rests while no server is there.
const DOWN: Duration = Duration::from_millis(5);

/// What was acknowledged.
#[derive(Default)]
pub(crate) struct Acknowledged {
    pub(crate) deliveries: u32,
    pub(crate) lines: BTreeMap<&'static str, u64>,
    /// Address → how often it was seen.
    pub(crate) finds: BTreeMap<String, u32>,
    /// Runs that have to be there, by playbook.
    pub(crate) runs: BTreeMap<String, u32>,
    /// Deliveries that were on disk already when they were sent again.
    pub(crate) recognised: u32,
}

#[derive(Default)]
struct State {
    wishes: VecDeque<Wish>,
    /// How often each was granted.
    granted: BTreeMap<Wish, u32>,
    stop: bool,
    acknowledged: Acknowledged,
}

/// The load of one world. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Load {
    state: Arc<Mutex<State>>,
    abandoned: Arc<AtomicBool>,
}

impl Load {
    /// Sends until told to stop; `tokens` by source.
    pub(crate) fn run(&self, port: u16, tokens: &BTreeMap<&'static str, String>, variants: u32) {
        for count in 0_u32.. {
            let Some((wish, number, is_asked)) = self.next(count, variants) else { return };
            let delivery = Delivery::new(wish, number, variants);
            let peer = Peer { port, token: tokens[delivery.source].clone() };
            let Some(recognised) = self.send(&peer, &delivery) else { return };
            self.acknowledge(delivery, recognised);
            if !is_asked {
                thread::sleep(REST);
            }
        }
    }

    /// Asks for something to be sent before anything else.
    pub(crate) fn wish(&self, wish: Wish) {
        self.lock().wishes.push_back(wish);
    }

    /// How many wishes were not granted yet.
    pub(crate) fn wishes(&self, wish: Wish) -> usize {
        self.lock().wishes.iter().filter(|waiting| **waiting == wish).count()
    }

    /// Ends once every wish is granted.
    pub(crate) fn stop(&self) {
        self.lock().stop = true;
    }

    /// What was acknowledged.
    pub(crate) fn take(&self) -> Acknowledged {
        std::mem::take(&mut self.lock().acknowledged)
    }

    /// Ends at once: the test has failed.
    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What to send next, its number among its kind, and whether it was asked for.
    fn next(&self, count: u32, variants: u32) -> Option<(Wish, u32, bool)> {
        let mut state = self.lock();
        let asked = state.wishes.pop_front();
        if asked.is_none() && state.stop {
            return None;
        }
        let wish = asked.unwrap_or_else(|| match count % 8 {
            0 => limited(&state, Wish::Burst, 1),
            2 => limited(&state, Wish::Beacon, 1),
            4 => limited(&state, Wish::Drill(Drill::Timers), variants),
            6 => limited(&state, Wish::Drill(Drill::Question), variants),
            _ => Wish::Plain,
        });
        let granted = state.granted.entry(wish).or_default();
        *granted += 1;
        Some((wish, *granted - 1, asked.is_some()))
    }

    fn acknowledge(&self, delivery: Delivery, recognised: bool) {
        let acknowledged = &mut self.lock().acknowledged;
        acknowledged.deliveries += 1;
        acknowledged.recognised += u32::from(recognised);
        *acknowledged.lines.entry(delivery.source).or_default() += delivery.lines.len() as u64;
        acknowledged.finds.extend(delivery.finds);
        if let Some(playbook) = delivery.starts {
            *acknowledged.runs.entry(playbook).or_default() += 1;
        }
    }

    /// Sends until it is acknowledged; true if it had been taken before. None if abandoned.
    fn send(&self, peer: &Peer, delivery: &Delivery) -> Option<bool> {
        let path = format!("/ingest/{}", delivery.source);
        let body = delivery.lines.concat();
        while !self.abandoned.load(Ordering::Acquire) {
            match peer.send("POST", &path, body.as_bytes()) {
                Ok((200, answer)) => {
                    let count = |name: &str| answer[name].as_u64().unwrap();
                    let taken = count("accepted") + count("duplicates");
                    assert_eq!(taken, delivery.lines.len() as u64, "{answer}");
                    return Some(count("duplicates") > 0);
                }
                Ok((503 | 507, _)) | Err(_) => thread::sleep(DOWN),
                Ok((status, answer)) => panic!("{path} answered {status}: {answer}"),
            }
        }
        None
    }
}

/// The wish, as long as the engine would still start runs for it.
fn limited(state: &State, wish: Wish, variants: u32) -> Wish {
    let granted = state.granted.get(&wish).copied().unwrap_or(0);
    if granted < RUNS_PER_VARIANT * variants { wish } else { Wish::Plain }
}
