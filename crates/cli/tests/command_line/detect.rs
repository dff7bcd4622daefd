//! `detect`: alerts, where they are from, and records that cannot be read.

use serde_json::{Value, json};

use crate::{Ran, folder, run_in, run_with_stdin};

const WINDOWS: &str = "\
title: Shadow copies deleted
id: 3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f01
logsource: { product: windows, category: process_creation }
tags: [attack.impact, attack.t1490]
detection:
  selection:
    CommandLine|contains: delete shadows
  condition: selection
level: critical
";

const SSHD: &str = "\
title: Root logged in
id: 3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f02
logsource: { product: linux, service: sshd }
detection:
  selection: { event: login_accepted, user: root }
  condition: selection
level: low
";

const COUNTED: &str = "\
title: Any failure
id: 3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f03
name: any_failure
logsource: { product: linux, service: sshd }
detection:
  selection: { event: login_failed }
  condition: selection
level: informational
---
title: Three failures
id: 3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f04
correlation:
  type: event_count
  rules: [any_failure]
  group-by: [src_ip]
  timespan: 5m
  condition: { gte: 3 }
level: high
";

fn sysmon(command: &str) -> String {
    let system = json!({
        "Provider": { "#attributes": { "Name": "Microsoft-Windows-Sysmon" } },
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": "ws-1.test",
        "TimeCreated": { "#attributes": { "SystemTime": "2026-03-04T05:06:07.000000Z" } },
    });
    let data = json!({ "Image": "C:\\Windows\\x.exe", "CommandLine": command });
    json!({ "Event": { "System": system, "EventData": data } }).to_string()
}

fn failures(address: &str, count: u32) -> String {
    let line = |n| {
        format!(
            "Mar  4 05:06:{n:02} web sshd[7]: Failed password for root from {address} port 4{n:04} ssh2\n"
        )
    };
    (0..count).map(line).collect()
}

