//! No puppet of its samples: logs that are not in the repository, with names, addresses and dates made
//! up by this run, give incident, plan and verified act.
#![expect(clippy::disallowed_methods, reason = "tests read the clock for a seed")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic, and says why")]

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::{Lab, Server, deliver, eventually};

/// A different number each run, printed so that a failure can be repeated.
fn seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = u64::try_from(now.as_nanos()).unwrap().rotate_left(17);
    println!("seed: {seed}");
    seed
}

/// Small numbers out of the seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }

    fn host(&mut self) -> String {
        let kind = self.pick(&["lap", "desk", "kiosk", "build", "pos"]);
        let place = self.pick(&["oslo", "porto", "lyon", "graz"]);
        format!("{kind}-{place}-{}", self.roll(900) + 100)
    }

    fn inside(&mut self) -> String {
        format!("172.{}.{}.{}", 16 + self.roll(16), self.roll(256), 1 + self.roll(254))
    }

    /// An address outside of every range that is reserved, shared or documented.
    fn outside(&mut self) -> String {
        format!(
            "{}.{}.{}.{}",
            self.pick(&["45", "91", "185", "193"]),
            1 + self.roll(250),
            self.roll(256),
            1 + self.roll(254)
        )
    }

    /// A date of 2024 or 2025.
    fn date(&mut self) -> (u64, u64, u64) {
        (2024 + self.roll(2), 1 + self.roll(12), 1 + self.roll(28))
    }
}

struct Stage {
    server: Server,
    me: String,
    _lab: Lab,
    _folder: tempfile::TempDir,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::start(&folder.path().join("lab"));
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut config = format!(
        "connectors:\n  - {{ name: lab, connector: lab, base_url: \"{}\", allow_private: true }}\nbindings:\n",
        lab.url
    );
    for capability in [
        "edr.find_host",
        "edr.isolate_host",
        "edr.collect_triage_package",
        "firewall.block_address",
    ] {
        config.push_str(&format!("  {capability}: lab\n"));
    }
    std::fs::write(data.join("stanch.yaml"), config).unwrap();
    let server = Server::start(&data, &[]);
    let me = server.token("reviewer", "responder");
    Stage { server, me, _lab: lab, _folder: folder }
}

impl Stage {
    fn send(&self, source: &str, body: &str) {
        let token = self.server.source_token(source, "high");
        let answer = deliver(&self.server, source, &token, body.as_bytes());
        assert_eq!(answer["dead_letters"], json!([]), "{body}");
    }

    /// Approves the plan of that playbook.
    fn approve(&self, playbook: &str) -> Value {
        let approval = eventually("a plan to wait", || {
            let waiting = self.server.json(&self.me, &["approval", "list", "--state", "waiting"]);
            let items = waiting["items"].as_array()?.clone();
            items.into_iter().find(|item| item["playbook"] == playbook)
        });
        let id = approval["id"].as_str().unwrap();
        let done = self.server.cli(&self.me, &["approval", "approve", id]);
        assert!(done.ok(), "{done:?}");
        approval
    }

    /// Waits for the verified act on that target, and its incident.
    fn verified(&self, target: &str) {
        let row = eventually("the act to be verified", || {
            let ledger = self.server.json(&self.me, &["containment", "list", "--live"]);
            let rows = ledger["items"].as_array()?.clone();
            rows.into_iter()
                .find(|row| row["target"]["value"] == target && row["state"] == "verified")
        });
        let incident = row["incident"].as_str().expect("the act belongs to an incident");
        let shown = self.server.json(&self.me, &["incident", "show", incident]);
        assert_eq!(shown["incident"]["status"], "contained", "{shown}");
    }
}

#[test]
fn a_beacon_of_another_network() {
    let mut dice = Dice(seed());
    let (near, far) = (dice.inside(), dice.outside());
    let (year, month, day) = dice.date();
    let eve = json!({
        "timestamp": format!("{year}-{month:02}-{day:02}T{:02}:14:09.482113+0100", dice.roll(24)),
        "flow_id": 1_000_000 + dice.roll(1_000_000), "in_iface": "ens5", "event_type": "alert",
        "src_ip": near, "src_port": 49_000 + dice.roll(9_000), "dest_ip": far, "dest_port": 443, "proto": "TCP",
        "alert": { "action": "allowed", "gid": 1, "signature_id": 2_000_000 + dice.roll(900_000), "rev": 3,
            "signature": "another vendor's words for a beacon", "category": "Malware Command and Control Activity Detected",
            "severity": 1, "metadata": { "mitre_technique_id": ["T1573"] } },
        "app_proto": "tls",
    });
    let stage = stage();
    stage.send("dmz-sensor", &format!("{eve}\n"));
    let approval = stage.approve("contain-c2-beacon");
    assert_eq!(approval["plan"]["actions"][0]["target"]["value"], far);
    stage.verified(&far);
}

#[test]
fn ransomware_on_another_host() {
    let mut dice = Dice(seed());
    let host = dice.host();
    let (year, month, day) = dice.date();
    let user = dice.pick(&["m.okafor", "svc_backup", "jlind"]);
    let event = json!({
        "Event": {
            "System": { "Provider": { "#attributes": { "Name": "Microsoft-Windows-Sysmon" } }, "EventID": 1,
                "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": format!("{host}.branch.example"),
                "TimeCreated": { "#attributes": { "SystemTime": format!("{year}-{month:02}-{day:02}T07:41:55.103000Z") } } },
            "EventData": { "UtcTime": format!("{year}-{month:02}-{day:02} 07:41:55.103"),
                "Image": "C:\\Windows\\System32\\vssadmin.exe", "OriginalFileName": "VSSADMIN.EXE",
                "CommandLine": "vssadmin.exe  Delete Shadows /All /Quiet", "User": format!("BRANCH\\{user}"),
                "ParentImage": "C:\\Users\\Public\\upd.exe", "ProcessId": 4_000 + dice.roll(900),
                "Hashes": format!("SHA256={:064X}", dice.roll(u64::MAX >> 34)) },
        }
    });
    let stage = stage();
    stage.send("branch-windows", &format!("{event}\n"));
    let approval = stage.approve("contain-ransomware");
    let target = approval["plan"]["actions"][0]["target"]["value"].as_str().unwrap().to_owned();
    assert!(target.starts_with(&host), "{target}");
    stage.verified(&target);
}

#[test]
fn brute_force_on_another_bastion() {
    let mut dice = Dice(seed());
    let (host, from) = (dice.host(), dice.outside());
    let user = dice.pick(&["deploy", "git", "postgres"]);
    let body: String = (0..14)
        .map(|n| {
            let (pid, port) = (20_000 + n, 40_000 + dice.roll(20_000));
            format!("<38>1 2025-06-1{}T03:22:{n:02}.000000+02:00 {host} sshd {pid} - - Failed password for {user} from {from} port {port} ssh2\n", dice.roll(1))
        })
        .collect();
    let stage = stage();
    stage.send("branch-bastion", &body);
    stage.verified(&from);
}
