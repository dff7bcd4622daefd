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
            let mut allowed = reply.header("allow").split(',');
            assert!(allowed.any(|allowed| allowed == row.method()), "{method} {}", row.path);
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

/// A scanner of mails: takes every link, asks for it as browsers and link checkers do, and for what the answer links
/// to; fills in what looks like a form.
async fn scan(bench: &Bench, text: &str, base: &str) -> usize {
    let mut queue: Vec<String> = text
        .split_whitespace()
        .filter_map(|word| word.strip_prefix(base).map(str::to_owned))
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = queue.pop() {
        if seen.len() > 200 || !seen.insert(path.clone()) {
            continue;
        }
        for method in ["GET", "HEAD", "OPTIONS"] {
            let request = bench.request(method, &path).header("user-agent", "LinkScanner/1.0");
            let reply = bench.send(request.header("x-http-method-override", "POST")).await;
            let quoted =
                reply.text.split('"').filter(|part| part.starts_with('/')).map(str::to_owned);
            queue.extend(quoted);
        }
        // Some send what they find as a form, without knowing anybody's session.
        let form = bench
            .request("POST", &path)
            .header("content-type", "application/x-www-form-urlencoded");
        bench.send(form.body("approve=yes")).await;
        for more in ["/approve", "/deny?reason=r", "?approve=1", "/../approve"] {
            if seen.len() < 100 {
                queue.push(format!("{path}{more}"));
            }
        }
    }
    seen.len()
}

#[tokio::test]
async fn a_scanner_that_follows_every_link_of_a_notice_decides_nothing() {
    let bench = Bench::start().await;
    bench.set_up().await;
    let admin = bench.admin().await;
    let approval = forge::waiting_approval(&bench).await;
    let base = format!("http://{}", bench.address);
    let text = format!(
        "A plan waits.\n{base}/approvals/{id}\n{base}/api/v1/approvals/{id}/approve?plan_hash={hash}\n",
        id = approval.id,
        hash = approval.plan_hash
    );
    assert!(scan(&bench, &text, &base).await > 5);
    let show = format!("/api/v1/approvals/{}", approval.id);
    assert_eq!(bench.get(&show, &admin).await.json(), serde_json::to_value(&approval).unwrap());
    let audit = bench.get("/api/v1/audit?limit=500", &admin).await.json();
    let verbs: Vec<&str> =
        audit["items"].as_array().unwrap().iter().map(|e| e["verb"].as_str().unwrap()).collect();
    assert!(verbs.iter().all(|verb| !verb.starts_with("approval.")), "{verbs:?}");
    // Who is signed in and says which plan they saw decides.
    let yes = json!({ "plan_hash": approval.plan_hash });
    assert_eq!(bench.post(&format!("{show}/approve"), &admin, &yes).await.status, 200);
}
