//! What the world truly is: what every target is, what people and policy want, what happened so far.

use serde_json::{Value, json};
use stanch_model::{
    Time,
    event::Trust,
    guard::Mode,
    observable,
    plan::{PlannedAction, StepKey},
};
use stanch_playbook::{RunEvent, graph::SCRIPT};

use super::{
    dice::Dice,
    extra::Extra,
    past::{Deed, End},
};

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Anything that may be acted on.
    Fine,
    /// Stanch itself.
    Own,
    /// A way out.
    Gateway,
    Resolver,
    /// What everybody uses: built in, by policy, on a list.
    Shared,
    /// Protected: never.
    Never,
    /// Protected: by so many people.
    People(u32),
    /// No single target.
    None,
}

/// Targets by their canonical value, and what they are.
const TARGETS: &[(&str, What)] = &[
    ("203.0.113.1", What::Fine),
    ("203.0.113.2", What::Fine),
    ("203.0.113.3", What::Fine),
    ("2001:db8::7", What::Fine),
    ("ws-01", What::Fine),
    ("ws-02", What::Fine),
    ("ws-03.example.test", What::Fine),
    ("ws-07", What::Fine),
    ("ws-08", What::Fine),
    // By what the inventory says of them.
    ("ws-04", What::Never),
    ("ws-05", What::People(2)),
    ("ws-06", What::People(1)),
    ("cfo", What::People(2)),
    // By what else they are called.
    ("gw-01", What::Gateway),
    ("ns-01", What::Resolver),
    ("cdn-01", What::Shared),
    ("soar-01", What::Own),
    ("jump-01", What::Never),
    ("boss@example.test", What::People(2)),
    ("ann", What::Fine),
    ("bob@example.test", What::Fine),
    ("192.0.2.1", What::Own),
    ("stanch-01", What::Own),
    ("svc-stanch", What::Own),
    ("192.0.2.254", What::Gateway),
    ("192.0.2.53", What::Resolver),
    ("8.8.8.8", What::Shared),
    ("198.51.100.9", What::Shared),
    ("203.0.113.200", What::Shared),
    ("203.0.113.99", What::People(2)),
    ("dc-01", What::Never),
    ("files-01", What::People(1)),
    ("ceo", What::People(2)),
    ("krbtgt", What::Never),
    ("0.0.0.0", What::None),
    ("127.0.0.1", What::None),
    ("224.0.0.1", What::None),
    ("169.254.1.1", What::None),
    ("255.255.255.255", What::None),
    ("::1", What::None),
    ("localhost", What::None),
    ("134744072", What::None),
    ("a*", What::None),
];

/// How they may be written where they are named. Some are no target at all, and fail before the guard.
fn names(kind: &str) -> &'static [&'static str] {
    match kind {
        "ip" => &[
            "203.0.113.1",
            "203.0.113.2",
            "203.0.113.3",
            "::ffff:203.0.113.1",
            "2001:db8::7",
            "203.0.113.1",
            "203.0.113.2",
            "192.0.2.1",
            "::ffff:192.0.2.1",
            "192.0.2.254",
            "192.0.2.53",
            "8.8.8.8",
            "::ffff:8.8.8.8",
            "198.51.100.9",
            "203.0.113.200",
            "203.0.113.99",
            "0.0.0.0",
            "0.0.0.0/0",
            "127.0.0.1",
            "224.0.0.1",
            "169.254.1.1",
            "255.255.255.255",
            "::1",
            "nobody",
        ],
        "host" => &[
            "ws-01",
            "ws-02",
            "WS-01.",
            "ws-03.example.test",
            "ws-01",
            "ws-02",
            "stanch-01",
            "STANCH-01",
            "192.0.2.1",
            "dc-01",
            "DC-01.",
            "files-01",
            "localhost",
            "134744072",
            "8.8.8.8",
            "203.0.113.2",
            "ws-04",
            "ws-05",
            "WS-06",
            "ws-08",
            "gw-01",
            "ns-01",
            "cdn-01",
            "soar-01",
            "jump-01",
            "",
        ],
        _ => &[
            "ann",
            "ANN",
            "bob@example.test",
            "ann",
            "svc-stanch",
            "ceo",
            "cfo",
            "boss@example.test",
            "krbtgt",
            "a*",
            "",
        ],
    }
}

/// What stands for a rule of the guard beside the target.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no facts, set by name")]
pub(crate) struct Truth {
    pub(crate) now: Time,
    pub(crate) mode: Mode,
    pub(crate) auto_earned: bool,
    pub(crate) kill_switch: bool,
    pub(crate) epoch: u64,
    pub(crate) by_person: bool,
    pub(crate) trust: Trust,
    pub(crate) self_caused: bool,
    pub(crate) unreadable: bool,
    /// The most intents of one class in an hour, and of all together.
    pub(crate) limits: (u32, u32),
    /// Every intent, in the order in which they were written.
    pub(crate) past: Vec<Deed>,
    /// What the store keeps of them: what each was counted as, and its place in `past`.
    pub(crate) rows: Vec<(String, usize)>,
    pub(crate) extra: Extra,
}

fn count(dice: &mut Dice, sides: usize) -> u32 {
    u32::try_from(dice.below(sides)).unwrap()
}

/// Something to act on: mostly what anybody might name, else what nobody should.
pub(crate) fn name(dice: &mut Dice, kind: &str) -> &'static str {
    let fine: &[&'static str] = match kind {
        "ip" => &["203.0.113.1", "203.0.113.2", "203.0.113.3", "2001:db8::7"],
        "host" => &["ws-01", "ws-02", "ws-03.example.test", "ws-07"],
        _ => &["ann", "bob@example.test"],
    };
    let hostile = dice.once_in(5);
    let among: &[&'static str] = if hostile { names(kind) } else { fine };
    among[dice.below(among.len())]
}

