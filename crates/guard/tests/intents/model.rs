//! The model: its state, what can happen, and what has to hold.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
    time::Duration,
};

use stanch_guard::{
    BreakerFacts, Counted, Facts, Policy, RULES, Rule, breaker_keys, counters, decide_with,
    facts::{Act, AssetRecord, Fleet, Outcome, Parties},
};
use stanch_model::{
    Observable, ObservableKind, Time,
    event::Trust,
    guard::{Counter, Decision, Mode},
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
};
use stateright::{Model as _, Property};

use crate::store::{Row, Store};

/// No window holds more intents than its budget.
pub(crate) const WITHIN_BUDGET: &str = "no sliding window holds more intents than its budget";
/// Nothing commits after the stop.
pub(crate) const STOPPED: &str = "no intent commits while the kill switch is engaged";
/// Nothing commits that only the looser policy allowed.
pub(crate) const TIGHTENED: &str = "no intent commits that the policy in force would refuse";
/// One intent a step.
pub(crate) const ONCE: &str = "no step is intended twice";

/// The parts of the protocol, each of which can be left out.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent parts, named one by one")]
pub(crate) struct Protocol {
    /// The store counts again when the intent commits.
    pub(crate) budget: bool,
    /// What was decided before a change does not commit after it.
    pub(crate) epoch: bool,
    /// The guard has its rule about the kill switch.
    pub(crate) kill_switch: bool,
    /// A lease's token has to be the current one, and a step's journal has one intent.
    pub(crate) fence: bool,
    /// Intents that lie ahead, by this worker's clock, are counted.
    pub(crate) ahead: bool,
}

impl Protocol {
    pub(crate) const WHOLE: Self =
        Self { budget: true, epoch: true, kill_switch: true, fence: true, ahead: true };
}

/// The run of each step, and what it acts on.
const STEPS: [(usize, ObservableKind, &str, &str); 3] = [
    (0, ObservableKind::Host, "ws-01", "edr.isolate_host"),
    (0, ObservableKind::Ip, "203.0.113.7", "firewall.block_address"),
    (1, ObservableKind::Host, "ws-02", "edr.isolate_host"),
];

/// The budgets of the looser policy and of the tighter one: (class, limit, minutes).
const LOOSE: [(&str, u32, u64); 2] = [("edr.isolate_host", 1, 10), ("*", 2, 20)];
const TIGHT: [(&str, u32, u64); 2] = [("edr.isolate_host", 1, 10), ("*", 1, 20)];

/// How far the world's clock goes on at once, how far it goes at most, and how far a worker's jumps; in minutes.
const TICK: i64 = 11;
const LAST: i64 = 22;
const JUMP: i64 = 15;

/// The worker whose clock jumps. The other's is the world's; which of the two it is makes no difference.
const JUMPER: usize = 0;

/// How often a lease changes hands, and how many processes die.
const LEASES: u8 = 2;
const CRASHES: u8 = 1;

/// Everything that there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    store: Store,
    /// The world's clock, in minutes.
    wall: i64,
    workers: [Worker; 2],
    /// What went wrong at a commit, for the properties that are about a moment.
    after_stop: bool,
    after_tightening: bool,
    twice: bool,
    releases: u8,
    crashes: u8,
}

/// One process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Worker {
    /// How far its clock is from the world's; it jumps once at most.
    offset: i64,
    /// The leases that it believes to hold. It may have lost them.
    tokens: [Option<u8>; 2],
    /// What the guard allowed, and what that rested on.
    decided: Option<Decided>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Decided {
    step: usize,
    token: u8,
    epoch: u8,
    /// The limits that the intent has to fit into, one for each of [`KEYS`].
    limits: Limits,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    /// Time goes on.
    Tick,
    /// A worker's clock is set.
    Jump(usize, i64),
    /// A worker takes a run's lease; whoever had it does not notice.
    Lease(usize, usize),
    /// A worker reads facts, and the guard decides.
    Decide(usize, usize),
    /// It commits what was decided, or learns that it cannot.
    Commit(usize),
    /// A worker dies and starts anew.
    Crash(usize),
    /// Somebody engages the kill switch, and is answered.
    Stop,
    /// Somebody releases it.
    Release,
    /// A tighter policy comes into force.
    Tighten,
}

