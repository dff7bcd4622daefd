//! Allow-lists: a reason and an end for every value.

use super::{now, time};
use crate::{AllowList, Intel, Meaning, Verdict};

const LIST: &str = "\
# what we know
value,reason,until
198.51.100.7,our scanner,never
cdn[.]corp.test,\"our CDN, by contract\",2026-06-01
old.corp.test,the former site,2026-01-01
";

#[test]
fn values_hold_until_their_day() {
    let (list, findings) = AllowList::read("ours", LIST).unwrap();
    assert_eq!(findings, []);
    let verdict = |at: &str, text: &str| {
        let mut intel = Intel::default();
        intel.add(Meaning::Benign, list.in_force(time(at)));
        let found = intel.lookup_text(text);
        (found.verdict, found.note)
    };
    let expect = "on ours (our CDN, by contract, until 2026-06-01T00:00:00Z)".to_owned();
    assert_eq!(verdict("2026-03-01T00:00:00Z", "cdn.corp.test"), (Verdict::Benign, expect));
    assert_eq!(verdict("2026-06-01T00:00:00Z", "cdn.corp.test").0, Verdict::Unknown);
    let scanner = (Verdict::Benign, "on ours (our scanner)".to_owned());
    assert_eq!(verdict("2036-01-01T00:00:00Z", "198.51.100.7"), scanner);
    let ended: Vec<String> = list.ended(now()).map(|entry| entry.value.to_string()).collect();
    assert_eq!(ended, ["old.corp.test"]);
}

#[test]
fn a_row_without_reason_or_end_is_left_out_and_named() {
    let text =
        "value,reason,until\na.test,,never\nb.test,x,\nc.test,x,soon\nnothing,x,never\nd.test,x\n";
    let (list, findings) = AllowList::read("ours", text).unwrap();
    assert!(list.entries.is_empty());
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "line 2: `a.test` has no reason; write why it is harmless",
            "line 3: `b.test` has no end; write a day such as 2026-12-31, or never",
            "line 4: `soon` is no time; write 2026-01-31 or 2026-01-31T12:00:00Z",
            "line 5: `nothing` is no address, domain, URL or hash",
            "line 6: a row has 3 fields, and not 2",
        ]
    );
}

#[test]
fn a_table_of_another_shape_is_refused() {
    for text in ["", "evil.test\n", "value,reason\n"] {
        let error = AllowList::read("ours", text).unwrap_err().to_string();
        assert_eq!(error, "line 1: an allow-list begins with `value,reason,until`", "{text}");
    }
}
