//! Texts from outside: whatever is in them, they are kept, found and told apart.

use serde_json::json;

use crate::{
    base::Base,
    sample::{NOW, alert, at, incident, tenant, token},
};

const HOSTILE: &[&str] =
    &["a\u{0}b", "'; DROP TABLE alert; --", "?1 $1 %s", "\u{202e}evil\u{feff}", "\\", "", "💥"];

pub(crate) async fn what_an_attacker_may_send_is_kept_and_found(base: Base) {
    let store = base.open().await;
    for (number, text) in (0_u128..).zip(HOSTILE) {
        let kept = alert(
            number,
            json!({
                "dedup_key": text, "observables": [{ "kind": "url", "value": text }],
                "fields": { "raw": text },
            }),
        );
        let write = store.write({
            let kept = kept.clone();
            move |tx| {
                tx.put_alert(&kept)?;
                tx.put_incident(
                    &incident(number, json!({ "entities": [text], "title": text })),
                    NOW,
                )?;
                tx.fire(&tenant(), "d", text, NOW, std::time::Duration::ZERO)?;
                tx.add_dead_letter(&tenant(), text, 1, NOW, (text, text))
            }
        });
        write.await.unwrap();
        let seen = store.read(move |view| {
            Ok((
                view.alert_by_dedup_key(&tenant(), text, NOW)?,
                view.sightings(&tenant(), text, NOW)?,
                view.open_incident_with(&tenant(), text, NOW)?.map(|i| i.title),
                view.has_fired(&tenant(), "d", text)?,
            ))
        });
        let (found, sightings, title, fired) = seen.await.unwrap();
        assert_eq!(found, Some(kept), "{text:?}");
        assert_eq!((sightings, title.as_deref(), fired), (1, Some(*text), true), "{text:?}");
    }
}

pub(crate) async fn long_keys_are_kept_and_told_apart(base: Base) {
    let store = base.open().await;
    // The same for the first 20,000 characters, some of them of several bytes.
    let long = |end: &str| format!("http://evil.example/{}{end}", "ü?".repeat(10_000));
    let (one, other) = (long("1"), long("2"));
    let write = store.write({
        let (one, other) = (one.clone(), other.clone());
        move |tx| {
            let values =
                json!([{ "kind": "url", "value": one }, { "kind": "url", "value": other }]);
            tx.put_alert(&alert(1, json!({ "observables": values })))?;
            tx.put_alert(&alert(2, json!({ "observables": [{ "kind": "url", "value": other }] })))?;
            tx.put_incident(&incident(1, json!({ "entities": [one] })), NOW)?;
            tx.fire(&tenant(), "d", &one, NOW, std::time::Duration::ZERO)
        }
    });
    assert!(write.await.unwrap());
    let seen = store.read(move |view| {
        Ok((
            (view.sightings(&tenant(), &one, NOW)?, view.sightings(&tenant(), &other, NOW)?),
            view.open_incident_with(&tenant(), &one, NOW)?.is_some(),
            view.open_incident_with(&tenant(), &other, NOW)?.is_some(),
            (view.has_fired(&tenant(), "d", &one)?, view.has_fired(&tenant(), "d", &other)?),
        ))
    });
    assert_eq!(seen.await.unwrap(), ((1, 2), true, false, (true, false)));
}

pub(crate) async fn order_is_that_of_bytes(base: Base) {
    let store = base.open().await;
    let names = ["b", "A", "a", "Z", "_", "ä", "10", "9"];
    let write = store.write(move |tx| {
        (1_u128..).zip(names).try_for_each(|(number, name)| {
            tx.add_token(&token(number, name), &format!("h{number}"))?;
            tx.count_source(&tenant(), name, "low", (1, 0), Some(at(1)))
        })
    });
    write.await.unwrap();
    let mut sorted = names;
    sorted.sort_unstable();
    let seen = store.read(|view| Ok((view.tokens(&tenant())?, view.sources(&tenant())?)));
    let (tokens, sources) = seen.await.unwrap();
    assert_eq!(tokens.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), sorted);
    assert_eq!(sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), sorted);
}