/// The model with its parts.
#[derive(Debug)]
pub(crate) struct Model {
    protocol: Protocol,
    rules: Vec<Rule>,
    /// What the guard said before, by all that its facts are made of here.
    said: Mutex<HashMap<Situation, Option<Limits>>>,
}

/// (window in seconds, limit), one for each of [`KEYS`].
type Limits = Vec<(u64, u32)>;

/// Rows, whether stopped, whether tightened, the moment, the step, and whose steps are intended.
type Situation = (Vec<Row>, bool, bool, i64, usize, Vec<usize>);

impl Model {
    pub(crate) fn new(protocol: Protocol) -> Self {
        let kept = |rule: &Rule| protocol.kill_switch || rule.name != "kill_switch";
        let rules = RULES.iter().copied().filter(kept).collect();
        Self { protocol, rules, said: Mutex::default() }
    }

    /// What the guard says of a step to a worker that reads the store now.
    fn decide(&self, state: &State, worker: usize, step: usize) -> Option<Decided> {
        let token = state.workers[worker].tokens[STEPS[step].0]?;
        let Store { rows, engaged, tightened, intended, epoch, .. } = &state.store;
        let now = moment(state, worker).micros();
        let situation = (rows.clone(), *engaged, *tightened, now, step, intended.clone());
        let mut said = self.said.lock().unwrap();
        let limits = said.entry(situation).or_insert_with(|| self.ask(state, worker, step));
        Some(Decided { step, token, epoch: *epoch, limits: limits.clone()? })
    }

    /// The limits that the intent has to fit into; none if the guard does not allow it.
    fn ask(&self, state: &State, worker: usize, step: usize) -> Option<Limits> {
        let policy = if state.store.tightened { &*TIGHTER } else { &*LOOSER };
        let (facts, action) = (facts(policy, state, worker, step), &ACTIONS[step]);
        let decision = decide_with(&self.rules, policy, &facts, action);
        let limits = || {
            let counters = counters(policy, &facts, action);
            let keys: Vec<&str> = counters.iter().map(|counter| counter.class.as_str()).collect();
            assert_eq!(keys, KEYS[step], "the keys of a step do not change");
            counters.iter().map(|counter| (counter.window.as_secs(), counter.limit)).collect()
        };
        matches!(decision, Decision::Allow { .. }).then(limits)
    }

    fn commit(&self, state: &mut State, worker: usize) {
        let Some(decided) = state.workers[worker].decided.take() else { return };
        let Decided { step, token, epoch, limits } = decided;
        let counter = |(class, (window, limit)): (&String, (u64, u32))| Counter {
            class: class.clone(),
            window: Duration::from_secs(window),
            limit,
        };
        let counters: Vec<Counter> = KEYS[step].iter().zip(limits).map(counter).collect();
        let now = moment(state, worker);
        let (before, run) = (state.store.clone(), STEPS[step].0);
        let store = &mut state.store;
        let committed =
            store.commit_intent((run, step), (token, epoch), &counters, now, self.protocol);
        if committed.is_ok() {
            state.after_stop |= before.engaged;
            state.twice |= before.intended.contains(&step);
            let (class, limit, minutes) = TIGHT[1];
            let held = before.intents(class, Duration::from_secs(minutes * 60), now, true);
            state.after_tightening |= before.tightened && held >= limit;
        }
    }
}