pub(crate) const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);

impl Truth {
    pub(crate) fn roll(dice: &mut Dice) -> Self {
        let by_person = dice.once_in(3);
        Self {
            now: Time::from_micros(1_000_000),
            mode: match dice.below(16) {
                0 => Mode::Shadow,
                1..=3 => Mode::Assist,
                _ => Mode::Auto,
            },
            auto_earned: dice.once_in(2),
            kill_switch: dice.once_in(20),
            epoch: 1,
            by_person,
            trust: *dice.one(&[Trust::High, Trust::High, Trust::Medium, Trust::Low]),
            self_caused: dice.once_in(12),
            unreadable: dice.once_in(25),
            limits: (1 + count(dice, 4), 3 + count(dice, 6)),
            past: Vec::new(),
            rows: Vec::new(),
            extra: Extra::roll(dice, by_person),
        }
    }

    /// What a target is: by its canonical value, whatever it was written as.
    pub(crate) fn what(action: &PlannedAction) -> What {
        let Some(target) = &action.target else { return What::None };
        if observable::canonical(target.kind, &target.value).as_ref() != Some(&target.value) {
            return What::None;
        }
        let value = target.value.to_lowercase();
        TARGETS.iter().find(|(name, _)| *name == value).map_or(What::None, |(_, what)| *what)
    }

    /// How many intents of that kind there were within that time.
    pub(crate) fn within(&self, window: std::time::Duration, of: impl Fn(&Deed) -> bool) -> u32 {
        let since = self.now.minus(window);
        let counts = |deed: &&Deed| deed.at > since && of(deed);
        u32::try_from(self.past.iter().filter(counts).count()).unwrap()
    }

    /// What the journal says of an act; true if it went wrong.
    pub(crate) fn settle(&mut self, run: usize, event: &RunEvent) -> bool {
        use RunEvent as E;
        let Some(key) = event.key() else { return false };
        let now = self.now;
        let Some(deed) = self.last_of(run, key) else { return false };
        let is_open = matches!(deed.end, End::Pending | End::Unknown(_));
        if !is_open {
            return false;
        }
        deed.end = match event {
            // Nobody can look whether a script did what it was for.
            E::Accepted { .. } | E::Found { .. } if deed.action.connector == SCRIPT => {
                End::Done(now)
            }
            E::Accepted { .. } | E::Found { .. } => {
                deed.accepted = true;
                return false;
            }
            E::Verified { .. } | E::Resolved { happened: true, .. } => End::Done(now),
            E::Failed { .. }
            | E::Stopped { .. }
            | E::Unverified { .. }
            | E::Resolved { happened: false, .. } => End::Failed(now),
            E::TimedOut { .. } if deed.accepted => End::Failed(now),
            E::Unresolved { .. } => End::Unknown(now),
            _ => return false,
        };
        deed.went_wrong()
    }

    fn last_of(&mut self, run: usize, key: &StepKey) -> Option<&mut Deed> {
        self.past.iter_mut().rev().find(|deed| deed.run == run && deed.action.key == *key)
    }

    /// A person takes an act back; false if there is none.
    pub(crate) fn undo(&mut self, dice: &mut Dice) -> bool {
        let now = self.now;
        let done = |deed: &&mut Deed| matches!(deed.end, End::Done(_)) && deed.undone_at.is_none();
        let mut done: Vec<&mut Deed> = self.past.iter_mut().filter(done).collect();
        if done.is_empty() {
            return false;
        }
        let at = dice.below(done.len());
        done[at].undone_at = Some(now);
        true
    }

    pub(crate) fn policy(&self) -> Value {
        let (each, all) = self.limits;
        let budget =
            |class: &str, limit: u32| json!({ "class": class, "limit": limit, "window": "1h" });
        let mut policy = json!({
            "protected": [
                { "kind": "host", "value": "dc-01" },
                { "kind": "host", "value": "files-01", "automatic": "ask" },
                { "kind": "ip", "value": "203.0.113.99", "approvals": 2 },
                { "kind": "user", "value": "ceo", "automatic": "ask", "approvals": 2 },
                { "kind": "user", "value": "krbtgt" },
            ],
            "shared": [{ "value": "198.51.100.0/28" }],
            "budgets": [
                budget("edr.isolate_host", each), budget("firewall.block_address", each),
                budget("directory.disable_account", each), budget("*", all),
            ],
        });
        self.extra.policy(&mut policy);
        policy
    }

    /// An alert as an attacker would forge it.
    pub(crate) fn alert(dice: &mut Dice) -> Value {
        let mut name = |kind: &str| name(dice, kind);
        let (host, user, source, target) = (name("host"), name("user"), name("ip"), name("ip"));
        json!({
            "id": "alr_1", "rule": { "id": "r", "title": "${{ alert }} {{7*7}}" },
            "severity": 1 + dice.below(5), "techniques": [], "source": "forge",
            "count": dice.below(6), "host": { "name": host }, "user": { "name": user },
            "src": { "ip": source }, "dst": { "ip": target, "port": 443 }, "process": { "path": "" },
            "file": { "sha256": "" }, "domain": "", "url": "", "fields": {},
            "first_seen_at": "2026-01-01T00:00:00Z", "last_seen_at": "2026-01-01T00:00:00Z",
        })
    }
}
