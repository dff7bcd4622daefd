//! `intel lookup` and `intel import`, on files.

use serde_json::json;

use super::{folder, run_in};

const AT: &str = "2026-03-01T00:00:00Z";

fn bundle() -> String {
    let indicator = |id: &str, pattern: &str| {
        json!({"type": "indicator", "spec_version": "2.1", "id": format!("indicator--{id}"), "name": "beacon",
            "modified": "2026-01-01T00:00:00Z", "pattern_type": "stix", "pattern": pattern, "confidence": 80,
            "valid_from": "2026-02-28T00:00:00Z", "valid_until": "2026-06-01T00:00:00Z",
            "object_marking_refs": ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]})
    };
    let objects = [
        indicator("1", "[domain-name:value = 'evil.test'] OR [ipv4-addr:value = '203.0.113.0/24']"),
        indicator("2", "[file:name = 'a.exe' AND file:size = 5]"),
        json!({"type": "malware", "id": "malware--1"}),
    ];
    json!({"type": "bundle", "id": "bundle--1", "objects": objects}).to_string()
}

#[test]
fn a_value_is_looked_up_in_files() {
    let folder = folder(&[
        ("feed.json", &bundle()),
        ("c2.txt", "198.51.100.7 # dropper\n"),
        ("ours.csv", "value,reason,until\ncdn.evil.test,our contract,2026-06-01\n"),
    ]);
    let args = [
        "intel",
        "lookup",
        "--list",
        "feed.json",
        "--list",
        "c2.txt",
        "--benign",
        "ours.csv",
        "--at",
        AT,
    ];
    let values =
        ["hxxp://a.evil[.]test/x", "203.0.113.9", "cdn.evil.test", "198.51.100.7", "fine.test"];
    let ran = run_in(folder.path(), &[args.as_slice(), &values].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expect = "\
value                 verdict    score  tlp    note
http://a.evil.test/x  malicious  80     amber  on feed as evil.test (beacon)
203.0.113.9           malicious  75     amber  on feed as 203.0.113.0/24 (beacon)
cdn.evil.test         benign     80     amber  on ours (our contract, until 2026-06-01T00:00:00Z); overrides on feed as evil.test (beacon)
198.51.100.7          malicious  50     -      on c2 (dropper)
fine.test             unknown    -      -
";
    assert_eq!(ran.out, expect);
    let told = "\
feed.json: 1 parts were left out; `stanch intel import --check feed.json` names them
feed.json: 2 claims
c2.txt: 1 claims
";
    assert_eq!(ran.err, told);
    let json =
        run_in(folder.path(), &[args.as_slice(), &["a.evil.test", "--json"]].concat()).json();
    assert_eq!(json[0]["verdict"], "malicious");
    assert_eq!(json[0]["indicator"]["claims"][0]["id"], "indicator--1");
    // After its day the allow-list says nothing, and neither does the bundle.
    let late = [
        "intel",
        "lookup",
        "--list",
        "feed.json",
        "--benign",
        "ours.csv",
        "--at",
        "2026-06-01T00:00:00Z",
        "cdn.evil.test",
    ];
    let ran = run_in(folder.path(), &late);
    assert!(ran.out.contains("cdn.evil.test  unknown  0"), "{}", ran.out);
}

#[test]
fn an_import_says_what_cannot_be_matched() {
    let folder = folder(&[("feed.json", &bundle())]);
    let ran = run_in(folder.path(), &["intel", "import", "--check", "feed.json", "--at", AT]);
    let expect = "\
feed.json: indicator--2: it needs several properties together (AND)
what             count
cidr             1
domain           1
claims in force  2
other: malware   1
";
    assert_eq!((ran.code, ran.out.as_str()), (1, expect), "{}", ran.err);
    assert_eq!(ran.err, "read as stix: 2 claims, 1 parts left out\n");
    let json = run_in(folder.path(), &["intel", "import", "--check", "feed.json", "--json"]).json();
    assert_eq!(json["left_out"]["parts"][0]["place"], "indicator--2");
}

#[test]
fn a_table_wants_to_know_its_columns() {
    let folder = folder(&[("t.csv", "ioc,sure\nevil.test,70\n")]);
    let ran = run_in(folder.path(), &["intel", "import", "--check", "t.csv"]);
    assert_eq!(ran.code, 2);
    let told = "stanch: t.csv: a table; name what its columns hold, as in --columns value=ioc\n";
    assert_eq!(ran.err, told);
    let check = ["intel", "import", "--check", "t.csv", "--columns"];
    let ran = run_in(folder.path(), &[check.as_slice(), &["value=ioc,confidence=sure"]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, "read as csv: 1 claims, 0 parts left out\n"));
    let ran = run_in(folder.path(), &[check.as_slice(), &["value=url"]].concat());
    assert_eq!(ran.code, 2);
    assert_eq!(ran.err, "stanch: t.csv: line 1: there is no column `url`; there are ioc, sure\n");
    let ran = run_in(folder.path(), &[check.as_slice(), &["valu=url"]].concat());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("there is no `valu`; there are value, kind"), "{}", ran.err);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let folder = folder(&[
        ("a.json", "{\"objects\":\n 7}"),
        ("b.json", "{\"x\": 1}"),
        ("c.txt", "a.test\n"),
    ]);
    let check = |file: &str, expect: &str| {
        let ran = run_in(folder.path(), &["intel", "import", "--check", file]);
        assert_eq!((ran.code, ran.err.as_str()), (2, expect));
    };
    check(
        "a.json",
        "stanch: a.json: not a STIX 2.1 bundle: line 2, column 2: invalid type: integer `7`, expected a sequence\n",
    );
    check(
        "b.json",
        "stanch: b.json: not a document of indicators: it has none of `objects`, `Event`, `response`, `vulnerabilities`, `list`\n",
    );
    check("gone.json", "stanch: gone.json: No such file or directory (os error 2)\n");
    let ran = run_in(folder.path(), &["intel", "lookup", "not a value", "--list", "c.txt"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("stanch: `not a value` is no single value"), "{}", ran.err);
}