impl stateright::Model for Model {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            store: Store::default(),
            wall: 0,
            workers: [Worker::default(), Worker::default()],
            after_stop: false,
            after_tightening: false,
            twice: false,
            releases: 0,
            crashes: 0,
        }]
    }

    fn actions(&self, state: &State, events: &mut Vec<Event>) {
        if state.wall < LAST {
            events.push(Event::Tick);
        }
        for (index, worker) in state.workers.iter().enumerate() {
            if worker.offset == 0 && index == JUMPER {
                events.extend([Event::Jump(index, JUMP), Event::Jump(index, -JUMP)]);
            }
            for (run, token) in worker.tokens.iter().enumerate() {
                if token.is_none() && state.store.leases[run] < LEASES {
                    events.push(Event::Lease(index, run));
                }
            }
            match &worker.decided {
                Some(_) => events.push(Event::Commit(index)),
                None => events.extend((0..STEPS.len()).map(|step| Event::Decide(index, step))),
            }
            let idle = worker.decided.is_none() && worker.tokens == [None, None];
            if state.crashes < CRASHES && !idle {
                events.push(Event::Crash(index));
            }
        }
        if !state.store.engaged && state.releases == 0 {
            events.push(Event::Stop);
        }
        if state.store.engaged {
            events.push(Event::Release);
        }
        if !state.store.tightened {
            events.push(Event::Tighten);
        }
    }

    fn next_state(&self, last: &State, event: Event) -> Option<State> {
        let mut state = last.clone();
        match event {
            Event::Tick => state.wall += TICK,
            Event::Jump(worker, by) => state.workers[worker].offset = by,
            Event::Lease(worker, run) => {
                state.store.leases[run] += 1;
                state.workers[worker].tokens[run] = Some(state.store.leases[run]);
            }
            Event::Decide(worker, step) => {
                if last.store.intended.contains(&step) && self.protocol.fence {
                    return None;
                }
                state.workers[worker].decided = Some(self.decide(last, worker, step)?);
            }
            Event::Commit(worker) => self.commit(&mut state, worker),
            Event::Crash(worker) => {
                let Worker { offset, .. } = state.workers[worker];
                state.workers[worker] = Worker { offset, ..Worker::default() };
                state.crashes += 1;
            }
            Event::Stop => state.store.change(|store| store.engaged = true),
            Event::Release => {
                state.store.change(|store| store.engaged = false);
                state.releases += 1;
            }
            Event::Tighten => state.store.change(|store| store.tightened = true),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(WITHIN_BUDGET, |_, state: &State| within_budget(&state.store)),
            Property::always(STOPPED, |_, state: &State| !state.after_stop),
            Property::always(TIGHTENED, |_, state: &State| !state.after_tightening),
            Property::always(ONCE, |_, state: &State| !state.twice),
            // Without these a guard that allows nothing would pass.
            Property::sometimes("three steps are intended", |_, state: &State| {
                state.store.intended.len() == 3
            }),
            Property::sometimes("a worker is refused at its commit", |_, state: &State| {
                let stale =
                    |w: &Worker| w.decided.as_ref().is_some_and(|d| d.epoch != state.store.epoch);
                state.workers.iter().any(stale)
            }),
            Property::sometimes(
                "an act is intended after the stop was lifted",
                |_, state: &State| state.releases == 1 && state.store.intended.len() == 2,
            ),
        ]
    }
}

/// Every window of every budget that ends with an intent: no other can hold more.
fn within_budget(store: &Store) -> bool {
    LOOSE.iter().all(|(class, limit, minutes)| {
        let counted = |row: &&Row| KEYS[row.step].iter().any(|key| key == class);
        let rows: Vec<i64> = store.rows.iter().filter(counted).map(|row| row.at).collect();
        let window = i64::try_from(minutes * 60 * 1_000_000).unwrap();
        let held = |end: &i64| rows.iter().filter(|at| **at > end - window && *at <= end).count();
        rows.iter().all(|end| u32::try_from(held(end)).unwrap() <= *limit)
    })
}

/// Long after the beginning of time, so that a clock that is set back is still in it.
const START: Time = Time::from_micros(1_800_000_000_000_000);

fn moment(state: &State, worker: usize) -> Time {
    let minutes = state.wall + state.workers[worker].offset;
    Time::from_micros(START.micros() + minutes * 60_000_000)
}

