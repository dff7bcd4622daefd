//! What a policy says beside what every one has here, and what that has to keep anybody from.

use serde_json::{Value, json};
use stanch_model::Time;

use super::{
    assets,
    dice::Dice,
    freeze::Freeze,
    pace::Pace,
    past::{Act, Deed, fits},
    rights::{self, Line, Person},
    truth::{HOUR, Truth},
};

/// A limit on what counts together.
#[derive(Clone, Debug)]
struct Limit {
    class: &'static str,
    scope: &'static str,
    most: u32,
}

/// How much of the fleet may be acted on in an hour.
#[derive(Clone, Debug)]
struct Share {
    percent: u32,
    at_least: u32,
    /// Whether anybody knows how many hosts there are.
    is_known: bool,
    hosts: u32,
}

impl Share {
    fn of(&self, hosts: u32) -> u32 {
        let hosts = if self.is_known { hosts } else { 0 };
        (hosts * self.percent / 100).max(self.at_least)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Extra {
    pub(crate) inventory_is_down: bool,
    freeze: Option<Freeze>,
    pace: Pace,
    limits: Vec<Limit>,
    share: Share,
    lines: Vec<&'static Line>,
    pub(crate) people: Vec<Person>,
    /// Who published the playbook, and who started the run: places in `people`.
    pub(crate) author: Option<usize>,
    pub(crate) requester: Option<usize>,
    /// How many people say yes where anybody has to.
    least: u32,
}

impl Extra {
    pub(crate) fn roll(dice: &mut Dice, by_person: bool) -> Self {
        let people = rights::everybody();
        // Mostly somebody with every right.
        let somebody = |dice: &mut Dice| {
            if dice.once_in(3) { dice.below(people.len()) } else { *dice.one(&[0, 2]) }
        };
        let number = |dice: &mut Dice, below: usize| u32::try_from(dice.below(below)).unwrap();
        let mut limits: Vec<Limit> = Vec::new();
        for (class, scope) in [
            ("*", "playbook"),
            ("edr.*", "site"),
            ("*", "instance"),
            ("edr.isolate_host", "group"),
            ("*", "group"),
        ] {
            if dice.once_in(8) {
                limits.push(Limit { class, scope, most: 1 + number(dice, 3) });
            }
        }
        let at_least = 1 + number(dice, 2);
        let share = Share {
            percent: 2,
            at_least,
            is_known: !dice.once_in(4),
            hosts: *dice.one(&[30, 230]),
        };
        Self {
            inventory_is_down: dice.once_in(25),
            freeze: dice.once_in(4).then(|| Freeze::roll(dice)),
            pace: Pace::roll(dice),
            limits,
            share,
            lines: rights::roll(dice),
            author: dice.once_in(2).then(|| somebody(dice)),
            requester: by_person.then(|| somebody(dice)),
            people,
            least: if dice.once_in(8) { 2 } else { 1 },
        }
    }

    pub(crate) fn policy(&self, policy: &mut Value) {
        let add = |to: &mut Value, what: Value| to.as_array_mut().unwrap().push(what);
        for protected in [
            json!({ "tag": "domain-controller" }),
            json!({ "group": "executives", "automatic": "ask", "approvals": 2 }),
            json!({ "criticality": "critical", "automatic": "ask" }),
        ] {
            add(&mut policy["protected"], protected);
        }
        for Limit { class, scope, most } in &self.limits {
            let limit = json!({ "class": class, "scope": scope, "limit": most, "window": "1h" });
            add(&mut policy["budgets"], limit);
        }
        policy["freeze"] = self.freeze.iter().map(Freeze::policy).collect();
        policy["rights"] = rights::policy(&self.lines);
        policy["approval"] = json!({ "count": self.least, "not_requester": false });
        let Share { percent, at_least, .. } = self.share;
        policy["fleet"] = json!({ "percent": percent, "at_least": at_least, "window": "1h" });
        self.pace.policy(policy);
    }

    /// All hosts, and those at the site; none if nobody knows.
    pub(crate) fn hosts(&self, site: Option<&str>) -> (Option<u32>, Option<u32>) {
        let known = |hosts: u32| self.share.is_known.then_some(hosts);
        (known(self.share.hosts), known(assets::hosts_at(site)))
    }

    /// Why nobody may let it happen; `decided_at` is when it was decided.
    pub(crate) fn never(&self, truth: &Truth, act: &Act<'_>, decided_at: Time) -> Option<String> {
        if self.inventory_is_down {
            return Some("nobody could say what the target is".to_owned());
        }
        if self.freeze.as_ref().is_some_and(|freeze| freeze.forbids(act.class, decided_at)) {
            return Some("it was a quiet hour".to_owned());
        }
        self.nobody_lends(act)
            .or_else(|| self.pace.stops(&truth.past, act, truth.now).map(str::to_owned))
            .or_else(|| self.too_often(truth, act))
    }

    /// Author, requester, playbook and connector each need the right.
    fn nobody_lends(&self, act: &Act<'_>) -> Option<String> {
        let named = self.author.iter().chain(&self.requester).map(|at| &self.people[*at]);
        let mut lacking = named.filter(|person| !rights::may(&self.lines, person, act));
        let person = lacking.next().map(|person| format!("{} has no right to it", person.name));
        person.or_else(|| rights::lacks(&self.lines, act))
    }

    fn too_often(&self, truth: &Truth, act: &Act<'_>) -> Option<String> {
        let over = |limit: &&Limit| {
            let is_full = |pool: &String| {
                let counts =
                    |deed: &Deed| fits(limit.class, &deed.class) && deed.is_in(limit.scope, pool);
                truth.within(HOUR, counts) >= limit.most
            };
            fits(limit.class, act.class) && act.pools(limit.scope).iter().any(is_full)
        };
        if let Some(Limit { scope, .. }) = self.limits.iter().find(over) {
            return Some(format!("there was no room in the budget of the {scope}"));
        }
        if act.action.practice || !act.is_on_host() {
            return None;
        }
        let same = |deed: &Deed| {
            deed.class == act.class && !deed.action.practice && deed.act().is_on_host()
        };
        let site = assets::of(&act.target()).site();
        let pools = act.pools("site");
        let at_site = |deed: &Deed| same(deed) && deed.is_in("site", &pools[0]);
        let over = truth.within(HOUR, same) >= self.share.of(self.share.hosts)
            || truth.within(HOUR, at_site) >= self.share.of(assets::hosts_at(site.as_deref()));
        over.then(|| "too much of the fleet was hit already".to_owned())
    }

    /// How many people have to say yes, beside what anything else asks for.
    pub(crate) fn people(&self, act: &Act<'_>, decided_at: Time, others: u32) -> u32 {
        let frozen = self.freeze.as_ref().map_or(0, |freeze| freeze.people(act.class, decided_at));
        let most = others.max(frozen);
        if most == 0 { 0 } else { most.max(self.least) }
    }

    /// Whether somebody's yes counts.
    pub(crate) fn counts(&self, voter: usize, act: &Act<'_>) -> bool {
        rights::may(&self.lines, &self.people[voter], act)
    }

    /// Somebody loses their login.
    pub(crate) fn demote(&mut self, dice: &mut Dice) {
        let at = dice.below(self.people.len());
        self.people[at].role = None;
    }
}
