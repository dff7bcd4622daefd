//! What stops acts that go wrong, and what goes first: told by replaying what happened, in order.

use serde_json::{Value, json};
use stanch_model::Time;

use super::{
    dice::Dice,
    past::{Act, Deed, End, fits},
};

const fn minutes(many: u32) -> std::time::Duration {
    std::time::Duration::from_secs(many as u64 * 60)
}

/// Opens when too much of what it watches went wrong. Times are in minutes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fuse {
    class: &'static str,
    scope: &'static str,
    failures: Option<u32>,
    undos: Option<u32>,
    /// That share in percent, of so many acts or more.
    share: Option<(u32, u32)>,
    window: u32,
    cool_down: u32,
}

const fn fuse(class: &'static str, scope: &'static str, window: u32, cool_down: u32) -> Fuse {
    Fuse { class, scope, failures: None, undos: None, share: None, window, cool_down }
}

static FUSES: &[Fuse] = &[
    Fuse { failures: Some(1), ..fuse("*", "playbook", 60, 20) },
    Fuse { failures: Some(2), undos: Some(1), ..fuse("*", "tenant", 60, 15) },
    Fuse { failures: Some(1), ..fuse("edr.isolate_host", "tenant", 120, 30) },
    Fuse { undos: Some(1), ..fuse("edr.*", "site", 60, 25) },
    Fuse { share: Some((50, 2)), ..fuse("*", "instance", 90, 15) },
    Fuse { failures: Some(1), ..fuse("firewall.block_address", "group", 30, 10) },
];

/// In force where a policy has none of that class and scope.
const BUILT_IN: Fuse = Fuse {
    failures: Some(5),
    undos: Some(5),
    share: Some((50, 10)),
    ..fuse("*", "playbook", 60, 30)
};

/// A trip, and whether an act that was let through after it worked.
#[derive(Clone, Copy, Debug)]
struct Tripped {
    at: Time,
    is_well: bool,
}

impl Fuse {
    fn policy(&self) -> Value {
        let mut policy = json!({
            "class": self.class, "scope": self.scope,
            "window": format!("{}m", self.window), "cool_down": format!("{}m", self.cool_down),
        });
        let number = |name: &str, value: Option<u32>, policy: &mut Value| {
            if let Some(value) = value {
                policy[name] = json!(value);
            }
        };
        number("failures", self.failures, &mut policy);
        number("undos", self.undos, &mut policy);
        number("percent", self.share.map(|(percent, _)| percent), &mut policy);
        number("at_least", self.share.map(|(_, least)| least), &mut policy);
        policy
    }

    /// Whether so much went wrong at `now` that it opens.
    fn is_too_much(&self, deeds: &[&Deed], now: Time) -> bool {
        let since = now.minus(minutes(self.window));
        let within = |at: Option<Time>| at.is_some_and(|at| at > since && at <= now);
        let by_now = |at: Option<Time>| at.is_some_and(|at| at <= now);
        let count = |of: &dyn Fn(&Deed) -> bool| {
            u32::try_from(deeds.iter().filter(|deed| of(deed)).count()).unwrap()
        };
        let failed = count(&|deed| within(deed.failed_at()));
        let undone = count(&|deed| within(deed.undone_at));
        let settled = count(&|deed| within(deed.settled_at()));
        let wrong = count(&|deed| {
            within(deed.settled_at()) && (by_now(deed.failed_at()) || by_now(deed.undone_at))
        });
        self.failures.is_some_and(|limit| failed >= limit)
            || self.undos.is_some_and(|limit| undone >= limit)
            || self.share.is_some_and(|(percent, least)| {
                settled >= least && wrong > 0 && wrong * 100 >= settled * percent
            })
    }

    /// Lets everything that was done before happen again.
    fn replay(&self, deeds: &[&Deed]) -> Option<Tripped> {
        let failures = self.failures.is_some() || self.share.is_some();
        let undos = self.undos.is_some() || self.share.is_some();
        let mut moments: Vec<(Time, Option<&Deed>)> = Vec::new();
        for deed in deeds {
            moments.extend(deed.failed_at().filter(|_| failures).map(|at| (at, None)));
            moments.extend(deed.undone_at.filter(|_| undos).map(|at| (at, None)));
            if let End::Done(at) = deed.end {
                moments.push((at, Some(deed)));
            }
        }
        moments.sort_by_key(|(at, done)| (*at, done.is_none()));
        let mut tripped: Option<Tripped> = None;
        for (at, done) in moments {
            match (done, &mut tripped) {
                (Some(deed), Some(trip)) => {
                    trip.is_well |= deed.at >= trip.at.plus(minutes(self.cool_down));
                }
                (Some(_), None) => {}
                (None, before) => {
                    let again = before.is_some_and(|trip| !trip.is_well);
                    if again || self.is_too_much(deeds, at) {
                        tripped = Some(Tripped { at, is_well: false });
                    }
                }
            }
        }
        tripped
    }

