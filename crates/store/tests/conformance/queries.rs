//! Queries and paging.

use serde_json::json;
use stanch_model::{Incident, Severity, TenantId, guard::ApprovalState, incident::IncidentStatus};
use stanch_store::{AlertPlace, Error, PlaybookVersion, Question, QuestionState, Store};

use crate::{
    base::Base,
    sample::{NOW, alert, approval, at, containment, head, incident, key, run, tenant},
};

async fn put(store: &Store, incidents: Vec<Incident>) {
    let put = store.write(move |tx| incidents.iter().try_for_each(|i| tx.put_incident(i, NOW)));
    put.await.unwrap();
}

pub(crate) async fn pages_hold_everything_once_the_newest_first(base: Base) {
    let store = base.open().await;
    // Not in the order of their ids: what came last is first.
    let order = [3_u128, 1, 4, 2, 5];
    for number in order {
        let write = store.write(move |tx| {
            tx.put_alert(&alert(number, json!({})))?;
            tx.put_incident(&incident(number, json!({})), NOW)?;
            tx.put_run(&head(number, json!({})))?;
            tx.put_approval(&approval(number, number))?;
            tx.put_containment(&containment(number, "203.0.113.7", json!({})))
        });
        write.await.unwrap();
    }
    // A change moves nothing.
    store.write(|tx| tx.put_alert(&alert(3, json!({ "count": 2 })))).await.unwrap();
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let (page, next) = store.read(move |v| v.alerts(&tenant(), before, 2)).await.unwrap();
        // What comes meanwhile is not on a later page.
        let number = 100 + seen.len() as u128;
        store.write(move |tx| tx.put_alert(&alert(number, json!({})))).await.unwrap();
        seen.extend(page.into_iter().map(|alert| alert.id.uuid().as_u128()));
        before = next;
        if before.is_none() {
            break;
        }
    }
    let newest_first: Vec<u128> = order.into_iter().rev().collect();
    assert_eq!(seen, newest_first);
    let others = store.read(|v| {
        Ok((
            v.incidents(&tenant(), None, None, None, None, 9)?.0,
            v.runs(&tenant(), None, None, 9)?.0,
            v.approvals(&tenant(), None, None, None, 9)?.0,
            v.containments(&tenant(), None, None, None, 9)?,
        ))
    });
    let (incidents, runs, approvals, (containments, next)) = others.await.unwrap();
    assert_eq!(incidents.iter().map(|i| i.id.uuid().as_u128()).collect::<Vec<_>>(), newest_first);
    assert_eq!(runs.iter().map(|r| r.id.uuid().as_u128()).collect::<Vec<_>>(), newest_first);
    assert_eq!(approvals.iter().map(|a| a.id.uuid().as_u128()).collect::<Vec<_>>(), newest_first);
    assert_eq!(
        containments.iter().map(|c| c.id.uuid().as_u128()).collect::<Vec<_>>(),
        newest_first
    );
    assert_eq!(next, None);
}

