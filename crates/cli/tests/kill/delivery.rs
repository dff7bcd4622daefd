//! Deliveries: log records as their sources write them, each about an address of its own, so that
//! what became of it can be found again.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use serde_json::{Value, json};

use super::content::{self, Drill, RUNS_PER_VARIANT};

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
pub(crate) struct Delivery {
    pub(crate) source: &'static str,
    pub(crate) lines: Vec<String>,
    /// What has to be found: address → how often it was seen.
    pub(crate) finds: BTreeMap<String, u32>,
    /// The playbook that it starts.
    pub(crate) starts: Option<String>,
}

impl Delivery {
    /// The delivery with that number among its kind.
    pub(crate) fn new(wish: Wish, number: u32, variants: u32) -> Self {
        match wish {
            Wish::Burst => burst(number),
            Wish::Beacon => beacon(number),
            Wish::Drill(drill) => drill_alert(drill, number, variants),
            Wish::Plain => plain(number),
        }
    }
}

fn burst(number: u32) -> Delivery {
    let address = nth([198, 18, 0, 1], number);
    let lines = (0..BURST).map(|line| failed_login(address, number, line));
    Delivery {
        source: "sshd",
        lines: lines.collect(),
        finds: [(address.to_string(), BURST)].into(),
        starts: Some("block-bruteforce".to_owned()),
    }
}

fn beacon(number: u32) -> Delivery {
    let (near, far) = (nth([10, 77, 0, 1], number), nth([198, 19, 0, 1], number));
    let alert = json!({
        "signature": "Stanch drill: check-in of a bot",
        "signature_id": 9_200_001,
        "severity": 1,
        "category": "Malware Command and Control Activity Detected",
        "metadata": { "mitre_technique_id": ["T1071.001"] },
    });
    let record = eve(&near.to_string(), &far.to_string(), &alert, "");
    suricata(&[record], Some("contain-c2-beacon".to_owned()))
}

/// Each drill has a network of 254 addresses of its own; the playbook reads which.
fn drill_alert(drill: Drill, number: u32, variants: u32) -> Delivery {
    let kinds = u32::try_from(Drill::ALL.len()).unwrap();
    let kind = u32::try_from(Drill::ALL.iter().position(|d| *d == drill).unwrap()).unwrap();
    let [a, b, c, _] = nth([100, 64, 0, 0], (number * kinds + kind) * 256).octets();
    let variant = number / RUNS_PER_VARIANT % variants;
    let alert = json!({
        "signature": content::title(drill, variant),
        "signature_id": 9_300_000 + kind,
        "severity": 2,
        "category": "Misc Attack",
    });
    let prefix = format!("{a}.{b}.{c}");
    let record = eve("10.78.0.1", &format!("{prefix}.254"), &alert, &prefix);
    suricata(&[record], Some(content::name(drill, variant)))
}

fn plain(number: u32) -> Delivery {
    let near = nth([10, 79, 0, 1], number).to_string();
    let record = |line: u32| {
        let net = u128::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
        let far = Ipv6Addr::from(net + u128::from(number * PLAIN + line));
        let alert = json!({
            "signature": "Stanch drill: nothing to do",
            "signature_id": 9_400_000,
            "severity": 3,
            "category": "Misc activity",
        });
        eve(&near, &far.to_string(), &alert, "")
    };
    suricata(&(0..PLAIN).map(record).collect::<Vec<_>>(), None)
}

/// The address so many after the first.
fn nth(first: [u8; 4], number: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(Ipv4Addr::from(first)) + number)
}

fn suricata(records: &[Value], starts: Option<String>) -> Delivery {
    let finds = records.iter().map(|r| (r["dest_ip"].as_str().unwrap().to_owned(), 1)).collect();
    let lines = records.iter().map(|record| format!("{record}\n")).collect();
    Delivery { source: "suricata", lines, finds, starts }
}

fn eve(near: &str, far: &str, alert: &Value, community_id: &str) -> Value {
    json!({
        "timestamp": now(), "flow_id": 1, "event_type": "alert", "proto": "TCP",
        "src_ip": near, "src_port": 40_000, "dest_ip": far, "dest_port": 443,
        "community_id": community_id, "alert": alert,
    })
}

fn failed_login(from: Ipv4Addr, number: u32, line: u32) -> String {
    let (host, process, port) = (number / 20, 1_000 + number, 40_000 + line);
    let text = format!("Failed password for root from {from} port {port} ssh2");
    format!("{} gate-{host} sshd[{process}]: {text}\n", now())
}

/// This moment, as RFC 3339.
fn now() -> String {
    let now = jiff::Timestamp::now();
    format!("{now:.6}").replace('Z', "+00:00")
}