    /// Why it stops the act.
    fn stops(&self, past: &[Deed], act: &Act<'_>, now: Time) -> Option<&'static str> {
        if !fits(self.class, act.class) {
            return None;
        }
        let pools = act.pools(self.scope);
        pools.iter().find_map(|pool| {
            let watched =
                |deed: &&Deed| fits(self.class, &deed.class) && deed.is_in(self.scope, pool);
            self.stops_after(&past.iter().filter(watched).collect::<Vec<_>>(), now)
        })
    }

    fn stops_after(&self, deeds: &[&Deed], now: Time) -> Option<&'static str> {
        let trip = self.replay(deeds).filter(|trip| !trip.is_well)?;
        let through = trip.at.plus(minutes(self.cool_down));
        if now < through {
            return Some("too much of that had gone wrong");
        }
        let beside = deeds.iter().any(|deed| deed.at >= through && deed.end == End::Pending);
        beside.then_some("another one was to show first whether things are well again")
    }
}

/// How many acts of a run go first, and how long the others wait, in minutes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Canary {
    class: &'static str,
    first: usize,
    wait: u32,
    tolerate: usize,
}

static CANARIES: &[Canary] = &[
    Canary { class: "*", first: 1, wait: 10, tolerate: 0 },
    Canary { class: "*", first: 2, wait: 20, tolerate: 50 },
    Canary { class: "edr.*", first: 1, wait: 15, tolerate: 0 },
    Canary { class: "edr.isolate_host", first: 2, wait: 5, tolerate: 0 },
    Canary { class: "firewall.block_address", first: 1, wait: 30, tolerate: 100 },
];

const FIRST_OF_ALL: Canary = Canary { class: "*", first: 5, wait: 10, tolerate: 20 };

impl Canary {
    fn policy(&self) -> Value {
        let Self { class, first, wait, tolerate } = self;
        json!({ "class": class, "first": first, "wait": format!("{wait}m"), "tolerate": tolerate })
    }

    fn stops(&self, past: &[Deed], act: &Act<'_>, now: Time) -> Option<&'static str> {
        let own = |deed: &&Deed| {
            deed.run == act.run
                && deed.class == act.class
                && deed.action.practice == act.action.practice
        };
        let others = last_of_each(past.iter().filter(own), &act.action.key.0);
        if others.len() < self.first {
            return None;
        }
        let wrong = others.iter().filter(|deed| deed.went_wrong()).count();
        if wrong * 100 > others.len() * self.tolerate {
            return Some("the first ones of the run had gone wrong");
        }
        let first = others.iter().take(self.first);
        let settled: Option<Vec<Time>> = first.map(|deed| deed.settled_at()).collect();
        match settled.and_then(|settled| settled.into_iter().max()) {
            None => Some("the first ones of the run were under way"),
            Some(last) if now < last.plus(minutes(self.wait)) => {
                Some("the first ones of the run were done only now")
            }
            Some(_) => None,
        }
    }
}

/// Each other act as it was tried last, in the order in which they were intended.
pub(crate) fn last_of_each<'a>(deeds: impl Iterator<Item = &'a Deed>, but: &str) -> Vec<&'a Deed> {
    let mut last: Vec<&Deed> = Vec::new();
    for deed in deeds.filter(|deed| deed.action.key.0 != but) {
        last.retain(|before| before.action.key != deed.action.key);
        last.push(deed);
    }
    last
}

/// Fuses and canaries of a policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    fuses: Vec<Fuse>,
    canaries: Vec<Canary>,
}

impl Pace {
    pub(crate) fn roll(dice: &mut Dice) -> Self {
        let mut pace = Self::default();
        for fuse in FUSES {
            if dice.once_in(6) {
                pace.fuses.push(*fuse);
            }
        }
        for canary in CANARIES {
            let is_new = pace.canaries.iter().all(|own: &Canary| own.class != canary.class);
            if is_new && dice.once_in(7) {
                pace.canaries.push(*canary);
            }
        }
        pace
    }

    pub(crate) fn policy(&self, policy: &mut Value) {
        policy["breakers"] = self.fuses.iter().map(Fuse::policy).collect();
        policy["canaries"] = self.canaries.iter().map(Canary::policy).collect();
    }

    /// Why the act must not be done, or not yet.
    pub(crate) fn stops(&self, past: &[Deed], act: &Act<'_>, now: Time) -> Option<&'static str> {
        let replaced = |fuse: &Fuse| (fuse.class, fuse.scope) == (BUILT_IN.class, BUILT_IN.scope);
        let built_in = (!self.fuses.iter().any(replaced)).then_some(&BUILT_IN);
        let mut fuses = self.fuses.iter().chain(built_in);
        let canary = ["edr.isolate_host", "firewall.block_address", "edr.*", "*"]
            .into_iter()
            .filter(|class| fits(class, act.class))
            .find_map(|class| self.canaries.iter().find(|canary| canary.class == class));
        fuses
            .find_map(|fuse| fuse.stops(past, act, now))
            .or_else(|| canary.unwrap_or(&FIRST_OF_ALL).stops(past, act, now))
    }
}
