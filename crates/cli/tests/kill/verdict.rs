//! The verdict: what was acknowledged, what the books say and what the target saw, side by side.

use std::{collections::BTreeMap, path::Path};

use rusqlite::Connection;
use serde_json::Value;

use super::{
    autopsy::{self, count},
    http::Peer,
    load::Acknowledged,
    people::Deeds,
    support,
    tally::Books,
    target::Target,
};

/// The judge of one world.
pub(crate) struct Judge<'a> {
    pub(crate) peer: &'a Peer,
    pub(crate) data: &'a Path,
    pub(crate) target: &'a mut Target,
    pub(crate) books: Books,
    pub(crate) faults: Vec<String>,
}

impl Judge<'_> {
    /// Looks at everything.
    pub(crate) fn judge(
        mut self,
        acknowledged: &Acknowledged,
        deeds: &Deeds,
    ) -> (Books, Vec<String>) {
        let store = autopsy::open(self.data).unwrap();
        let rows = self.peer.all("/api/v1/containments");
        self.deliveries(acknowledged);
        self.decisions(deeds, &rows);
        self.runs(&store, acknowledged);
        self.acts(&rows, &store);
        self.timers(&store);
        self.ledger(&rows);
        self.audit(&store);
        (self.books, self.faults)
    }

    pub(crate) fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    /// Every acknowledged record became exactly one sighting.
    fn deliveries(&mut self, acknowledged: &Acknowledged) {
        let mut seen: BTreeMap<String, u64> = BTreeMap::new();
        for alert in self.peer.all("/api/v1/alerts") {
            let end = if alert["rule"]["kind"] == "product" { "dst_ip" } else { "src_ip" };
            let address = alert["common"][end].as_str().unwrap_or_default().to_owned();
            *seen.entry(address).or_default() += alert["count"].as_u64().unwrap();
        }
        for (address, sent) in &acknowledged.finds {
            let found = seen.get(address).copied().unwrap_or(0);
            self.books.acknowledged += 1;
            match found.cmp(&u64::from(*sent)) {
                std::cmp::Ordering::Less => self.fault(format!(
                    "the alert about {address} was acknowledged and is lost ({found} of {sent})"
                )),
                std::cmp::Ordering::Equal => self.books.found += 1,
                std::cmp::Ordering::Greater => {
                    self.books.found += 1;
                    self.books.doubled += 1;
                    self.fault(format!("{address} was seen {sent} times and counted {found}"));
                }
            }
        }
        self.books.recognised = acknowledged.recognised as usize;
        for source in self.peer.get("/api/v1/sources").unwrap().1["items"].as_array().unwrap() {
            let name = source["name"].as_str().unwrap();
            let sent = acknowledged.lines.get(name).copied().unwrap_or(0);
            if source["events"] != sent {
                self.fault(format!("{sent} records of {name} were acknowledged: {source}"));
            }
        }
        let dead = self.peer.get("/api/v1/dead-letters").unwrap().1;
        if dead["items"].as_array().is_none_or(|items| !items.is_empty()) {
            self.fault(format!("dead letters: {dead}"));
        }
    }

    /// What people were told was done is still done.
    fn decisions(&mut self, deeds: &Deeds, rows: &[Value]) {
        let state = |items: &[Value]| -> BTreeMap<String, String> {
            let pairs = items.iter().map(|item| (text(&item["id"]), text(&item["state"])));
            pairs.collect()
        };
        let approvals = state(&self.peer.all("/api/v1/approvals"));
        let questions = self.peer.get("/api/v1/questions").unwrap().1;
        let questions = state(questions["items"].as_array().unwrap());
        let rows = state(rows);
        for (ids, found, wanted) in [
            (&deeds.approved, approvals, "approved"),
            (&deeds.answered, questions, "answered"),
            (&deeds.undone, rows, "undone"),
        ] {
            for id in ids {
                self.books.decisions += 1;
                if found.get(id).is_some_and(|state| state == wanted) {
                    self.books.decisions_kept += 1;
                } else {
                    self.fault(format!("{id} was {wanted} and is {:?}", found.get(id)));
                }
            }
        }
    }

    /// Every alert started its run, once, and every run came to the end that its playbook has.
    fn runs(&mut self, store: &Connection, acknowledged: &Acknowledged) {
        let mut query = store.prepare("SELECT playbook, count(*) FROM run GROUP BY 1").unwrap();
        let pairs = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let found: BTreeMap<String, u32> = pairs.map(Result::unwrap).collect();
        self.books.runs = found.values().sum::<u32>() as usize;
        if found != acknowledged.runs {
            let wanted = &acknowledged.runs;
            self.fault(format!("{wanted:?} runs were to be started, {found:?} were"));
        }
        let sql =
            "SELECT playbook || ': ' || coalesce(json_extract(document, '$.state'), '') || ': '
                || coalesce(json_extract(document, '$.note'), '') || ' (' || id || ')'
            FROM run WHERE json_extract(document, '$.state') <> 'succeeded'";
        self.faults.extend(texts(store, sql).into_iter().map(|run| format!("run {run}")));
    }

    /// Every timer fired, once, and none before its time.
    fn timers(&mut self, store: &Connection) {
        let event = |word: &str| {
            format!("SELECT run, json_extract(payload, '$.key') AS step, at, json_extract(payload, '$.due_at') AS due
                FROM journal WHERE json_extract(payload, '$.event') = '{word}'")
        };
        let (set, fired) = (event("timer_set"), event("timer_fired"));
        self.books.timers_set = count(store, &format!("SELECT count(*) FROM ({set})"));
        self.books.timers_fired = count(store, &format!("SELECT count(*) FROM ({fired})"));
        let lost = format!(
            "SELECT run || '/' || step FROM ({set}) EXCEPT SELECT run || '/' || step FROM ({fired})"
        );
        let lost = texts(store, &lost).into_iter().map(|timer| format!("timer {timer} was lost"));
        self.faults.extend(lost);
        let early = format!(
            "SELECT s.run || '/' || s.step FROM ({set}) s JOIN ({fired}) f USING (run, step)
             WHERE f.at < coalesce(unixepoch(s.due, 'subsec') * 1000000 - 1000, f.at + 1)"
        );
        let early = texts(store, &early).into_iter().map(|timer| format!("{timer} fired early"));
        self.faults.extend(early);
        if self.books.timers_set != self.books.timers_fired {
            let (set, fired) = (self.books.timers_set, self.books.timers_fired);
            self.fault(format!("{set} timers were set and {fired} fired"));
        }
        let unresolved =
            "SELECT run FROM journal WHERE json_extract(payload, '$.event') = 'unresolved'";
        let unresolved = texts(store, unresolved);
        self.faults
            .extend(unresolved.into_iter().map(|run| format!("{run} has an unknown outcome")));
    }

    /// The chain holds, and nothing that happens once is in it twice.
    fn audit(&mut self, store: &Connection) {
        let url = format!("http://127.0.0.1:{}", self.peer.port);
        let env = [("STANCH_URL", url.as_str()), ("STANCH_TOKEN", self.peer.token.as_str())];
        let output = support::stanch(&["audit", "verify", "--json"], &env);
        let verified: Value = serde_json::from_str(&output.stdout).unwrap_or_default();
        if !output.ok() || verified["ok"] != true {
            self.fault(format!("the audit does not verify: {output:?}"));
        }
        self.books.audit = usize::try_from(verified["entries"].as_u64().unwrap_or(0)).unwrap();
        let twice = "SELECT verb || ' ' || subject || ' stands ' || count(*) || ' times in the audit' FROM
                (SELECT json_extract(document, '$.verb') AS verb, json_extract(document, '$.subject') AS subject FROM audit)
            WHERE verb IN ('run.start', 'run.end', 'incident.open', 'action.intend', 'action.accept', 'action.verify',
                'approval.ask', 'containment.undo', 'containment.undone')
            GROUP BY verb, subject HAVING count(*) > 1";
        self.faults.extend(texts(store, twice));
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The first column of what a query finds.
pub(crate) fn texts(store: &Connection, sql: &str) -> Vec<String> {
    let mut query = store.prepare(sql).unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}