pub(crate) async fn filters_narrow_and_none_of_them_hides(base: Base) {
    let store = base.open().await;
    let incidents = vec![
        incident(1, json!({ "severity": "low" })),
        incident(2, json!({ "status": "closed" })),
        incident(3, json!({})),
    ];
    put(&store, incidents).await;
    let found = async |status, severity| {
        let read = store.read(move |view| {
            view.incidents(&tenant(), status, severity, None, None, 9).map(|(page, _)| page)
        });
        let page = read.await.unwrap();
        page.into_iter().map(|i| i.id.uuid().as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(found(None, None).await, [3, 2, 1]);
    assert_eq!(found(Some(IncidentStatus::New), None).await, [3, 1]);
    assert_eq!(found(None, Some(Severity::Low)).await, [1]);
    assert_eq!(found(Some(IncidentStatus::Closed), Some(Severity::Low)).await, []);

    let of = incident(1, json!({})).id;
    let write = store.write(move |tx| {
        tx.put_run(&head(1, json!({ "incident": of })))?;
        tx.put_run(&head(2, json!({ "state": "succeeded", "ended_at": NOW })))?;
        tx.put_containment(&containment(1, "203.0.113.7", json!({ "incident": of })))?;
        tx.put_containment(&containment(2, "203.0.113.8", json!({ "state": "undone" })))?;
        tx.put_approval(&approval(1, 1))?;
        tx.put_approval(&approval(2, 2))
    });
    write.await.unwrap();
    let seen = store.read(move |view| {
        let live = |live, of| view.containments(&tenant(), live, of, None, 9).map(|p| p.0.len());
        let waiting = Some(ApprovalState::Waiting);
        Ok((
            view.runs(&tenant(), Some(of), None, 9)?.0.len(),
            view.open_runs()?.len(),
            (live(Some(true), None)?, live(Some(false), None)?, live(None, Some(of))?),
            view.approvals(&tenant(), waiting, Some(run(1)), None, 9)?.0.len(),
            view.approvals(&tenant(), Some(ApprovalState::Void), None, None, 9)?.0.len(),
            view.approvals_due(at(900))?.len(),
            view.approvals_due(at(899))?.len(),
            view.incidents_since(&tenant(), NOW)?.len(),
        ))
    });
    assert_eq!(seen.await.unwrap(), (1, 1, (1, 1, 1), 1, 0, 2, 0, 3));
}

pub(crate) async fn text_is_found_in_either_case(base: Base) {
    let store = base.open().await;
    let incidents = vec![
        incident(1, json!({ "title": "Ransomware on WS-01" })),
        incident(2, json!({ "title": "100% of it_works \\ 'quoted'" })),
    ];
    put(&store, incidents).await;
    let found = async |text: &'static str| {
        let read = store.read(move |view| {
            view.incidents(&tenant(), None, None, Some(text), None, 9).map(|(page, _)| page.len())
        });
        read.await.unwrap()
    };
    assert_eq!(found("ransomWARE on ws").await, 1);
    assert_eq!(found("nothing of the kind").await, 0);
    assert_eq!(found("'quoted'").await, 1);
    assert_eq!(found("of it").await, 1);
}

pub(crate) async fn an_alert_is_found_by_its_key_and_its_values(base: Base) {
    let store = base.open().await;
    let host = |name: &str| json!([{ "kind": "host", "value": name }]);
    let alerts = [
        alert(1, json!({ "dedup_key": "k", "observables": host("ws-01") })),
        alert(
            2,
            json!({ "dedup_key": "k", "last_seen_at": at(5), "observables": host("ws-01.example.org") }),
        ),
        alert(3, json!({ "observables": host("ws-011"), "detected_at": at(9) })),
    ];
    store.write(move |tx| alerts.iter().try_for_each(|a| tx.put_alert(a))).await.unwrap();
    let seen = store.read(|view| {
        let newest = view.alert_by_dedup_key(&tenant(), "k", NOW)?;
        Ok((
            newest.map(|alert| alert.id.uuid().as_u128()),
            view.alert_by_dedup_key(&tenant(), "k", at(6))?.is_some(),
            view.sightings(&tenant(), "ws-01", NOW)?,
            view.sightings(&tenant(), "ws-01", at(1))?,
            view.alert_count(&tenant(), at(9))?,
        ))
    });
    assert_eq!(seen.await.unwrap(), (Some(2), false, 2, 1, 1));
    let missing = alert(9, json!({})).id;
    let missing = store.read(move |view| view.alert(&tenant(), missing)).await;
    assert!(matches!(missing, Err(Error::NotFound { what: "alert", .. })), "{missing:?}");
}

pub(crate) async fn alerts_of_a_time_are_read_the_oldest_first(base: Base) {
    let store = base.open().await;
    // Two of one moment, and one that was written late.
    let alerts = [(1_u128, 10), (2, 20), (3, 20), (4, 30), (5, 15)]
        .map(|(number, second)| alert(number, json!({ "detected_at": at(second) })));
    store.write(move |tx| alerts.iter().try_for_each(|a| tx.put_alert(a))).await.unwrap();
    let read = store.read(|view| {
        let (until, mut seen) = (at(25), Vec::new());
        let newest = view.place_before_newest(&tenant(), until, 3)?;
        let all = view.place_before_newest(&tenant(), until, 4)?;
        let mut place = Some(AlertPlace::before(at(12)));
        while let Some(from) = place {
            let (page, last) = view.alerts_after(&tenant(), (from, until), 2)?;
            seen.extend(page.into_iter().map(|alert| alert.id.uuid().as_u128()));
            place = last;
        }
        let from = newest.unwrap_or(AlertPlace::before(at(0)));
        let (three, _) = view.alerts_after(&tenant(), (from, until), 9)?;
        let three: Vec<u128> = three.iter().map(|alert| alert.id.uuid().as_u128()).collect();
        let other = TenantId("other".to_owned());
        let others = view.alerts_within(&other, (at(0), at(99)))?;
        Ok((seen, three, all, view.alerts_within(&tenant(), (at(10), until))?, others))
    });
    let (seen, three, all, count, others) = read.await.unwrap();
    assert_eq!((seen, three), (vec![5, 2, 3], vec![5, 2, 3]));
    assert_eq!((all, count, others), (None, 4, 0));
}

pub(crate) async fn an_incident_is_found_by_what_it_shares(base: Base) {
    let store = base.open().await;
    let with = |number, entities: &[&str], status: &str| {
        incident(number, json!({ "entities": entities, "status": status }))
    };
    let write = store.write(move |tx| {
        tx.put_incident(&with(1, &["host:ws-01", "ip:203.0.113.7"], "new"), at(10))?;
        tx.put_incident(&with(2, &["host:ws-01.example.org"], "new"), at(20))?;
        tx.put_incident(&with(3, &["ip:203.0.113.7"], "closed"), at(30))?;
        // Seen earlier: the latest sighting stays.
        tx.put_incident(&with(1, &["host:ws-01", "ip:203.0.113.7"], "new"), at(5))
    });
    write.await.unwrap();
    let seen = store.read(|view| {
        let number = |found: Option<Incident>| found.map(|i| i.id.uuid().as_u128());
        let except = Some(incident(1, json!({})).id);
        Ok((
            number(view.open_incident_with(&tenant(), "ip:203.0.113.7", at(10))?),
            number(view.open_incident_with(&tenant(), "ip:203.0.113.7", at(11))?),
            view.open_incidents_with(&tenant(), "host:ws-01", None)?,
            view.open_incidents_with(&tenant(), "host:ws-01", except)?,
        ))
    });
    assert_eq!(seen.await.unwrap(), (Some(1), None, 2, 1));
}

fn question(number: u128) -> Question {
    Question {
        id: format!("{}/ask", run(number)),
        tenant: tenant(),
        run: run(number),
        step: key("ask"),
        incident: None,
        title: "t".to_owned(),
        text: "q".to_owned(),
        options: vec!["yes".to_owned(), "no".to_owned()],
        otherwise: "no".to_owned(),
        form: None,
        values: None,
        group: None,
        state: QuestionState::Waiting,
        answer: None,
        by: None,
        asked_at: NOW,
        expires_at: at(10),
    }
}

pub(crate) async fn what_a_run_asked_is_void_when_it_ends(base: Base) {
    let store = base.open().await;
    let write = store.write(|tx| {
        for number in [1, 2] {
            tx.put_approval(&approval(number, number))?;
            tx.put_question(&question(number))?;
        }
        tx.close_run(&tenant(), run(1))
    });
    write.await.unwrap();
    let id = approval(1, 1).id;
    let seen = store.read(move |view| {
        Ok((
            view.approval(&tenant(), id)?.state,
            view.question(&tenant(), &question(1).id)?.state,
            view.question(&tenant(), &question(2).id)?,
            view.questions(&tenant(), Some(QuestionState::Waiting))?.len(),
            view.questions(&tenant(), None)?.into_iter().map(|q| q.run).collect::<Vec<_>>(),
            view.questions_due(at(10))?.len(),
        ))
    });
    let (approval, ended, other, waiting, all, due) = seen.await.unwrap();
    assert_eq!((approval, ended), (ApprovalState::Void, QuestionState::Void));
    assert_eq!((other, waiting, all, due), (question(2), 1, vec![run(2), run(1)], 1));
}

pub(crate) async fn tenants_do_not_see_each_other(base: Base) {
    let store = base.open().await;
    let write = store.write(|tx| {
        tx.put_alert(&alert(1, json!({ "tenant": "other" })))?;
        tx.put_incident(&incident(1, json!({ "tenant": "other" })), NOW)?;
        tx.put_run(&head(1, json!({ "tenant": "other" })))?;
        tx.put_alert(&alert(1, json!({})))
    });
    write.await.unwrap();
    let other = TenantId("other".to_owned());
    let seen = store.read(move |view| {
        Ok((
            view.alerts(&tenant(), None, 9)?.0.len(),
            view.alerts(&other, None, 9)?.0.len(),
            view.incidents(&tenant(), None, None, None, None, 9)?.0.len(),
            view.run(&tenant(), run(1)).is_err(),
            view.run(&other, run(1)).is_ok(),
        ))
    });
    assert_eq!(seen.await.unwrap(), (1, 1, 0, true, true));
}

pub(crate) async fn a_playbook_version_stays_as_it_was_kept(base: Base) {
    let store = base.open().await;
    let version = |text: &str| PlaybookVersion {
        digest: "d".to_owned(),
        name: "p".to_owned(),
        text: text.to_owned(),
    };
    let (first, second) = (version("one"), version("two"));
    let keep = store.write(move |tx| {
        tx.keep_playbook(&first, NOW)?;
        tx.keep_playbook(&second, NOW)
    });
    keep.await.unwrap();
    let kept = store.read(|view| view.playbook_version("d")).await.unwrap();
    assert_eq!(kept, version("one"));
    let mode = async || store.read(|view| view.mode(&tenant(), "p")).await.unwrap();
    assert_eq!(mode().await, None);
    for word in [stanch_model::guard::Mode::Auto, stanch_model::guard::Mode::Shadow] {
        store.write(move |tx| tx.set_mode(&tenant(), "p", word)).await.unwrap();
        assert_eq!(mode().await, Some(word));
    }
}
