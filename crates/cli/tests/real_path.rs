//! The main job against real counterparts: Suricata reads live traffic, Stanch plans, a person
//! approves by CLI, a real firewall stops the traffic, the undo lets it flow, the books prove it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;

use support::{Rig, Server, eventually, root};

fn configure(data: &std::path::Path, rig: &Rig, lab: &str) {
    let host_key = fs::read_to_string(rig.get("SSH_HOST_KEY")).unwrap();
    let key: Vec<&str> = host_key.split_whitespace().take(2).collect();
    let config = format!(
        "connectors:
  - name: edge-firewall
    connector: nftables
    base_url: ssh://{user}@{ip}:{port}
    allow_private: true
    credential: file:{key_file}
    host_key: {host_key}
  - name: practice
    connector: lab
    base_url: {lab}
    allow_private: true
bindings:
  firewall.block_address: edge-firewall
  edr.find_host: practice
  edr.isolate_host: practice
  edr.collect_triage_package: practice
sources:
  sensor: {{ format: suricata, trust: high }}
files:
  - path: {eve}
    source: sensor
",
        user = rig.get("SSH_USER"),
        ip = rig.get("FIREWALL_IP"),
        port = rig.get("SSH_PORT"),
        key_file = rig.get("SSH_KEY"),
        host_key = key.join(" "),
        eve = rig.get("SURICATA_EVE"),
    );
    fs::write(data.join("stanch.yaml"), config).unwrap();
}

