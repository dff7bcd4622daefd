//! Manifests held against their recordings and against a live target, by the command line.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{fs, path::Path};

use serde_json::Value;
use support::{Lab, Output, root, stanch};

fn test(args: &[&str]) -> Output {
    stanch(&[&["connector", "test"], args].concat(), &[])
}

#[track_caller]
fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// A copy of the lab's connector, changed.
fn copy(folder: &Path, change: impl Fn(String) -> String) -> String {
    let from = root().join("content/connectors/lab");
    let to = folder.join("lab");
    fs::create_dir_all(to.join("examples")).unwrap();
    for entry in fs::read_dir(from.join("examples")).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join("examples").join(entry.file_name())).unwrap();
    }
    let text = change(fs::read_to_string(from.join("connector.yaml")).unwrap());
    fs::write(to.join("connector.yaml"), text).unwrap();
    to.to_str().unwrap().to_owned()
}

#[test]
fn every_embedded_connector_holds_against_its_recordings() {
    for name in ["lab", "nftables"] {
        let output = test(&[name, "--json"]);
        assert!(output.ok(), "{output:?}");
        let report = json(&output);
        assert_eq!(report["findings"], serde_json::json!([]));
        assert!(report["recordings"].as_array().unwrap().len() >= 2, "{report}");
    }
    let unknown = test(&["lap"]);
    assert_eq!(unknown.code, 5, "{unknown:?}");
    assert!(unknown.stderr.contains("lab"), "it says what there is: {unknown:?}");
    assert_eq!(test(&["lab", "--action", "none"]).code, 5);
}

#[test]
fn a_manifest_that_sends_something_else_is_told_with_line_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy(folder.path(), |text| {
        let text = text.replace("/isolation\", accept: [202]", "/isolate\", accept: [202]");
        text.replace("response.body.state == 'enabled'", "response.body.state == 'active'")
    });
    let output = test(&[&path]);
    assert_eq!(output.code, 1, "{output:?}");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines.contains(&"FAIL isolate_host: The lab accepts first and isolates later"));
    assert!(lines.contains(&"ok   find_host: By its name"), "{lines:#?}");
    let told = |code: &str, text: &str| {
        lines.iter().any(|line| {
            let place = line.strip_prefix(path.as_str()).unwrap_or_default();
            place.starts_with("/examples/") && place.contains(code) && place.contains(text)
        })
    };
    assert!(told("CN0026", "here stands \"/edr/v1/hosts/ws-01/isolation\""), "{lines:#?}");
    assert!(told("CN0027", "undo_verify takes this answer for false"), "{lines:#?}");
    let checked = stanch(&["check", &path], &[]);
    assert_eq!(checked.code, 1, "`check` sees it as well: {checked:?}");
}

#[test]
fn a_live_target_is_tried_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::start(&folder.path().join("lab"));
    let config = folder.path().join("stanch.yaml");
    let text = format!(
        "connectors:\n  - {{ name: practice, connector: lab, base_url: \"{}\", allow_private: true }}\n  - {{ name: kept, connector: lab, base_url: \"{}\", credential: \"secret:x\" }}\npolicy: {{ protected: [ {{ kind: host, value: dc-01 }} ] }}\n",
        lab.url, lab.url
    );
    fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    let live = |args: &[&str]| {
        test(&[&["lab", "--live", "practice", "--config", config][..], args].concat())
    };

    let reads = json(&live(&["--json"]));
    let actions: Vec<&str> =
        reads["items"].as_array().unwrap().iter().map(|i| i["action"].as_str().unwrap()).collect();
    let expect = ["collect_triage", "find_account", "find_account", "find_host", "find_host"];
    assert_eq!(actions, expect, "acts are left out");
    let done = |what: &str| {
        lab.acts().iter().filter(|act| act["path"].as_str().unwrap().contains(what)).count()
    };
    assert_eq!(done("isolation"), 0);

    let unasked = live(&["--act", "--action", "isolate_host"]);
    assert_eq!(unasked.code, 2, "nobody says yes: {unasked:?}");
    assert!(unasked.stderr.contains("Isolate a host host:ws-01"), "{unasked:?}");
    assert!(unasked.stderr.contains("taken back at once: Connect the host again"), "{unasked:?}");
    assert_eq!(done("isolation"), 0);
    let protected = r#"{"host":"dc-01"}"#;
    let refused = live(&["--act", "--yes", "--action", "isolate_host", "--with", protected]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("`dc-01` is protected"), "{refused:?}");
    assert_eq!(done("isolation"), 0, "what the guard refuses is not done");

    let record = folder.path().join("recorded");
    let acted = live(&[
        "--act",
        "--yes",
        "--action",
        "isolate_host",
        "--json",
        "--record",
        record.to_str().unwrap(),
    ]);
    assert!(acted.ok(), "{acted:?}");
    let item = json(&acted)["items"][0].clone();
    assert_eq!((&item["ok"], &item["left_behind"]), (&true.into(), &false.into()), "{item}");
    let parts: Vec<&str> = item["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["part"].as_str().unwrap())
        .collect();
    assert_eq!(parts, ["probe", "call", "verify", "probe", "undo", "undo_verify", "probe"]);
    assert_eq!(done("isolation"), 2, "one act and its undo");

    // What was recorded is a recording.
    let path = copy(folder.path(), |text| text);
    let examples = Path::new(&path).join("examples");
    let name = "isolate_host.the-lab-accepts-first-and-isolates-later.yaml";
    fs::copy(record.join(name), examples.join(name)).unwrap();
    assert!(test(&[&path]).ok());

    let kept = test(&["lab", "--live", "kept", "--config", config]);
    assert_eq!(kept.code, 2, "{kept:?}");
    assert!(kept.stderr.contains("env:NAME or file:PATH"), "{kept:?}");
    let unknown = test(&["lab", "--live", "none", "--config", config]);
    assert_eq!(unknown.code, 5, "{unknown:?}");
    assert!(unknown.stderr.contains("practice"), "{unknown:?}");
}

