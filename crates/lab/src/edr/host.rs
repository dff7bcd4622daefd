//! One host, and how far its isolation has come.

use serde_json::{Value, json};
use stanch_model::Time;

use super::{fleet::Enrolment, triage::Package};
use crate::state::Stamp;

/// A host of the fleet.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    /// `h-` and 12 hexadecimal digits.
    pub(crate) id: String,
    /// Who it is.
    pub(crate) enrolment: Enrolment,
    /// Whether it is cut off.
    pub(crate) isolation: Isolation,
    /// What was collected from it.
    pub(crate) packages: Vec<Package>,
}

impl Host {
    /// As the API shows it.
    pub(crate) fn view(&self, now: Time) -> Value {
        let Enrolment { name, address, os, department } = &self.enrolment;
        json!({
            "id": self.id,
            "name": name,
            "address": address,
            "os": os,
            "department": department,
            "isolation": {
                "state": self.isolation.state(now),
                "key": self.isolation.key,
                "since": self.isolation.since,
            },
        })
    }
}

/// What was so, what is wanted, and from when on it is so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Isolation {
    /// Whether it was cut off when the last order came.
    was: bool,
    /// Whether it is to be cut off.
    wanted: bool,
    /// When the wish comes true; `None` if never.
    effective_at: Option<Time>,
    /// The key of the last order.
    key: Option<String>,
    /// When that order came.
    since: Option<Time>,
}

impl Isolation {
    /// `connected`, `isolating`, `isolated` or `releasing`.
    pub(crate) fn state(&self, now: Time) -> &'static str {
        match (self.is_cut_off(now), self.wanted) {
            (false, false) => "connected",
            (false, true) => "isolating",
            (true, true) => "isolated",
            (true, false) => "releasing",
        }
    }

    /// Whether traffic is stopped at `now`.
    pub(crate) fn is_cut_off(&self, now: Time) -> bool {
        let effective = self.effective_at.is_some_and(|at| at <= now);
        if effective { self.wanted } else { self.was }
    }

    /// Wants it cut off or let back. An order for what is under way already cannot delay it.
    pub(crate) fn turn(&mut self, wanted: bool, stamp: &Stamp<'_>) {
        let was = self.is_cut_off(stamp.at);
        let under_way = (self.wanted == wanted).then_some(self.effective_at).flatten();
        let effective_at = match (under_way, stamp.effective_at) {
            (Some(earlier), Some(later)) => Some(earlier.min(later)),
            (earlier, later) => earlier.or(later),
        };
        let key = Some(stamp.key.to_owned());
        *self = Self { was, wanted, effective_at, key, since: Some(stamp.at) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders as (second, wanted, effective second), then what is seen at some seconds.
    #[track_caller]
    fn check(orders: &[(i64, bool, Option<i64>)], expect: &[(i64, &str)]) {
        let second = |s: i64| Time::from_micros(s * 1_000_000);
        let mut isolation = Isolation::default();
        for (at, wanted, effective) in orders {
            let effective_at = effective.map(second);
            isolation.turn(*wanted, &Stamp { key: "k", at: second(*at), effective_at });
        }
        for (at, state) in expect {
            assert_eq!(isolation.state(second(*at)), *state, "{orders:?} at {at}");
        }
    }

    #[test]
    fn isolation_is_accepted_first_and_effective_later() {
        check(&[], &[(0, "connected")]);
        check(&[(1, true, Some(3))], &[(1, "isolating"), (2, "isolating"), (3, "isolated")]);
        check(&[(1, true, Some(3)), (5, false, Some(7))], &[(5, "releasing"), (7, "connected")]);
        check(&[(1, true, None)], &[(1, "isolating"), (1_000_000, "isolating")]);
        // Asking again does not delay, and a second order can finish what the first never does.
        check(&[(1, true, Some(3)), (2, true, Some(9))], &[(2, "isolating"), (3, "isolated")]);
        check(&[(1, true, None), (2, true, Some(4))], &[(3, "isolating"), (4, "isolated")]);
        check(&[(1, true, Some(3)), (4, true, Some(9))], &[(4, "isolated")]);
        // Called back before it was effective: it never was cut off.
        check(&[(1, true, Some(3)), (2, false, Some(5))], &[(2, "connected"), (4, "connected")]);
        check(&[(1, true, Some(2)), (3, false, None)], &[(9, "releasing")]);
    }
}
