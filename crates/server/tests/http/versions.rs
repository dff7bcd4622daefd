//! Drafts, reviews and what is in force, by HTTP.

use serde_json::{Value, json};
use stanch_model::people::Role;

use crate::bench::{Bench, Reply};

const PATH: &str = "/api/v1/playbooks/quiet/versions";

fn text(note: &str) -> String {
    format!("playbook: quiet\ntitle: Does nothing\nsteps:\n  - end: succeeded\n    note: {note}\n")
}

async fn draft(bench: &Bench, who: &str, text: &str) -> Reply {
    bench.post(PATH, who, &json!({ "text": text, "note": "n" })).await
}

#[tokio::test]
async fn from_a_draft_to_a_published_version() {
    let bench = Bench::start().await;
    let [ann, ben, root] = [
        bench.person("ann", Role::Responder).await,
        bench.person("ben", Role::Responder).await,
        bench.person("root", Role::Admin).await,
    ];
    assert_eq!(bench.get(PATH, &ann).await.status, 404);
    let first = draft(&bench, &ann, &text("one")).await;
    assert_eq!((first.status, &first.json()["number"]), (201, &json!(1)), "{first:?}");
    assert_eq!((&first.json()["author"], &first.json()["findings"]), (&json!("ann"), &json!([])));
    let yes = json!({ "approve": true });
    let own = bench.post(&format!("{PATH}/1/review"), &ann, &yes).await;
    assert_eq!((own.status, own.code().as_str()), (403, "AP0002"));
    let early = bench.post(&format!("{PATH}/1/publish"), &root, &json!({})).await;
    assert_eq!((early.status, early.code().as_str()), (409, "AP0005"));
    let mute = bench.post(&format!("{PATH}/1/review"), &ben, &json!({ "approve": false })).await;
    assert_eq!(mute.status, 422, "a no needs a reason: {mute:?}");
    let reviewed = bench.post(&format!("{PATH}/1/review"), &ben, &yes).await;
    assert_eq!((reviewed.status, &reviewed.json()["state"]), (200, &json!("reviewed")));
    assert_eq!(bench.post(&format!("{PATH}/1/publish"), &ben, &json!({})).await.status, 403);
    let published = bench.post(&format!("{PATH}/1/publish"), &root, &json!({})).await;
    assert_eq!((published.status, &published.json()["state"]), (200, &json!("published")));
    let shown = bench.get("/api/v1/playbooks/quiet", &ann).await.json();
    assert_eq!((&shown["text"], &shown["mode"]), (&json!(text("one")), &json!("assist")));

    draft(&bench, &ben, &text("two")).await;
    let list = bench.get(PATH, &ann).await.json();
    let states = list["items"].as_array().unwrap().iter().map(|item| item["state"].clone());
    assert_eq!(states.collect::<Vec<_>>(), ["draft", "published"]);
    let one = bench.get(&format!("{PATH}/1"), &ann).await.json();
    assert_eq!(
        (&one["in_force"], &one["runs"], &one["text"]),
        (&json!(true), &json!([]), &json!(text("one")))
    );
    let diff = bench.get(&format!("{PATH}/1/diff/2"), &ann).await.json();
    assert!(diff["text"].as_str().unwrap().contains("-    note: one\n+    note: two\n"), "{diff}");
    assert_eq!(diff["changes"][0]["what"], "end");
    for gone in [format!("{PATH}/9"), format!("{PATH}/1/diff/9"), format!("{PATH}/9/diff/1")] {
        assert_eq!(bench.get(&gone, &ann).await.status, 404, "{gone}");
    }
    for wrong in [format!("{PATH}/x"), format!("{PATH}/-1"), format!("{PATH}/1/diff/x")] {
        assert_eq!(bench.get(&wrong, &ann).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_text_that_is_refused_is_answered_with_every_finding() {
    let bench = Bench::start().await;
    let ann = bench.person("ann", Role::Responder).await;
    let wrong = text("one").replace("note", "notes").replace("title", "titel");
    let reply = draft(&bench, &ann, &wrong).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "AP0016"), "{reply:?}");
    let findings = reply.json()["findings"].as_array().unwrap().clone();
    assert!(findings.len() >= 2, "{findings:?}");
    for finding in &findings {
        let has =
            |pointer: &str| finding.pointer(pointer).is_some_and(|value| *value != Value::Null);
        assert!(has("/code") && has("/span/line") && has("/message") && has("/help"), "{finding}");
    }
    let body = json!({ "text": text("one") });
    let other = bench.post("/api/v1/playbooks/loud/versions", &ann, &body).await;
    assert_eq!((other.status, other.code().as_str()), (422, "AP0004"));
    // A problem of another kind has no findings.
    assert_eq!(other.json().get("findings"), None);
}