#[test]
fn an_effect_that_is_there_already_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::start(&folder.path().join("lab"));
    let config = folder.path().join("stanch.yaml");
    let text = format!(
        "connectors:\n  - {{ name: practice, connector: lab, base_url: \"{}\", allow_private: true }}\n",
        lab.url
    );
    fs::write(&config, text).unwrap();
    let block = support::run(std::process::Command::new("curl").args([
        "-sS",
        "-X",
        "PUT",
        "-H",
        "Idempotency-Key: other",
        "-H",
        "Content-Type: application/json",
        "-d",
        "{}",
        &format!("{}/firewall/v1/blocked-addresses/203.0.113.66", lab.url),
    ]));
    assert!(block.ok(), "{block:?}");
    let address = r#"{"address":"203.0.113.66"}"#;
    let output = test(&[
        "lab",
        "--live",
        "practice",
        "--config",
        config.to_str().unwrap(),
        "--act",
        "--yes",
        "--action",
        "block_address",
        "--with",
        address,
    ]);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stdout.contains("there already"), "{output:?}");
    assert_eq!(lab.acts().len(), 1, "nothing of ours was done");
}

#[test]
fn an_openapi_document_becomes_a_manifest_that_is_checked_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let ours = root().join("web/openapi.json");
    let ours = ours.to_str().unwrap();
    let made = stanch(&["connector", "from-openapi", ours, "--name", "stanch"], &[]);
    assert!(made.ok(), "{made:?}");
    assert!(made.stdout.contains("connector: stanch\n"), "the manifest stands alone on stdout");
    assert!(made.stderr.contains("drafts"), "{made:?}");
    let path = folder.path().join("connector.yaml");
    fs::write(&path, &made.stdout).unwrap();
    let checked = stanch(&["connector", "check", path.to_str().unwrap(), "--json"], &[]);
    assert!(checked.ok(), "{checked:?}");
    assert_eq!(json(&checked)["errors"], 0);

    let one =
        stanch(&["connector", "from-openapi", ours, "--operation", "GET /api/v1/health"], &[]);
    assert!(one.ok() && one.stdout.contains("path: /api/v1/health"), "{one:?}");
    for (args, code) in [
        (&[ours, "--operation", "none"][..], 5),
        (&["/no/such/file"], 2),
        (&[path.to_str().unwrap()], 2),
    ] {
        let refused = stanch(&[&["connector", "from-openapi"], args].concat(), &[]);
        assert_eq!((refused.code, refused.stdout.as_str()), (code, ""), "{args:?} {refused:?}");
    }
}

#[test]
fn an_operator_sees_what_each_connector_can_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let lab = Lab::start(&folder.path().join("lab"));
    fs::create_dir_all(&data).unwrap();
    let config = format!(
        "connectors:\n  - {{ name: practice, connector: lab, base_url: \"{}\", allow_private: true, credential: \"file:/etc/lab/token\" }}\nbindings: {{ firewall.block_address: practice }}\n",
        lab.url
    );
    fs::write(data.join("stanch.yaml"), config).unwrap();
    let server = support::Server::start(&data, &[]);
    let viewer = server.token("viewer", "viewer");
    let list = server.json(&viewer, &["connector", "list"]);
    let names: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|of| of["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["blocklist", "incident", "intel", "practice"]);
    let practice = server.json(&viewer, &["connector", "show", "practice"]);
    assert_eq!(practice["bindings"], serde_json::json!(["firewall.block_address"]));
    assert_eq!(practice["credential"], "file", "where the file is, is nobody's business");
    let isolate = practice["actions"].as_array().unwrap();
    let isolate = isolate.iter().find(|action| action["name"] == "isolate_host").unwrap();
    assert_eq!(isolate["undo"], "Connect the host again");
    assert_eq!((&isolate["probe"], &isolate["verify_within"]), (&true.into(), &"1m".into()));
    let shown = server.cli(&viewer, &["connector", "show", "practice"]);
    assert!(shown.ok() && shown.stdout.contains("Connect the host again"), "{shown:?}");
    assert!(server.cli(&viewer, &["connector", "list"]).stdout.contains("lab (practice)"));
    assert_eq!(server.cli(&viewer, &["connector", "show", "none"]).code, 5);
}
