//! The table of codes says the truth: no code is in use that is not in the table, and none is in the table
//! that no planted fault has.

use std::collections::BTreeSet;

use super::planted;
use crate::check::codes::CODES;

#[test]
fn codes_are_numbered_in_order_and_each_has_a_planted_fault() {
    let planted: BTreeSet<String> = planted::faults().into_iter().map(|fault| fault.code).collect();
    for (number, entry) in (1..).zip(CODES) {
        assert_eq!(entry.code, format!("PB{number:04}"), "codes are numbered in order");
        assert!(planted.contains(entry.code), "no planted fault has {}", entry.code);
        assert!(entry.explanation.ends_with('.') && !entry.title.ends_with('.'), "{}", entry.code);
    }
    assert_eq!(planted.len(), CODES.len());
}