#[test]
fn suricata_to_nftables_and_back() {
    let Some(rig) = Rig::up("real_path::suricata_to_nftables_and_back") else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let lab = support::Lab::start(&folder.path().join("lab"));
    configure(&data, &rig, &lab.url);
    let trace = folder.path().join("trace.ndjson");
    let server = Server::start(&data, &["--trace", trace.to_str().unwrap()]);
    let me = server.token("reviewer", "responder");

    // Real traffic, seen by a real sensor.
    assert!(rig.beacon(), "before anything is done the host reaches the server");
    let approval = eventually("an approval to wait", || {
        let waiting = server.json(&me, &["approval", "list", "--state", "waiting"]);
        waiting["items"].as_array()?.first().cloned()
    });
    assert_eq!(approval["playbook"], "contain-c2-beacon");
    let actions = approval["plan"]["actions"].as_array().unwrap();
    let block = actions.iter().find(|a| a["name"] == "firewall.block_address").unwrap();
    assert_eq!(block["instance"], "edge-firewall");
    assert_eq!(block["practice"], false);
    assert_eq!(block["target"]["value"], rig.get("OUTSIDE_IP"));
    assert!(rig.beacon(), "a plan does nothing");

    // A person says yes to exactly that plan.
    let id = approval["id"].as_str().unwrap();
    let approved = server.cli(&me, &["approval", "approve", id]);
    assert!(approved.ok(), "{approved:?}");
    let row = eventually("the block to be verified", || {
        let ledger = server.json(&me, &["containment", "list", "--live"]);
        let rows = ledger["items"].as_array()?.clone();
        rows.into_iter()
            .find(|row| row["state"] == "verified" && row["action"]["instance"] == "edge-firewall")
    });
    assert!(!rig.beacon(), "blocked: the traffic stops");

    // And takes it back.
    let undo = row["id"].as_str().unwrap();
    let undone = server.cli(&me, &["containment", "undo", undo, "--reason", "end of the drill"]);
    assert!(undone.ok(), "{undone:?}");
    eventually("the undo to be seen", || {
        let ledger = server.json(&me, &["containment", "list"]);
        let rows = ledger["items"].as_array()?.clone();
        rows.into_iter().find(|row| row["id"] == undo && row["state"] == "undone")
    });
    assert!(rig.beacon(), "undone: the traffic flows");

    // The other way in: over HTTP, with a token for the source.
    let token = server.source_token("bastion", "medium");
    let line = b"Nov 24 09:00:01 bastion sshd[7]: Accepted publickey for deploy from 10.20.0.9 port 50022 ssh2: ED25519 SHA256:x\n";
    assert_eq!(support::deliver(&server, "bastion", &token, line)["accepted"], 1);

    let verified = server.json(&me, &["audit", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
    assert!(verified["entries"].as_u64().unwrap() > 8, "{verified}");
    follows_the_map(&fs::read_to_string(trace).unwrap());
}

/// What a firewall does that has no API but can poll a list.
const POLL: &str = "curl -sS --fail -H \"Authorization: Bearer $1\" \"$2/feeds/blocked-ips.txt\" | \
    { echo 'flush set inet stanch blocked4'; grep -v '^#' | sed 's/.*/add element inet stanch blocked4 { & }/'; } | nft -f -";

#[test]
fn a_firewall_that_polls_the_block_list() {
    let Some(rig) = Rig::up("real_path::a_firewall_that_polls_the_block_list") else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let lab = support::Lab::start(&folder.path().join("lab"));
    let config = format!(
        "connectors:
  - {{ name: practice, connector: lab, base_url: \"{}\", allow_private: true }}
  - {{ name: list, connector: blocklist }}
bindings:
  firewall.block_address: list
  edr.find_host: practice
  edr.isolate_host: practice
  edr.collect_triage_package: practice
files:
  - {{ path: {}, source: suricata }}
",
        lab.url,
        rig.get("SURICATA_EVE")
    );
    fs::write(data.join("stanch.yaml"), config).unwrap();
    let listen = format!("{}:0", rig.get("MANAGER_IP"));
    let server = Server::start_on(&listen, &data, &["--behind-proxy"]);
    let me = server.token("reviewer", "responder");
    let firewall = server.make_token(&["--name", "edge", "--feed"]);
    let poll = || {
        let polled = rig.inside("firewall", &["sh", "-c", POLL, "poll", &firewall, &server.url]);
        assert!(polled.ok(), "{polled:?}");
    };
    let list = |state: &str| {
        eventually("the ledger to follow the list", || {
            poll();
            let rows = server.json(&me, &["containment", "list"]);
            let rows = rows["items"].as_array()?.clone();
            rows.into_iter()
                .find(|r| r["action"]["connector"] == "blocklist" && r["state"] == state)
        })
    };

    assert!(rig.beacon(), "before anything is done the host reaches the server");
    let approval = eventually("an approval to wait", || {
        let waiting = server.json(&me, &["approval", "list", "--state", "waiting"]);
        waiting["items"].as_array()?.first().cloned()
    });
    poll();
    assert!(rig.beacon(), "a plan puts nothing on the list");
    let approved = server.cli(&me, &["approval", "approve", approval["id"].as_str().unwrap()]);
    assert!(approved.ok(), "{approved:?}");
    let row = list("verified");
    assert!(!rig.beacon(), "the firewall fetched the list: the traffic stops");
    let undo = ["containment", "undo", row["id"].as_str().unwrap(), "--reason", "end of the drill"];
    assert!(server.cli(&me, &undo).ok());
    list("undone");
    assert!(rig.beacon(), "the firewall fetched the shorter list: the traffic flows");
}

/// ARCHITECTURE.md follows one alert by naming one span per crate; all of them were just seen.
fn follows_the_map(trace: &str) {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = map.split("## One alert, from socket to firewall").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let spans: Vec<String> = rows
        .filter_map(|row| row.split('|').nth(3))
        .map(|cell| cell.trim().trim_matches('`').to_owned())
        .collect();
    assert!(spans.len() >= 9, "one row per crate on the way: {spans:?}");
    for span in spans {
        let seen = format!("\"name\":\"{span}\"");
        assert!(trace.contains(&seen), "span `{span}` of ARCHITECTURE.md was not in the trace");
    }
}