static LOOSER: LazyLock<Policy> = LazyLock::new(|| policy(&LOOSE));
static TIGHTER: LazyLock<Policy> = LazyLock::new(|| policy(&TIGHT));
static ACTIONS: LazyLock<Vec<PlannedAction>> =
    LazyLock::new(|| (0..STEPS.len()).map(action).collect());

/// What each step's intents are counted under: whatever the guard says it is, in every situation of this model.
pub(crate) static KEYS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let start = Model::new(Protocol::WHOLE).init_states().remove(0);
    let of = |step: usize| {
        let counters = counters(&LOOSER, &bare(&start, 0, step), &ACTIONS[step]);
        counters.into_iter().map(|counter| counter.class).collect()
    };
    (0..STEPS.len()).map(of).collect()
});

fn policy(budgets: &[(&str, u32, u64)]) -> Policy {
    let budget = |(class, limit, minutes): &(&str, u32, u64)| serde_json::json!({ "class": class, "limit": limit, "window": format!("{minutes}m") });
    let budgets: Vec<_> = budgets.iter().map(budget).collect();
    serde_json::from_value(serde_json::json!({ "budgets": budgets, "fleet": { "percent": 100 } }))
        .unwrap()
}

fn action(step: usize) -> PlannedAction {
    let (_, kind, value, class) = STEPS[step];
    PlannedAction {
        key: StepKey(format!("step-{step}")),
        name: class.to_owned(),
        title: class.to_owned(),
        instance: "edge".to_owned(),
        connector: "edge".to_owned(),
        action: "act".to_owned(),
        practice: false,
        manifest_digest: String::new(),
        effect: EffectClass::Reversible,
        target: Some(Observable { kind, value: value.to_owned() }),
        input: serde_json::Value::Null,
        part: None,
        undo: None,
        expires: Some(Duration::from_secs(3_600)),
    }
}

/// All that is known but what is counted and watched.
fn bare(state: &State, worker: usize, step: usize) -> Facts {
    let (run, _, _, class) = STEPS[step];
    let now = moment(state, worker);
    let intended = state.store.intended.iter().filter(|other| STEPS[**other].0 == run);
    // What became of earlier acts is not known to anybody: that refunds nothing.
    let acts: Vec<Act> = intended
        .filter(|other| STEPS[**other].3 == class)
        .map(|other| Act {
            target: STEPS[*other].2.to_owned(),
            intended_at: now,
            outcome: Outcome::Pending,
            undone_at: None,
        })
        .collect();
    Facts {
        now,
        class: class.to_owned(),
        playbook: "p".to_owned(),
        run: format!("run-{run}"),
        mode: Mode::Auto,
        max_mode: Mode::Auto,
        auto_earned: true,
        kill_switch: state.store.engaged,
        requested_by_person: false,
        source_trust: Trust::High,
        self_caused: false,
        own_addresses: Vec::new(),
        own_names: Vec::new(),
        gateways: Vec::new(),
        resolvers: Vec::new(),
        shared_infrastructure: None,
        aliases: Vec::new(),
        asset: AssetRecord::NotListed,
        fleet: Fleet { hosts: Some(100), site_hosts: Some(100) },
        counts: Vec::new(),
        breakers: Vec::new(),
        canary: acts,
        again: false,
        parties: Parties::default(),
        approved_by: 0,
        unreadable: Vec::new(),
    }
}

fn facts(policy: &Policy, state: &State, worker: usize, step: usize) -> Facts {
    let mut facts = bare(state, worker, step);
    let now = facts.now;
    let keys = breaker_keys(policy, &facts, &ACTIONS[step]).into_iter();
    facts.breakers =
        keys.map(|key| BreakerFacts { key, acts: Vec::new(), reset_at: None }).collect();
    facts.counts = counters(policy, &facts, &ACTIONS[step])
        .into_iter()
        .map(|counter| {
            let intents = state.store.intents(&counter.class, counter.window, now, true);
            Counted { counter, intents }
        })
        .collect();
    facts
}
