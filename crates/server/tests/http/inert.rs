//! Whoever follows a link decides nothing: scanners of mail and chat follow all of them.

use serde_json::json;
use stanch_model::containment::ContainmentState;

use crate::{access::rows, bench::Bench, forge};

#[tokio::test]
async fn what_changes_something_is_no_link() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    let rows = rows();
    let reads: Vec<&str> =
        rows.iter().filter(|row| row.is_safe()).map(|row| row.path.as_str()).collect();
    let orders = rows.iter().filter(|row| !reads.contains(&row.path.as_str()));
    let mut count = 0;
    for row in orders {
        count += 1;
        for method in ["GET", "HEAD"] {
            let reply = bench.send(bench.request(method, &row.path).bearer_auth(&admin)).await;
            assert_eq!(reply.status, 405, "{method} {}", row.path);
            assert_eq!(reply.header("allow"), row.method(), "{method} {}", row.path);
        }
    }
    assert!(count > 10, "{count}");
}

#[tokio::test]
async fn following_links_decides_nothing() {
    let bench = Bench::start().await;
    let cookie = bench.set_up().await;
    let admin = bench.admin().await;
    let approval = forge::waiting_approval(&bench).await;
    let row = forge::ledger_row(&bench, ("203.0.113.7", false), ContainmentState::Verified).await;
    let (approve, show) = (
        format!("/api/v1/approvals/{}/approve", approval.id),
        format!("/api/v1/approvals/{}", approval.id),
    );
    let undo = format!("/api/v1/containments/{}/undo", row.id);
    let hash = &approval.plan_hash;
    for path in [
        approve.clone(),
        format!("{approve}?plan_hash={hash}"),
        format!("{approve}/?plan_hash={hash}&_method=POST"),
        approve.replace("/approve", "/deny?reason=r"),
        format!("{show}?state=approved&plan_hash={hash}"),
        show.clone(),
        show.replace("/api/v1", ""),
        approve.replace("/api/v1", ""),
        undo.clone(),
        format!("{undo}?reason=r"),
        undo.replace("/api/v1", ""),
    ] {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let request = || bench.request(method, &path).header("x-http-method-override", "POST");
            bench.send(request().bearer_auth(&admin)).await;
            bench.send(request().header("cookie", &cookie).header("x-stanch-csrf", "1")).await;
        }
    }
    assert_eq!(bench.get(&show, &admin).await.json(), serde_json::to_value(&approval).unwrap());
    let ledger = bench.get(&format!("/api/v1/containments/{}", row.id), &admin).await.json();
    assert_eq!(ledger["state"], "verified");
    // A yes is for the plan that was looked at, and it is sent.
    let other = bench.post(&approve, &admin, &json!({ "plan_hash": "0".repeat(64) })).await;
    assert_eq!((other.status, other.code().as_str()), (409, "AP0005"));
    let yes = bench.post(&approve, &admin, &json!({ "plan_hash": hash })).await;
    assert_eq!((yes.status, &yes.json()["state"]), (200, &json!("approved")), "{yes:?}");
    let again = bench.post(&approve, &admin, &json!({ "plan_hash": hash })).await;
    assert_eq!(again.status, 409);
}