fn alerts(ran: &Ran) -> Vec<Value> {
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn alerts_come_one_a_line_and_say_whence() {
    let logs = format!("{}\n\n{}\n", sysmon("whoami"), sysmon("vssadmin delete shadows /all"));
    let folder = folder(&[("rules/w.yml", WINDOWS), ("log.ndjson", &logs)]);
    let ran = run_in(folder.path(), &["detect", "--json", "--rules", "rules", "log.ndjson"]);
    let alerts = alerts(&ran);
    assert_eq!((ran.code, alerts.len()), (0, 1), "{}", ran.err);
    let alert = &alerts[0];
    assert_eq!(alert["rule"]["id"], "3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f01");
    assert_eq!(alert["rule"]["title"], "Shadow copies deleted");
    assert_eq!(
        (&alert["severity"], &alert["techniques"][0]),
        (&"critical".into(), &"T1490".into())
    );
    assert_eq!(
        (&alert["event"]["file"], &alert["event"]["line"]),
        (&"log.ndjson".into(), &3.into())
    );
    assert_eq!(alert["event"]["id"], "evt_1-1");
    assert_eq!(alert["event"]["occurred_at"], "2026-03-04T05:06:07Z");
    assert_eq!(alert["matched_fields"]["CommandLine"], "vssadmin delete shadows /all");
    assert!(ran.err.ends_with("1 files, 2 events, 1 alerts, 0 records unread\n"), "{}", ran.err);
}

#[test]
fn rules_may_be_repeated_and_lists_are_read() {
    let list = format!("[\n{},\n{}\n]\n", sysmon("delete shadows"), sysmon("delete shadows"));
    let login =
        "Mar  4 05:06:07 web sshd[7]: Accepted password for root from 192.0.2.9 port 4 ssh2\n";
    let folder = folder(&[
        ("a/w.yml", WINDOWS),
        ("b/deep/s.yaml", SSHD),
        ("b/deep/s.test.yaml", "- broken"),
        ("logs/list.json", &list),
        ("logs/auth.log", login),
    ]);
    let args = ["detect", "--json", "--rules", "a", "--rules", "b", "logs"];
    let ran = run_in(folder.path(), &args);
    let seen: Vec<(String, u64)> = alerts(&ran)
        .iter()
        .map(|a| {
            (a["event"]["file"].as_str().unwrap().to_owned(), a["event"]["line"].as_u64().unwrap())
        })
        .collect();
    let expect = [("logs/auth.log", 1), ("logs/list.json", 2), ("logs/list.json", 3)];
    assert_eq!(seen, expect.map(|(file, line)| (file.to_owned(), line)), "{}", ran.err);
    let some = run_in(folder.path(), &[&args[..], &["--min-level", "high"]].concat());
    assert_eq!(alerts(&some).len(), 2);
}

#[test]
fn correlations_count_over_files_whatever_their_stamps_say() {
    let folder = folder(&[("r.yml", COUNTED)]);
    let logs = [("1.log", 2), ("2.log", 1)];
    for (name, count) in logs {
        let path = folder.path().join(name);
        std::fs::write(&path, failures("192.0.2.7", count)).unwrap();
        // An archive program that leaves no true time behind.
        let stamp = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(stamp).unwrap();
    }
    let ran = run_in(folder.path(), &["detect", "--json", "--rules", "r.yml", "1.log", "2.log"]);
    let alerts = alerts(&ran);
    assert_eq!(alerts.len(), 1, "{}", ran.err);
    assert_eq!(
        (&alerts[0]["count"], &alerts[0]["group"]["src_ip"]),
        (&3.into(), &"192.0.2.7".into())
    );
    assert_eq!(alerts[0]["events"], json!(["evt_1-0", "evt_1-1", "evt_2-0"]));
    let fewer = run_in(folder.path(), &["detect", "--json", "--rules", "r.yml", "1.log"]);
    assert_eq!(fewer.out, "");
}

#[test]
fn stdin_is_a_file_and_the_embedded_rules_are_there() {
    let log = failures("192.0.2.7", 8);
    let ran = run_with_stdin(&["detect", "--json", "-"], log.as_bytes());
    let alerts = alerts(&ran);
    assert_eq!((ran.code, alerts.len()), (0, 1), "{}", ran.err);
    assert_eq!(alerts[0]["rule"]["title"], "SSH brute force");
    assert_eq!(alerts[0]["event"]["file"], "-");
}

#[test]
fn records_that_cannot_be_read_are_named_and_stop_nothing() {
    let logs = format!("{}\n{{\"cut\":\nhello\n{}\n", sysmon("x"), sysmon("delete shadows"));
    let folder = folder(&[("w.yml", WINDOWS), ("log", &logs), ("bad", "hello\n")]);
    let ran = run_in(folder.path(), &["detect", "--json", "--rules", "w.yml", "log"]);
    assert_eq!((ran.code, alerts(&ran).len()), (0, 1));
    assert!(ran.err.contains("log:2: the JSON value is not closed"), "{}", ran.err);
    assert!(ran.err.contains("log:3: no source recognises `hello`"), "{}", ran.err);
    assert!(ran.err.ends_with("1 files, 2 events, 1 alerts, 2 records unread\n"), "{}", ran.err);
    let nothing = run_in(folder.path(), &["detect", "--rules", "w.yml", "bad"]);
    assert_eq!(nothing.code, 1, "a file of which nothing can be read is no clean file");
}

#[test]
fn refused_rules_are_said_and_the_rest_is_used() {
    let broken = WINDOWS.replace("|contains", "|contians").replace("6f01", "6f09");
    let log = sysmon("delete shadows");
    let folder = folder(&[("r/a.yml", &broken), ("r/b.yml", WINDOWS), ("log", &log)]);
    let ran = run_in(folder.path(), &["detect", "--json", "--rules", "r", "log"]);
    assert_eq!((ran.code, alerts(&ran).len()), (0, 1));
    assert!(ran.err.starts_with("r/a.yml:7:17 SG0030 "), "{}", ran.err);
    let none = run_in(folder.path(), &["detect", "--rules", "r/a.yml", "log"]);
    assert_eq!(none.code, 2);
}

#[test]
fn what_cannot_be_obeyed_is_refused_before_anything_is_scanned() {
    let folder = folder(&[("w.yml", WINDOWS), ("log", &sysmon("delete shadows"))]);
    for args in [
        &["detect", "--rules", "w.yml", "log", "gone"][..],
        &["detect", "--rules", "gone", "log"],
        &["detect", "--format", "suricatta", "log"],
        &["detect"],
    ] {
        let ran = run_in(folder.path(), args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?} {}", ran.err);
    }
}

#[test]
fn the_table_shows_what_an_attacker_wrote_and_obeys_none_of_it() {
    let log = sysmon("delete shadows").replace("ws-1.test", "ws\\u001b[2J\\u202e1");
    let folder = folder(&[("w.yml", WINDOWS), ("log", &log)]);
    let ran = run_in(folder.path(), &["detect", "--rules", "w.yml", "log"]);
    assert!(ran.out.contains("critical"), "{} {}", ran.out, ran.err);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.out);
}
