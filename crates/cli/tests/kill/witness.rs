//! The witness: the books beside what the target itself wrote down.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde_json::Value;

use super::{
    target::Act,
    verdict::{Judge, text, texts},
};

impl Judge<'_> {
    /// Nothing happened twice, nothing was sent twice without a look, and nothing happened that the
    /// ledger does not know.
    pub(crate) fn acts(&mut self, rows: &[Value], store: &Connection) {
        let acts: Vec<Act> = self.target.acts().to_vec();
        let key = |row: &Value| format!("{}/{}", text(&row["run"]), text(&row["action"]["key"]));
        let known: BTreeMap<String, String> =
            rows.iter().map(|row| (key(row), text(&row["state"]))).collect();
        let mut done: BTreeMap<&str, usize> = BTreeMap::new();
        for act in acts.iter().filter(|act| act.is_done()) {
            *done.entry(&act.what).or_default() += 1;
            self.books.acts += 1;
            if !known.contains_key(act.key.strip_suffix(".undo").unwrap_or(&act.key)) {
                self.faults.push(format!("{} ({}) is not in the ledger", act.what, act.key));
            }
        }
        // Every target is acted on for one reason only, so twice is twice, whatever the keys.
        for (what, times) in done.into_iter().filter(|(_, times)| *times > 1) {
            self.books.repeats += times - 1;
            self.faults.push(format!("{what} happened {times} times"));
        }
        let keys: BTreeSet<&str> =
            acts.iter().filter(|act| act.is_done()).map(|act| act.key.as_str()).collect();
        for (key, state) in &known {
            let done = keys.contains(key.as_str());
            if done != matches!(state.as_str(), "verified" | "undone") {
                self.faults.push(format!("{key} is {state}; acted on by the target: {done}"));
            }
        }
        self.books.unknown = known.values().filter(|state| *state == "unknown").count();
        self.sent_again(&acts, store);
    }

    /// What was done and came once more, which only the target's memory of keys stopped. The target
    /// has to have said before each time that it shows no effect: the request of a dead server may
    /// still have been on its way then.
    fn sent_again(&mut self, acts: &[Act], store: &Connection) {
        let sql = "SELECT run || '/' || json_extract(payload, '$.key') FROM journal
            WHERE json_extract(payload, '$.event') = 'probed' AND json_extract(payload, '$.present') = 0";
        let mut absent: BTreeMap<String, usize> = BTreeMap::new();
        for key in texts(store, sql) {
            *absent.entry(key).or_default() += 1;
        }
        let mut again: BTreeMap<&str, usize> = BTreeMap::new();
        for act in acts.iter().filter(|act| act.outcome == "repeated") {
            // An undo has no probe: after a crash it is sent again, under the same key.
            if act.key.ends_with(".undo") {
                self.books.undos_again += 1;
            } else {
                self.books.sent_again += 1;
                *again.entry(&act.key).or_default() += 1;
            }
        }
        for (key, times) in again {
            let looks = absent.get(key).copied().unwrap_or(0);
            if times > looks {
                let text =
                    format!("{key} was done, and sent again {times} times after {looks} looks");
                self.fault(text);
            }
        }
    }

    /// What the ledger says is contained, and nothing else, is contained at the target.
    pub(crate) fn ledger(&mut self, rows: &[Value]) {
        let mut live = BTreeSet::new();
        for row in rows {
            let target = &row["target"];
            let object = format!("{}:{}", text(&target["kind"]), text(&target["value"]));
            match row["state"].as_str().unwrap() {
                "verified" => drop(live.insert(object)),
                "undone" if row["undone_by"] == "expiry" => self.books.expiries += 1,
                "undone" => {}
                state => self.fault(format!("{object} is {state}: {}", row["note"])),
            }
            if row["prior"] == true {
                self.fault(format!("{} claims to have been there before", row["target"]));
            }
        }
        let contained: BTreeSet<String> = self.target.contained().into_iter().collect();
        self.books.contained = live.intersection(&contained).count();
        for object in live.difference(&contained) {
            self.faults.push(format!("{object} is in the ledger, and the target has let it go"));
        }
        for object in contained.difference(&live) {
            self.faults.push(format!("{object} is contained, and the ledger does not know it"));
        }
    }
}
