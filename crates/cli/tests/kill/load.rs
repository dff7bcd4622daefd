//! The load: deliveries that are sent again until they are acknowledged, and a record of every
//! acknowledgement. Each is about an address of its own, so that it can be found again.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{Ipv4Addr, Ipv6Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    content::{self, Drill, RUNS_PER_VARIANT},
    http::Peer,
};

/// How long the sender rests after a delivery that nobody asked for.
const REST: Duration = Duration::from_millis(60);

/// How long it rests while no server is there.
const DOWN: Duration = Duration::from_millis(5);

/// Failed logins in one burst: as many as the brute-force rule counts to.
const BURST: u32 = 8;

/// Alerts in one delivery that starts nothing.
const PLAIN: u32 = 5;

/// What is asked of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wish {
    /// A run of a drill.
    Drill(Drill),
    /// A beacon, over which people are asked.
    Beacon,
    /// A burst of failed logins.
    Burst,
    /// Alerts that start nothing.
    Plain,
}

/// One delivery.
struct Delivery {
    source: &'static str,
    lines: Vec<String>,
    /// What has to be found: address → how often it was seen.
    finds: BTreeMap<String, u32>,
}

/// What was acknowledged.
#[derive(Default)]
pub(crate) struct Acknowledged {
    pub(crate) deliveries: u32,
    pub(crate) lines: BTreeMap<&'static str, u64>,
    /// Address → how often it was seen.
    pub(crate) finds: BTreeMap<String, u32>,
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
            let delivery = delivery(wish, number, variants);
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

fn delivery(wish: Wish, number: u32, variants: u32) -> Delivery {
    match wish {
        Wish::Burst => {
            let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 1)) + number);
            let lines = (0..BURST).map(|line| failed_login(address, number, line));
            let finds = [(address.to_string(), BURST)];
            Delivery { source: "sshd", lines: lines.collect(), finds: finds.into() }
        }
        Wish::Beacon => {
            let far = Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 19, 0, 1)) + number);
            let near = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 77, 0, 1)) + number);
            suricata(vec![eve(
                &near.to_string(),
                &far.to_string(),
                json!({
                    "signature": "Stanch drill: check-in of a bot", "signature_id": 9_200_001, "severity": 1,
                    "category": "Malware Command and Control Activity Detected",
                    "metadata": { "mitre_technique_id": ["T1071.001"] },
                }),
                "",
            )])
        }
        Wish::Drill(drill) => {
            // A network of 254 addresses of its own.
            let drills = u32::try_from(Drill::ALL.len()).unwrap();
            let kind = u32::try_from(Drill::ALL.iter().position(|d| *d == drill).unwrap()).unwrap();
            let place = number * drills + kind;
            let net = Ipv4Addr::from(u32::from(Ipv4Addr::new(100, 64, 0, 0)) + place * 256);
            let [a, b, c, _] = net.octets();
            let title = content::title(drill, number / RUNS_PER_VARIANT % variants);
            let alert = json!({
                "signature": title, "signature_id": 9_300_000 + kind, "severity": 2,
                "category": "Misc Attack",
            });
            let prefix = format!("{a}.{b}.{c}");
            suricata(vec![eve("10.78.0.1", &format!("{prefix}.254"), alert, &prefix)])
        }
        Wish::Plain => {
            let line = |line: u32| {
                let place = u128::from(number * PLAIN + line);
                let net = u128::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
                let near = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 79, 0, 1)) + number);
                let alert = json!({
                    "signature": "Stanch drill: nothing to do", "signature_id": 9_400_000,
                    "severity": 3, "category": "Misc activity",
                });
                eve(&near.to_string(), &Ipv6Addr::from(net + place).to_string(), alert, "")
            };
            suricata((0..PLAIN).map(line).collect())
        }
    }
}

fn suricata(records: Vec<Value>) -> Delivery {
    let finds = records.iter().map(|r| (r["dest_ip"].as_str().unwrap().to_owned(), 1)).collect();
    let lines = records.iter().map(|record| format!("{record}\n")).collect();
    Delivery { source: "suricata", lines, finds }
}

fn eve(near: &str, far: &str, alert: Value, community_id: &str) -> Value {
    json!({
        "timestamp": now(), "flow_id": 1, "event_type": "alert", "proto": "TCP",
        "src_ip": near, "src_port": 40_000, "dest_ip": far, "dest_port": 443,
        "community_id": community_id, "alert": alert,
    })
}

fn failed_login(from: Ipv4Addr, number: u32, line: u32) -> String {
    let host = number / 20;
    format!(
        "{} gate-{host} sshd[{}]: Failed password for root from {from} port {} ssh2\n",
        now(),
        1_000 + number,
        40_000 + line
    )
}

/// This moment, as RFC 3339.
fn now() -> String {
    #[expect(clippy::disallowed_methods, reason = "attacks happen now")]
    let now = jiff::Timestamp::now();
    format!("{now:.6}").replace('Z', "+00:00")
}
