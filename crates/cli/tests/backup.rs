//! Backup of a running server, and a restored one, by the real binary: the books and the acts at the
//! practice target are what they were, and the audit chain holds.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::Value;
use support::{Server, eventually, stanch};

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

#[test]
fn what_was_backed_up_is_what_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, again) = (folder.path().join("data"), folder.path().join("again"));
    let file = folder.path().join("stanch.tar");
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let server = Server::start(&data, &["--demo"]);
    let admin = server.token("admin", "admin");
    let ask = |server: &Server, noun: &str| server.json(&admin, &[noun, "list"]);
    eventually("the demonstration's plans and its automatic block", || {
        let approvals = ask(&server, "approval");
        let verified =
            items(&ask(&server, "containment")).iter().any(|row| row["state"] == "verified");
        (items(&approvals).len() >= 2 && verified).then_some(())
    });
    // By whoever may open the folder, and over the API.
    let taken = stanch(&["backup", &text(&file), "--data", &text(&data)], &[]);
    assert!(taken.ok(), "{taken:?}");
    let refused = stanch(&["backup", &text(&file), "--data", &text(&data)], &[]);
    assert!(!refused.ok() && refused.stderr.contains("is there already"), "{refused:?}");
    let viewer = server.token("viewer", "viewer");
    let denied = server.cli(&viewer, &["backup", &text(&folder.path().join("mine.tar"))]);
    assert_eq!(denied.code, 4, "{denied:?}");
    let streamed = server.cli(&admin, &["backup", &text(&folder.path().join("api.tar"))]);
    assert!(streamed.ok(), "{streamed:?}");
    let incidents = items(&ask(&server, "incident")).len();
    let before = items(&ask(&server, "containment"))[0]["id"].clone();
    server.kill();

    let restored = stanch(&["restore", &text(&file), "--data", &text(&again)], &[]);
    assert!(restored.ok() && restored.stdout.contains("all of them as they were"), "{restored:?}");
    let twice = stanch(&["restore", &text(&file), "--data", &text(&again)], &[]);
    assert!(!twice.ok() && twice.stderr.contains("not empty"), "{twice:?}");
    let other = stanch(
        &[
            "restore",
            &text(&folder.path().join("api.tar")),
            "--data",
            &text(&folder.path().join("b")),
        ],
        &[],
    );
    assert!(other.ok(), "{other:?}");

    // The lab of the restored folder is a new one: nothing is contained there any more.
    let server = Server::start(&again, &["--demo"]);
    eventually("the comparison with the targets", || {
        let rows = ask(&server, "containment");
        let row = items(&rows).iter().find(|row| row["id"] == before)?.clone();
        (row["drift"]["kind"] == "missing").then_some(())
    });
    let shown = server.cli(&admin, &["containment", "list"]).stdout;
    assert!(shown.contains("DRIFT: the target does not show the effect"), "{shown}");
    assert!(items(&ask(&server, "incident")).len() >= incidents);
    let verified = stanch(&["audit", "verify", "--data", &text(&again), "--json"], &[]);
    assert!(verified.ok(), "{verified:?}");
    let id = before.as_str().unwrap();
    let accepted = server.cli(&admin, &["containment", "accept", id, "--reason", "a new lab"]);
    assert!(accepted.ok(), "{accepted:?}");
    let found = server.json(&admin, &["containment", "reconcile"]);
    assert_eq!(found["missing"], 0, "{found}");
}
