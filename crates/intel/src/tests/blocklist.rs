//! Block lists: what goes out, what is held back, and how fast a list may grow.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;
use stanch_model::Time;

use super::now;
use crate::{
    BlockList, IndicatorSet, Intel, Kind, Meaning, Tlp, Value,
    blocklist::{Candidate, Next, Policy, next},
};

const BENIGN: &str = "8.8.8.8 # resolver\n10.0.0.0/8\ncdn.shared.test\n2001:db8:1::/48\n";

fn intel() -> Intel {
    let mut intel = Intel::default();
    intel.add(Meaning::Benign, IndicatorSet::load("warn", BENIGN).0);
    // What malicious lists say is not asked here.
    intel.add(Meaning::Malicious, IndicatorSet::load("bad", "evil.test").0);
    intel
}

fn policy() -> Policy {
    Policy {
        kinds: Kind::ALL.into(),
        score_min: 50,
        tlp_max: Tlp::Green,
        tlp_unsaid: Tlp::Green,
        entries_max: 100,
        new_per_hour_max: 50,
    }
}

fn candidate(text: &str, score: u8) -> Candidate {
    Candidate { value: Value::read(text).unwrap(), score, tlp: None }
}

fn made(previous: &BlockList, candidates: &[Candidate], policy: &Policy, at: Time) -> Next {
    next(previous, candidates.to_vec(), policy, &intel(), at)
}

fn minutes(minutes: u64) -> Time {
    now().plus(Duration::from_secs(60 * minutes))
}

/// `VALUE: why`, a line each.
fn held_back(next: &Next) -> Vec<String> {
    next.held_back.iter().map(|held| format!("{}: {}", held.value, held.because)).collect()
}

#[test]
fn what_is_harmless_never_goes_out() {
    let texts = [
        "8.8.8.8",
        "8.8.0.0/16",
        "10.1.0.0/16",
        "10.1.2.3",
        "0.0.0.0/1",
        "2001:db8:1:2::/64",
        "2001:db8::/32",
        "a.cdn.shared.test",
        "shared.test",
        "http://cdn.shared.test/x",
        "a@cdn.shared.test",
        "evil.test",
        "203.0.113.0/24",
    ];
    let candidates: Vec<Candidate> = texts.iter().map(|text| candidate(text, 90)).collect();
    let made = made(&BlockList::default(), &candidates, &policy(), now());
    assert_eq!(made.list.text(), "203.0.113.0/24\nevil.test\n");
    assert_eq!(
        held_back(&made),
        [
            "0.0.0.0/1: it would take along what is harmless: addresses on warn",
            "8.8.0.0/16: it would take along what is harmless: addresses on warn",
            "8.8.8.8: it is harmless: on warn (resolver)",
            "10.1.0.0/16: it is harmless: addresses on warn",
            "10.1.2.3: it is harmless: on warn as 10.0.0.0/8",
            "2001:db8::/32: it would take along what is harmless: addresses on warn",
            "2001:db8:1:2::/64: it is harmless: addresses on warn",
            "a.cdn.shared.test: it is harmless: on warn as cdn.shared.test",
            "shared.test: it would take along what is harmless: cdn.shared.test on warn",
            "http://cdn.shared.test/x: it is harmless: on warn as cdn.shared.test",
            "a@cdn.shared.test: it is harmless: on warn as cdn.shared.test",
        ]
    );
}

#[test]
fn kind_score_and_marking_choose() {
    let policy = Policy { kinds: BTreeSet::from([Kind::Domain]), ..policy() };
    let told = |text: &str, tlp| Candidate { tlp: Some(tlp), ..candidate(text, 90) };
    let candidates = [
        candidate("low.test", 49),
        candidate("just.test", 50),
        candidate("203.0.113.7", 90),
        told("clear.test", Tlp::Clear),
        told("red.test", Tlp::Red),
        // The same value twice: the stricter marking counts.
        told("twice.test", Tlp::Clear),
        told("twice.test", Tlp::AmberStrict),
    ];
    let made = made(&BlockList::default(), &candidates, &policy, now());
    assert_eq!(made.list.text(), "clear.test\njust.test\n");
    assert_eq!(
        held_back(&made),
        [
            "red.test: TLP:RED may not go that far",
            "twice.test: TLP:AMBER+STRICT may not go that far",
        ]
    );
}

