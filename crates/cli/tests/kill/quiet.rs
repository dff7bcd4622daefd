//! Waiting until nothing is under way any more.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::autopsy::{self, count};

/// How long the last server may take to finish what the dead ones left; an expiry of a minute is
/// the longest that is waited for.
const PATIENCE: Duration = Duration::from_secs(100);

/// What has to be none before the books are read, and how to count it.
const UNDER_WAY: &[(&str, &str)] = &[
    ("runs", "SELECT count(*) FROM run WHERE final = 0"),
    ("timers", "SELECT count(*) FROM timer"),
    ("approvals", "SELECT count(*) FROM approval WHERE state = 'waiting'"),
    ("questions", "SELECT count(*) FROM question WHERE state = 'waiting'"),
    (
        "containments",
        "SELECT count(*) FROM containment WHERE state IN ('intended', 'accepted', 'undoing')",
    ),
    (
        "expiries within two minutes",
        "SELECT count(*) FROM containment
         WHERE live = 1 AND expires_at < (unixepoch('subsec') + 120) * 1000000",
    ),
];

/// Waits until nothing is under way and `records` were processed; what still is in the end is returned.
pub(crate) fn wait(data: &Path, records: u64) -> Vec<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let store = autopsy::open(data).unwrap();
        let mut left: Vec<String> = UNDER_WAY
            .iter()
            .map(|(what, sql)| (what, count(&store, sql)))
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{count} {what} still under way"))
            .collect();
        let read = count(&store, "SELECT coalesce(sum(events), 0) FROM source");
        if u64::try_from(read).unwrap() < records {
            left.push(format!("{read} of {records} acknowledged records were processed"));
        }
        if left.is_empty() || Instant::now() > until {
            return left;
        }
        thread::sleep(Duration::from_millis(100));
    }
}
