//! What several sources say of a value stands together, and each can take back its own.

use super::{now, origin, time};
use crate::{
    Change, Claim, Confidence, Delivery, Import, Indicator, Indicators, Meaning, Origin, Tlp,
    Value, import::Sighting,
};

fn claim(source: &str, id: &str) -> Claim {
    Claim { id: Some(id.to_owned()), ..Origin::new(source, now()).claim() }
}

fn import(claims: &[(&str, Claim)]) -> Import {
    let read = |(text, claim): &(&str, Claim)| (Value::read(text).unwrap(), claim.clone());
    Import { claims: claims.iter().map(read).collect(), ..Import::default() }
}

fn value(text: &str) -> Value {
    Value::read(text).unwrap()
}

#[test]
fn sources_share_an_indicator() {
    let mut all = Indicators::default();
    let one = import(&[("evil[.]test", claim("one", "1")), ("b.test", claim("one", "2"))]);
    let changes = all.apply("one", one.clone(), Delivery::Part);
    assert_eq!((changes.added, changes.changed, changes.same, changes.withdrawn), (2, 0, 0, 0));
    let two = Claim { tlp: Some(Tlp::Red), ..claim("two", "1") };
    all.apply("two", import(&[("EVIL.test", two)]), Delivery::Part);
    assert_eq!(all.len(), 2);
    let evil = all.get(&value("evil.test")).unwrap();
    assert_eq!(evil.sources().into_iter().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(evil.tlp(), Some(Tlp::Red));
    let again = all.apply("one", one, Delivery::Whole);
    assert_eq!((again.same, again.withdrawn), (2, 0));
}

#[test]
fn a_whole_delivery_withdraws_what_it_lacks_and_only_of_its_source() {
    let mut all = Indicators::default();
    all.apply(
        "one",
        import(&[("a.test", claim("one", "1")), ("b.test", claim("one", "2"))]),
        Delivery::Whole,
    );
    all.apply("two", import(&[("b.test", claim("two", "1"))]), Delivery::Whole);
    let changes = all.apply("one", import(&[("c.test", claim("one", "3"))]), Delivery::Whole);
    assert_eq!((changes.added, changes.withdrawn), (1, 2));
    let left: Vec<String> = all.iter().map(|indicator| indicator.value.to_string()).collect();
    assert_eq!(left, ["b.test", "c.test"]);
    assert!(!all.is_empty());
}

#[test]
fn a_source_takes_back_by_id() {
    let mut all = Indicators::default();
    all.apply(
        "one",
        import(&[("a.test", claim("one", "x")), ("a.test", claim("one", "y"))]),
        Delivery::Part,
    );
    let revoked = Import { withdrawn: vec!["x".to_owned()], ..Import::default() };
    assert_eq!(all.apply("two", revoked.clone(), Delivery::Part).withdrawn, 0);
    assert_eq!(all.apply("one", revoked, Delivery::Part).withdrawn, 1);
    assert_eq!(all.get(&value("a.test")).unwrap().claims.len(), 1);
}

#[test]
fn a_changed_claim_keeps_when_it_was_received_first() {
    let mut indicator = Indicator::new(value("a.test"));
    assert_eq!(indicator.claim(claim("one", "1")), Change::Added);
    let later = Claim { received_at: time("2026-04-01T00:00:00Z"), ..claim("one", "1") };
    assert_eq!(indicator.claim(later.clone()), Change::Same);
    let surer = Claim { confidence: Confidence::new(90), ..later };
    assert_eq!(indicator.claim(surer), Change::Changed);
    assert_eq!(indicator.claims[0].received_at, now());
}

#[test]
fn a_sighting_counts_once_however_often_it_is_delivered() {
    let sighting = Sighting {
        id: "s1".to_owned(),
        of: "1".to_owned(),
        count: 3,
        first: time("2026-02-01T00:00:00Z"),
        last: time("2026-02-02T00:00:00Z"),
    };
    let mut early = import(&[]);
    early.sightings.push(sighting);
    let mut all = Indicators::default();
    // Of something that is not there yet; then it comes, with the same sighting twice.
    all.apply("one", early.clone(), Delivery::Part);
    early.claims = import(&[("a.test", claim("one", "1"))]).claims;
    all.apply("one", early.clone(), Delivery::Part);
    all.apply("one", early, Delivery::Part);
    let seen = all.get(&value("a.test")).unwrap().sightings;
    assert_eq!((seen.count, seen.last), (3, Some(time("2026-02-02T00:00:00Z"))));
    let sightings = &mut all.get_mut(&value("a.test")).unwrap().sightings;
    sightings.add(0, now(), now());
    assert_eq!(sightings.last, Some(time("2026-02-02T00:00:00Z")), "nothing was seen");
    sightings.confirm();
    assert_eq!((sightings.count, sightings.confirmed), (3, 1));
}

#[test]
fn validity_and_meaning_are_of_a_moment() {
    let mut indicator = Indicator::new(value("a.test"));
    assert_eq!(indicator.meaning(now()), None);
    let until = Some(time("2026-03-02T00:00:00Z"));
    indicator.claim(Claim { valid_from: Some(now()), valid_until: until, ..claim("one", "1") });
    let at = |text: &str| indicator.meaning(time(text));
    assert_eq!(at("2026-02-28T23:59:59Z"), None);
    assert_eq!(at("2026-03-01T00:00:00Z"), Some(Meaning::Malicious));
    assert_eq!(at("2026-03-02T00:00:00Z"), None);
    indicator.claim(Claim { meaning: Meaning::Benign, ..claim("two", "1") });
    assert_eq!(indicator.meaning(now()), Some(Meaning::Benign));
}

#[test]
fn indicators_survive_json() {
    let mut indicator = Indicator::new(value("a.test"));
    let tags = ["apt".to_owned()].into();
    indicator.claim(Claim {
        confidence: Confidence::new(7),
        tlp: Some(Tlp::AmberStrict),
        tags,
        ..origin().claim()
    });
    let json = serde_json::to_value(&indicator).unwrap();
    assert_eq!(json["claims"][0]["tlp"], "amber+strict");
    assert_eq!(serde_json::from_value::<Indicator>(json).unwrap(), indicator);
    assert!(serde_json::from_str::<Confidence>("101").is_err());
}
