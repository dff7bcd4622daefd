//! A lab that was stopped or killed knows afterwards what was done to it.

use std::{io::Write, path::Path};

use serde_json::json;

use super::bench::{Bench, EFFECT};
use crate::{Clock, Lab, Options};

fn options(data: &Path) -> Options {
    Options { data: Some(data.to_owned()), auto_enrol: true, ..Options::default() }
}

const BLOCK: &str = "/firewall/v1/blocked-addresses/203.0.113.7";

#[tokio::test]
async fn a_restarted_lab_has_the_same_state_acts_and_keys() {
    let folder = tempfile::tempdir().unwrap();
    let before = Bench::start(options(folder.path())).await;
    let host = before.host("laptop-9").await;
    let isolation = format!("{host}/isolation");
    let first = before.act("POST", &isolation, "k1").await;
    before.act_with("PUT", BLOCK, "k2", json!({ "ttl_seconds": 600 })).await;
    before.act("POST", "/directory/v1/accounts/nobody/disable", "k3").await;
    before.act("POST", "/mailbox/v1/messages/m-0002/quarantine", "k4").await;
    before.act("POST", &format!("{host}/triage-packages"), "k5").await;
    before.fail(json!({ "match": "PUT", "mode": "never_finish" })).await;
    before.act("PUT", "/firewall/v1/blocked-addresses/203.0.113.8", "k6").await;
    before.act("PUT", "/firewall/v1/blocked-addresses/x", "k7").await;
    before.act("POST", "/edr/v1/hosts/laptop-10/isolation", "k8").await;
    let acts = before.acts();
    before.stop().await;

    let strict = Options { auto_enrol: false, ..options(folder.path()) };
    let after = Bench::start(strict).await;
    assert_eq!(after.acts(), acts);
    assert_eq!(after.isolation(&host).await, "isolating");
    after.pass(EFFECT);
    assert_eq!(after.isolation(&host).await, "isolated");
    assert_eq!(after.isolation("/edr/v1/hosts/laptop-10").await, "isolated");
    assert_eq!(after.get(BLOCK).await.text("/expires_at"), "2026-01-01T00:10:00Z");
    assert_eq!(after.get("/firewall/v1/blocked-addresses/203.0.113.8").await.status, 404);
    assert_eq!(after.get("/directory/v1/accounts/nobody").await.text("/state"), "disabled");
    assert_eq!(after.get("/mailbox/v1/messages/m-0002").await.text("/state"), "quarantined");
    let packages = after.get(&format!("{host}/triage-packages?key=k5")).await;
    assert_eq!(packages.body["items"].as_array().unwrap().len(), 1);

    let again = after.act("POST", &isolation, "k1").await;
    assert_eq!(again.body, first.body);
    assert_eq!(after.acts().last().unwrap().outcome.word(), "repeated");
    assert_eq!(after.acts().last().unwrap().seq, 9);
}

#[tokio::test]
async fn an_act_is_on_disk_before_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(options(folder.path())).await;
    for n in 0..5 {
        bench.act("PUT", BLOCK, &format!("k{n}")).await;
        // What a killed lab would find: nothing is flushed on the way out.
        let log = std::fs::read_to_string(folder.path().join("acts.ndjson")).unwrap();
        assert!(log.lines().last().unwrap().contains(&format!("\"key\":\"k{n}\"")));
        assert_eq!(log.lines().count(), n + 1);
    }
}

#[tokio::test]
async fn a_line_that_was_cut_off_by_a_kill_was_never_answered_and_may_be_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let before = Bench::start(options(folder.path())).await;
    before.act("PUT", BLOCK, "k1").await;
    before.stop().await;
    let path = folder.path().join("acts.ndjson");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"seq\":2,\"at\":\"2026-").unwrap();
    drop(file);
    let after = Bench::start(options(folder.path())).await;
    assert_eq!(after.acts().len(), 1);
    assert_eq!(after.act("DELETE", BLOCK, "k2").await.status, 200);
    assert_eq!(after.outcomes(), ["acted", "acted"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[test]
fn a_log_of_something_else_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("acts.ndjson"), "{\"hello\":1}\n").unwrap();
    let clock = Clock::from_fn(stanch_model::Time::default);
    let error = Lab::open(options(folder.path()), clock).err().unwrap().to_string();
    assert!(error.contains("acts.ndjson:1: no record of the lab"), "{error}");
}