#[test]
fn a_list_grows_no_faster_than_it_may() {
    let policy = Policy { new_per_hour_max: 2, ..policy() };
    let all = [candidate("a.test", 60), candidate("b.test", 90), candidate("c.test", 70)];
    let first = made(&BlockList::default(), &all, &policy, minutes(0));
    assert_eq!(first.list.text(), "b.test\nc.test\n", "the highest scores first");
    assert_eq!(
        held_back(&first),
        ["a.test: too many entries are new within the hour; it comes later"]
    );
    // Two leave; that refunds nothing.
    let second = made(&first.list, &all[..1], &policy, minutes(30));
    assert_eq!((second.list.entries.len(), second.removed.len()), (0, 2));
    let third = made(&second.list, &all, &policy, minutes(59));
    assert!(third.list.entries.is_empty());
    let fourth = made(&third.list, &all, &policy, minutes(60));
    assert_eq!(fourth.list.text(), "b.test\nc.test\n");
    // A clock that was set back refunds nothing either.
    let back = made(&fourth.list, &all, &policy, minutes(5));
    assert_eq!(back.list.entries.len(), 2);
}

#[test]
fn what_is_on_the_list_stays_though_others_score_higher() {
    let policy = Policy { entries_max: 1, ..policy() };
    let first = made(&BlockList::default(), &[candidate("a.test", 60)], &policy, minutes(0));
    let both = [candidate("a.test", 60), candidate("b.test", 90)];
    let second = made(&first.list, &both, &policy, minutes(90));
    assert_eq!(second.list, BlockList { added: [].into(), ..first.list });
    assert_eq!(held_back(&second), ["b.test: the list is full, and the others have higher scores"]);
}

#[test]
fn a_value_that_turns_harmless_leaves_at_once() {
    let all = [candidate("evil.test", 90)];
    let first = made(&BlockList::default(), &all, &policy(), minutes(0));
    let mut intel = intel();
    intel.add(Meaning::Benign, IndicatorSet::load("ours", "evil.test").0);
    let second = next(&first.list, all.to_vec(), &policy(), &intel, minutes(1));
    assert_eq!(second.removed.len(), 1);
    assert_eq!(held_back(&second), ["evil.test: it is harmless: on ours; overrides on bad"]);
}

#[test]
fn the_tag_is_of_the_entries_alone() {
    let all = [candidate("a.test", 60), candidate("b.test", 60)];
    let first = made(&BlockList::default(), &all, &policy(), minutes(0));
    let later = made(&BlockList::default(), &all, &policy(), minutes(7));
    assert_eq!(first.list.etag(), later.list.etag());
    assert_ne!(first.list.etag(), BlockList::default().etag());
    let empty = "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
    assert_eq!(BlockList::default().etag(), empty);
    let json = serde_json::to_string(&first.list).unwrap();
    assert_eq!(serde_json::from_str::<BlockList>(&json).unwrap(), first.list);
}

proptest! {
    /// However candidates come and go, no hour sees more new entries than it may, and nothing harmless goes out.
    #[test]
    fn no_hour_sees_more_than_it_may(
        rounds in proptest::collection::vec((0_u64..40, proptest::collection::vec((0_u8..12, 40_u8..=100), 0..8)), 1..25),
        limit in 0_usize..4,
    ) {
        let policy = Policy { new_per_hour_max: limit, entries_max: 6, ..policy() };
        let (mut list, mut at, mut additions) = (BlockList::default(), 0, Vec::new());
        for (wait, named) in rounds {
            at += wait;
            let name = |n: u8| match n {
                0 => "shared.test".to_owned(),
                1 => "8.8.8.8".to_owned(),
                2 => "8.8.8.0/24".to_owned(),
                n => format!("{n}.evil.test"),
            };
            let candidates: Vec<Candidate> = named.iter().map(|(n, score)| candidate(&name(*n), *score)).collect();
            let made = made(&list, &candidates, &policy, minutes(at));
            additions.extend(made.added.iter().map(|_| at));
            let recent = additions.iter().filter(|then| **then + 60 > at).count();
            prop_assert!(recent <= limit, "{recent} new entries within an hour");
            prop_assert!(made.list.entries.len() <= 6);
            prop_assert!(made.list.entries.keys().all(|value| value.to_string().ends_with(".evil.test")));
            let wanted: BTreeSet<&Value> = candidates.iter().filter(|c| c.score >= 50).map(|c| &c.value).collect();
            let told = made.list.entries.len() + made.held_back.len();
            prop_assert_eq!(told, wanted.len(), "every candidate is on the list or named");
            list = made.list;
        }
    }
}
