//! One case, played: runs are carried out as the engine does it, in an order that the dice choose, over deaths,
//! doubled deliveries, a kill switch that moves, and people who say anything.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, LazyLock},
};

use serde_json::{Map, Value, json};
use stanch_model::{
    ApprovalId, Observable, ObservableKind, RunId, TenantId, Time,
    guard::{ApprovalState, Decision, Mode},
    manifest::{Catalog, EffectClass, Instance, Manifest},
    plan::{PlannedAction, StepKey},
    run::{RunState, StepState},
};
use stanch_playbook::{
    Called, Effect, Graph, Planner, PlannerStep, Playbook, Run, RunEvent, check,
    graph::{self, NodeKind},
    parse,
    run::callable,
};

use super::{
    dice::Dice,
    guard::{self, Weighed, Word, Yes},
    judge,
    past::Act,
    truth::{self, Truth},
    write::{self, Written},
};

/// What a case came to.
pub(crate) struct Outcome {
    pub(crate) wrong: Vec<String>,
    pub(crate) intents: u64,
    pub(crate) sent: u64,
    /// How often each rule of the guard kept an act from happening, or from happening at once.
    pub(crate) spoke: BTreeMap<String, u64>,
    /// The kinds of steps that were reached.
    pub(crate) seen: BTreeSet<&'static str>,
    pub(crate) state: String,
    pub(crate) text: String,
}

/// How many moves a case has at the most; after that people stop what is left.
const MOVES: usize = 600;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/connectors");
    let manifest = |name: &str| -> Manifest {
        let text = std::fs::read_to_string(root.join(name).join("connector.yaml")).unwrap();
        stanch_connector::manifest::load(&text).0.unwrap()
    };
    let mut catalog = Catalog::default();
    for name in ["lab", "nftables", "incident", "intel"] {
        let manifest = manifest(name);
        catalog.manifests.insert(manifest.connector.clone(), manifest);
    }
    // The same API in earnest: what is done there is no play.
    let field = Manifest { connector: "field".to_owned(), practice: false, ..manifest("lab") };
    catalog.manifests.insert(field.connector.clone(), field);
    for (name, connector) in [("lab", "lab"), ("edge", "nftables"), ("field", "field")] {
        let instance: Instance =
            serde_json::from_value(json!({ "name": name, "connector": connector })).unwrap();
        catalog.instances.insert(name.to_owned(), instance);
    }
    for capability in
        ["edr.find_host", "edr.isolate_host", "firewall.block_address", "directory.disable_account"]
    {
        catalog.bindings.insert(capability.to_owned(), "lab".to_owned());
    }
    catalog
});

/// The playbooks that are called: always the same.
static CALLED: LazyLock<Vec<Playbook>> = LazyLock::new(|| {
    let read = |text: &&str| parse::parse(text).0.unwrap();
    write::CALLED.iter().map(read).collect()
});

/// And their graphs.
static GRAPHS: LazyLock<Called> = LazyLock::new(|| {
    let context = check::Context::new(&CATALOG).with_playbooks(&FOLDER);
    let compile = |playbook| Arc::new(graph::compile_in(playbook, &context).unwrap());
    CALLED.iter().map(compile).collect()
});

static FOLDER: LazyLock<check::Folder> =
    LazyLock::new(|| check::Folder::new(CALLED.iter(), &CATALOG));

/// The graph of a case; nothing if the checker refuses what was written.
fn compiled(written: &Written) -> Option<Arc<Graph>> {
    let context = check::Context::new(&CATALOG).with_playbooks(&FOLDER);
    let (playbook, _) = match written.unchecked {
        true => parse::parse(&written.text),
        false => check::load_in(&written.text, &context),
    };
    graph::compile_in(&playbook?, &context).ok().map(Arc::new)
}

/// Plays a case; with one rule of the guard left out, if one is named.
pub(crate) fn play(seed: u64, without: Option<&str>) -> Option<Outcome> {
    let mut dice = Dice::new(seed);
    let written = write::write(&mut dice);
    let root = compiled(&written)?;
    let truth = Truth::roll(&mut dice);
    let alert = Truth::alert(&mut dice);
    let mut game = Game {
        dice,
        policy: serde_json::from_value(truth.policy()).unwrap(),
        truth,
        without: without.map(str::to_owned),
        called: GRAPHS.clone(),
        runs: vec![One { run: Run::new(Arc::clone(&root)), caller: None }],
        journal: Vec::new(),
        effects: VecDeque::new(),
        decided: Vec::new(),
        inbox: VecDeque::new(),
        said: VecDeque::new(),
        approvals: BTreeMap::new(),
        yes: BTreeMap::new(),
        sent: BTreeMap::new(),
        wrong: Vec::new(),
        spoke: BTreeMap::new(),
        intents: 0,
        sends: 0,
        neighbours: 0,
    };
    for _ in 0..game.dice.below(4) {
        game.neighbour();
    }
    let incident = json!({ "id": "", "title": "", "severity": 0 });
    game.commit(vec![(0, RunEvent::started(alert, incident))]);
    game.go_on();
    let seen = game.runs.iter().flat_map(|one| one.run.step_views());
    let kinds: BTreeSet<String> = seen.map(|step| step.kind).collect();
    let seen = write::KINDS.into_iter().filter(|kind| kinds.contains(*kind)).collect();
    let state = game.runs[0].run.ended().map(|(state, _)| format!("{state:?}"));
    Some(Outcome {
        wrong: game.wrong,
        intents: game.intents,
        sent: game.sends,
        spoke: game.spoke,
        seen,
        state: state.unwrap_or_else(|| "open".to_owned()),
        text: written.text,
    })
}

struct One {
    run: Run,
    caller: Option<(usize, StepKey)>,
}

/// A question to people about a plan.
struct Asked {
    run: usize,
    plan: Vec<PlannedAction>,
    versions: BTreeMap<String, String>,
    count: u32,
    state: ApprovalState,
    /// Who said yes: places among all people.
    by: BTreeSet<usize>,
}

/// An act that the guard allowed, and whose intent is not on disk yet.
struct Allowed {
    run: usize,
    key: StepKey,
    action: PlannedAction,
    weighed: Weighed,
}

/// What the target knows of an act, by its key.
#[derive(Default)]
struct Sent {
    action: Option<PlannedAction>,
    effects: u32,
    /// Sent, and not looked up since.
    unasked: bool,
}

struct Game {
    dice: Dice,
    policy: guard::Policy,
    truth: Truth,
    without: Option<String>,
    called: Called,
    runs: Vec<One>,
    journal: Vec<(usize, Time, RunEvent)>,
    effects: VecDeque<(usize, Effect)>,
    /// Lost if the process dies, as what follows.
    decided: Vec<Allowed>,
    /// What came back and is not journaled: lost if the process dies.
    inbox: VecDeque<(usize, RunEvent)>,
    /// What is on disk and not journaled: never lost.
    said: VecDeque<(usize, RunEvent)>,
    approvals: BTreeMap<ApprovalId, Asked>,
    /// Who truly said yes to an act, by run and fingerprint.
    yes: BTreeMap<(usize, String), BTreeSet<usize>>,
    sent: BTreeMap<StepKey, Sent>,
    wrong: Vec<String>,
    spoke: BTreeMap<String, u64>,
    intents: u64,
    sends: u64,
    neighbours: usize,
}

/// The number of a run of somebody else's playbook.
const NEIGHBOUR: usize = 1_000;

impl Game {
    fn go_on(&mut self) {
        for number in 0..MOVES * 2 {
            if self.runs.iter().all(|one| one.run.ended().is_some()) || !self.wrong.is_empty() {
                return;
            }
            if number == MOVES {
                self.said.push_back((0, cancel("enough")));
            }
            self.move_on(number > MOVES);
        }
    }

    fn move_on(&mut self, calm: bool) {
        if !calm && self.dice.once_in(40) {
            return self.disturb();
        }
        let pick = self.dice.below(4);
        let idle = self.effects.is_empty() && self.inbox.is_empty() && self.said.is_empty();
        if !self.said.is_empty() && pick == 0 {
            let (run, event) = self.said.pop_front().unwrap();
            return self.deliver(run, event);
        }
        if !self.inbox.is_empty() && (pick == 1 || self.effects.is_empty()) {
            let at = self.dice.below(self.inbox.len());
            let (run, event) = self.inbox.remove(at).unwrap();
            // Whoever delivers twice is no more believed than once. That the target shows nothing may be said
            // again by right: after a death it is asked again.
            let may_repeat = matches!(event, RunEvent::Probed { present: false, .. });
            if self.dice.once_in(8) && !may_repeat {
                self.deliver(run, event.clone());
            }
            return self.deliver(run, event);
        }
        if !self.decided.is_empty() && (pick == 2 || idle) {
            let at = self.dice.below(self.decided.len());
            let allowed = self.decided.swap_remove(at);
            return self.intend(allowed);
        }
        if let Some((run, effect)) = self.take_effect() {
            if self.runs[run].run.still_wants(&effect) {
                self.carry_out(run, effect);
            }
            return;
        }
        if self.inbox.is_empty() && self.said.is_empty() {
            self.wait();
        }
    }

    fn take_effect(&mut self) -> Option<(usize, Effect)> {
        let at = self.dice.below(self.effects.len());
        self.effects.remove(at)
    }

    /// What happens beside the runs.
    fn disturb(&mut self) {
        match self.dice.below(10) {
            0 => {
                self.truth.kill_switch = !self.truth.kill_switch;
                self.truth.epoch += 1;
            }
            1 => self.truth.now = self.truth.now.plus(std::time::Duration::from_secs(1_000)),
            2 if self.dice.once_in(3) => self.said.push_back((0, cancel("a false alarm"))),
            3 => {
                let run = self.dice.below(self.runs.len());
                self.deliver(run, RunEvent::OutOfTime);
            }
            4 if self.truth.undo(&mut self.dice) => self.outcome(),
            5 => {
                self.truth.extra.demote(&mut self.dice);
                self.truth.epoch += 1;
            }
            6 | 7 => self.neighbour(),
            _ => self.die(),
        }
    }

    /// Between a decision and its intent others act, and take acts back.
    fn meanwhile(&mut self) {
        match self.dice.below(4) {
            0 => self.neighbour(),
            1 if self.truth.undo(&mut self.dice) => self.outcome(),
            _ => {}
        }
    }

    /// What became of an act is a fact that decisions rest on.
    fn outcome(&mut self) {
        self.truth.epoch += u64::from(self.without.as_deref() != Some("outcomes"));
    }

    /// Somebody else's playbook acts, and something becomes of it.
    fn neighbour(&mut self) {
        self.neighbours += 1;
        let run = NEIGHBOUR + self.neighbours;
        let (instance, name, kind) = *self.dice.one(&[
            ("lab", "edr.isolate_host", ObservableKind::Host),
            ("field", "edr.isolate_host", ObservableKind::Host),
            ("edge", "firewall.block_address", ObservableKind::Ip),
            ("lab", "directory.disable_account", ObservableKind::User),
        ]);
        let value = truth::name(&mut self.dice, kind.word());
        let Some(target) = Observable::new(kind, value) else { return };
        let connector = CATALOG.instances[instance].connector.clone();
        let practice = CATALOG.manifests[&connector].practice;
        let action = PlannedAction {
            key: StepKey(format!("neighbour-{}", self.neighbours)),
            name: name.to_owned(),
            title: name.to_owned(),
            instance: instance.to_owned(),
            connector,
            action: name.to_owned(),
            practice,
            manifest_digest: String::new(),
            effect: EffectClass::Reversible,
            target: Some(target),
            part: None,
            input: json!({}),
            undo: Some("take it back".to_owned()),
            expires: Some(truth::HOUR),
        };
        let act = Act { run, playbook: "neighbour", class: name, action: &action };
        let nobody = BTreeSet::new();
        let yes = Yes { people: &nobody, journaled: 0 };
        let without = self.without.as_deref();
        let weighed = guard::weigh((&self.policy, &self.truth), &act, Mode::Auto, &yes, without);
        guard::spoke(&weighed.decision, &mut self.spoke);
        if !matches!(weighed.word, Word::Allow) {
            return;
        }
        if let Some(why) = judge::wrong(&self.truth, &act, weighed.at, &nobody) {
            return self.wrong.push(format!("a neighbour: {why}"));
        }
        if !guard::fits(&self.truth, &weighed, without) {
            return;
        }
        guard::write(&mut self.truth, &weighed, &act);
        self.truth.now = self.truth.now.plus(std::time::Duration::from_secs(100));
        let (key, why) = (action.key, "the target".to_owned());
        let event = match self.dice.below(4) {
            0 => RunEvent::Failed { key, why },
            1 => RunEvent::Accepted { key, output: json!({}) },
            _ => RunEvent::Verified { key },
        };
        if self.truth.settle(run, &event) {
            self.outcome();
        }
    }

    /// Everything that is not on disk is gone; the runs are what their journal says.
    fn die(&mut self) {
        self.effects.clear();
        self.decided.clear();
        self.inbox.clear();
        for one in &mut self.runs {
            one.run = Run::new(Arc::clone(one.run.graph()));
        }
        for (run, at, event) in &self.journal {
            self.runs[*run].run.apply(*at, event).unwrap_or_else(|illegal| panic!("{illegal}"));
        }
        for at in 0..self.runs.len() {
            let outstanding = self.runs[at].run.outstanding();
            self.effects.extend(outstanding.into_iter().map(|effect| (at, effect)));
            for approval in self.runs[at].run.asked() {
                self.answer(approval);
            }
        }
    }

    fn deliver(&mut self, run: usize, event: RunEvent) {
        if self.runs[run].run.admits(&event).is_ok() {
            self.commit(vec![(run, event)]);
        }
    }

    fn commit(&mut self, events: Vec<(usize, RunEvent)>) {
        for (at, event) in events {
            self.truth.now = self.truth.now.plus(std::time::Duration::from_millis(1));
            let applied = self.runs[at].run.apply(self.truth.now, &event);
            let effects = applied.unwrap_or_else(|illegal| panic!("{illegal}"));
            if let RunEvent::Ended { state, note } = &event {
                self.tell_caller(at, *state, note);
            }
            if self.truth.settle(at, &event) {
                self.outcome();
            }
            self.journal.push((at, self.truth.now, event));
            self.effects.extend(effects.into_iter().map(|effect| (at, effect)));
        }
    }

    fn tell_caller(&mut self, run: usize, state: RunState, note: &str) {
        let One { run, caller } = &self.runs[run];
        let Some((caller, key)) = caller.clone() else { return };
        let (outputs, recorded) = (run.outputs().clone(), run.is_recorded());
        let note = note.to_owned();
        self.said.push_back((caller, RunEvent::ChildEnded { key, state, note, outputs, recorded }));
    }

    /// Nothing is under way: time passes, or a person does something.
    fn wait(&mut self) {
        let at = self.dice.below(self.runs.len());
        let run = &self.runs[at].run;
        if run.ended().is_some() {
            return;
        }
        let by = "ann".to_owned();
        let sleeping = run.sleeping();
        let (asked, listening) = (run.questioned(), run.listening_for());
        if let Some(key) = sleeping.into_iter().next() {
            self.truth.now = self.truth.now.plus(std::time::Duration::from_secs(700));
            self.deliver(at, RunEvent::TimerFired { key });
        } else if let Some(key) = asked.into_iter().next() {
            let event = self.says(at, key, by);
            self.deliver(at, event);
        } else if let Some((key, _)) = listening.into_iter().next() {
            let data = Map::from_iter([("host".to_owned(), json!("dc-01"))]);
            let comes = self.dice.once_in(2);
            self.deliver(
                at,
                match comes {
                    true => RunEvent::Signalled { key, data, by },
                    false => RunEvent::TimerFired { key },
                },
            );
        } else if let Some(step) =
            run.step_views().into_iter().find(|step| step.state == StepState::Unknown)
        {
            let key = StepKey(step.key);
            let happened = self.sent.get(&key).is_some_and(|sent| sent.effects > 0);
            self.deliver(at, RunEvent::Resolved { key, happened, by });
        }
    }

    fn says(&mut self, run: usize, key: StepKey, by: String) -> RunEvent {
        let Some(NodeKind::Ask { ask, .. }) = self.runs[run].run.node_of(&key).map(|n| &n.kind)
        else {
            panic!("{key} asks nothing");
        };
        match &ask.question {
            graph::Question::Decision { options, .. } => {
                let answer = self.dice.one(options).clone();
                RunEvent::QuestionAnswered { key, answer, by }
            }
            graph::Question::Form(_) if self.dice.once_in(3) => RunEvent::FormLapsed { key },
            graph::Question::Form(_) => {
                let values = Map::from_iter([("owner".to_owned(), json!("ceo"))]);
                RunEvent::FormAnswered { key, values, by }
            }
        }
    }

    fn carry_out(&mut self, run: usize, effect: Effect) {
        let shadow = self.truth.mode == Mode::Shadow;
        match effect {
            Effect::Plan { key, action } => {
                self.commit(vec![(run, RunEvent::Planned { key, action })])
            }
            Effect::Read { key, live_only: true, .. }
            | Effect::Script { key, live_only: true, .. }
                if shadow =>
            {
                self.commit(vec![(run, RunEvent::Simulated { key })]);
            }
            Effect::Read { key, action, .. } => {
                let event = match self.read(&action) {
                    Ok(output) => RunEvent::Read { key, output },
                    Err(why) => RunEvent::Failed { key, why },
                };
                self.inbox.push_back((run, event));
            }
            Effect::Script { key, job, .. } if job.action.effect == EffectClass::Read => {
                let event = match self.dice.below(4) {
                    0 => RunEvent::Failed { key, why: "exit code 1".to_owned() },
                    1 => RunEvent::Read { key, output: json!({ "n": "x" }) },
                    _ => RunEvent::Read { key, output: json!({ "n": 1 }) },
                };
                self.inbox.push_back((run, event));
            }
            Effect::Script { key, job, .. } => self.send(run, key, &job.action),
            Effect::Act { key, action } => self.send(run, key, &action),
            Effect::Authorise { key, action } => self.authorise(run, key, &action),
            Effect::Probe { key, action } => self.probe(run, key, &action),
            Effect::Verify { key, .. } => {
                let seen = !self.dice.once_in(6);
                let why = "not seen".to_owned();
                self.inbox.push_back((
                    run,
                    match seen {
                        true => RunEvent::Verified { key },
                        false => RunEvent::Unverified { key, why },
                    },
                ));
            }
            waits => self.begin_wait(run, waits),
        }
    }

    fn begin_wait(&mut self, run: usize, effect: Effect) {
        match effect {
            Effect::Sleep { key, due_at } => {
                self.commit(vec![(run, RunEvent::TimerSet { key, due_at })]);
            }
            Effect::Deadline { key: Some(key), .. } if self.dice.once_in(5) => {
                self.inbox.push_back((run, RunEvent::TimedOut { key }));
            }
            Effect::Ask { key, .. } => {
                let due_at = self.truth.now;
                self.commit(vec![(run, RunEvent::QuestionAsked { key, due_at })]);
            }
            Effect::Listen { key, due_at, .. } => {
                self.commit(vec![(run, RunEvent::Listening { key, due_at })]);
            }
            Effect::Call { key, playbook, inputs } => self.call(run, key, &playbook, inputs),
            Effect::CallOff { run: child, why, .. } => {
                self.said.push_back((number(child), cancel(&why)));
            }
            Effect::End { state, note } => {
                self.commit(vec![(run, RunEvent::Ended { state, note })]);
            }
            _ => {}
        }
    }

    /// What a target answers: it may be anybody's word as well.
    fn read(&mut self, action: &PlannedAction) -> Result<Value, String> {
        if action.name == "edr.find_host" && !self.dice.once_in(5) {
            let name = truth::name(&mut self.dice, "host");
            return Ok(
                json!({ "found": true, "id": "h", "name": name, "address": "", "isolation": "" }),
            );
        }
        match action.name.as_str() {
            "incident.comment" => Ok(json!({})),
            _ => Err("no answer".to_owned()),
        }
    }

    fn call(&mut self, run: usize, key: StepKey, playbook: &str, inputs: Map<String, Value>) {
        let callers = self.callers(run);
        let called = self.called.clone();
        let begins = callable(&called, &callers, playbook)
            .and_then(|graph| Ok((graph, graph.given(inputs)?)));
        let (graph, inputs) = match begins {
            Ok(begins) => begins,
            Err(why) => return self.commit(vec![(run, RunEvent::Failed { key, why })]),
        };
        let child = self.runs.len();
        let mut approved = self.runs[run].run.inherited(playbook, &graph.digest);
        let inside = format!("{key}/");
        for asked in self.approvals.values().filter(|asked| asked.run == run) {
            let saw = asked.versions.get(&graph.playbook) == Some(&graph.digest);
            if asked.state == ApprovalState::Approved && saw {
                approved.versions.extend(asked.versions.clone());
                for action in asked.plan.iter().filter(|action| action.key.0.starts_with(&inside)) {
                    approved.acts.insert(action.fingerprint(), asked.count);
                }
            }
        }
        // The yes that people gave counts for what they saw, wherever it runs.
        let known: Vec<_> = self.yes.iter().filter(|((of, _), _)| *of == run).collect();
        let passed: Vec<_> =
            known.into_iter().map(|((_, p), by)| ((child, p.clone()), by.clone())).collect();
        self.yes.extend(passed);
        let started = self.runs[run].run.start_of_child(&key, inputs, approved);
        self.runs.push(One { run: Run::new(Arc::clone(graph)), caller: Some((run, key.clone())) });
        let digest = graph.digest.clone();
        let begun = RunEvent::ChildStarted { key, run: id(child), digest };
        self.commit(vec![(run, begun), (child, started)]);
    }

    fn callers(&self, run: usize) -> Vec<String> {
        let mut callers = match &self.runs[run].caller {
            Some((caller, _)) => self.callers(*caller),
            None => Vec::new(),
        };
        callers.push(self.runs[run].run.graph().playbook.clone());
        callers
    }

    fn class(action: &PlannedAction) -> String {
        let manifest = CATALOG.manifests.get(&action.connector);
        let found = manifest.and_then(|manifest| manifest.actions.get(&action.action));
        guard::class_of(found.and_then(|action| action.capability.as_deref()), action)
    }

    fn authorise(&mut self, run: usize, key: StepKey, action: &PlannedAction) {
        if self.truth.mode == Mode::Shadow && self.without.as_deref() != Some("mode") {
            return self.commit(vec![(run, RunEvent::Simulated { key })]);
        }
        let class = Self::class(action);
        let of = &self.runs[run].run;
        let (approved, graph) = (of.approved_by(action), of.graph().clone());
        let people = self.said_yes(run, action);
        let act = Act { run, playbook: &graph.playbook, class: &class, action };
        let yes = Yes { people: &people, journaled: approved };
        let weighed = guard::weigh(
            (&self.policy, &self.truth),
            &act,
            graph.max_mode,
            &yes,
            self.without.as_deref(),
        );
        guard::spoke(&weighed.decision, &mut self.spoke);
        let wanted = self.runs[run].run.approve(&key).map_or(0, |approve| approve.count);
        match weighed.word {
            Word::Refuse => {
                self.commit(vec![(run, RunEvent::Decided { key, decision: weighed.decision })]);
            }
            Word::Later(until) => self.later(run, key, action, weighed.decision, until),
            Word::Ask(count) => self.ask(run, key, action, count.max(wanted)),
            Word::Allow if approved < wanted => self.ask(run, key, action, wanted),
            Word::Allow => {
                self.judge(&act, weighed.at, "was allowed");
                let full = guard::full(&self.truth, &weighed).filter(|_| self.without.is_none());
                if let Some(full) = full {
                    // Then it never will fit: nothing has moved yet.
                    self.wrong.push(format!("{key} was allowed, and {} has no room", full.class));
                }
                let allowed = Allowed { run, key, action: action.clone(), weighed };
                // The world does not stand still between the decision and the commit.
                match self.dice.below(6) {
                    0 => {
                        self.truth.kill_switch = !self.truth.kill_switch;
                        self.truth.epoch += 1;
                        self.intend(allowed);
                    }
                    1..=3 => {
                        self.decided.push(allowed);
                        self.meanwhile();
                    }
                    _ => self.intend(allowed),
                }
            }
        }
    }

    /// Commits the intent, or has the guard decide again.
    fn intend(&mut self, Allowed { run, key, action, weighed }: Allowed) {
        let again = Effect::Authorise { key: key.clone(), action: Box::new(action.clone()) };
        if !self.runs[run].run.still_wants(&again) {
            return;
        }
        if !guard::fits(&self.truth, &weighed, self.without.as_deref()) {
            return self.effects.push_back((run, again));
        }
        let (class, graph) = (Self::class(&action), self.runs[run].run.graph().clone());
        let act = Act { run, playbook: &graph.playbook, class: &class, action: &action };
        self.judge(&act, weighed.at, "was intended");
        guard::write(&mut self.truth, &weighed, &act);
        self.intents += 1;
        let decided = RunEvent::Decided { key: key.clone(), decision: weighed.decision };
        self.commit(vec![(run, decided), (run, RunEvent::Intended { key })]);
    }

    /// As the engine does it: what is waited for is written down once, and the guard is asked again.
    fn later(
        &mut self,
        run: usize,
        key: StepKey,
        action: &PlannedAction,
        decision: Decision,
        until: Time,
    ) {
        let seconds = 20 + u64::try_from(self.dice.below(100)).unwrap();
        let sooner = self.truth.now.plus(std::time::Duration::from_secs(seconds));
        self.truth.now = if self.dice.once_in(2) { sooner } else { sooner.max(until) };
        let step = self.runs[run].run.step_views().into_iter().find(|step| step.key == key.0);
        let said = step.is_some_and(|step| step.reasons == decision.reasons());
        let again = Effect::Authorise { key: key.clone(), action: Box::new(action.clone()) };
        if !said {
            self.commit(vec![(run, RunEvent::Decided { key, decision })]);
        }
        self.effects.push_back((run, again));
    }

    /// Who said yes to exactly this act.
    fn said_yes(&self, run: usize, action: &PlannedAction) -> BTreeSet<usize> {
        self.yes.get(&(run, action.fingerprint())).cloned().unwrap_or_default()
    }

    fn judge(&mut self, act: &Act<'_>, decided_at: Time, what: &str) {
        let yes = self.said_yes(act.run, act.action);
        // How far a playbook may ever be trusted is the lower of both.
        let mut truth = self.truth.clone();
        truth.mode = truth.mode.min(self.runs[act.run].run.graph().max_mode);
        if let Some(why) = judge::wrong(&truth, act, decided_at, &yes) {
            self.wrong.push(format!("{what}: {} {why}", act.action.key));
        }
    }

    fn ask(&mut self, run: usize, key: StepKey, action: &PlannedAction, count: u32) {
        let print = action.fingerprint();
        let open = self.approvals.iter().find(|(_, asked)| {
            asked.run == run
                && asked.state == ApprovalState::Waiting
                && asked.plan.iter().any(|planned| planned.fingerprint() == print)
        });
        let approval = match open {
            Some((approval, _)) => *approval,
            None => {
                let (mut plan, versions, needed) = self.plan(run);
                if !plan.iter().any(|planned| planned.fingerprint() == print) {
                    plan.push(action.clone());
                }
                let number = self.approvals.len() + 1;
                let approval = format!("apr_{number:032x}").parse().unwrap();
                let (count, state) = (count.max(needed), ApprovalState::Waiting);
                let by = BTreeSet::new();
                self.approvals.insert(approval, Asked { run, plan, versions, count, state, by });
                approval
            }
        };
        let decision = guard::ask(count);
        let plan_hash = "hash".to_owned();
        self.commit(vec![
            (run, RunEvent::Decided { key: key.clone(), decision }),
            (run, RunEvent::Asked { key, approval, plan_hash }),
        ]);
        self.answer(approval);
    }

    fn plan(&mut self, run: usize) -> (Vec<PlannedAction>, BTreeMap<String, String>, u32) {
        let mut planner = Planner::new(&self.runs[run].run, self.truth.now, &self.called);
        loop {
            match planner.advance() {
                PlannerStep::Read { key, action } => {
                    let answer = self.read(&action);
                    planner.answer(&key, &action.name, answer);
                }
                PlannerStep::Script { key, job } => {
                    planner.answer(&key, &job.action.name, Ok(json!({ "n": 1 })));
                }
                PlannerStep::Done => break,
            }
        }
        let needed = planner.needs().values().map(|needs| needs.count).max().unwrap_or(0);
        let plan = planner.into_plan(TenantId::default());
        (plan.actions, plan.called, needed)
    }

    /// People say something, or nothing in time.
    fn answer(&mut self, approval: ApprovalId) {
        let word = self.dice.below(10);
        let voters = self.voters(approval);
        let Some(asked) = self.approvals.get_mut(&approval) else { return };
        if asked.state == ApprovalState::Waiting {
            asked.state = match word {
                0 => ApprovalState::Denied,
                1 => ApprovalState::Expired,
                2 => ApprovalState::Void,
                _ => ApprovalState::Approved,
            };
            asked.by = voters.into_iter().take(usize::try_from(asked.count).unwrap()).collect();
        }
        let state = asked.state;
        let people = if state == ApprovalState::Approved { asked.count } else { 0 };
        let fingerprints: Vec<String> = asked.plan.iter().map(PlannedAction::fingerprint).collect();
        if state == ApprovalState::Approved {
            for print in &fingerprints {
                let yes = self.yes.entry((asked.run, print.clone())).or_default();
                yes.extend(asked.by.iter().copied());
            }
        }
        let event =
            RunEvent::Answered { approval, state, by: "ann".to_owned(), people, fingerprints };
        self.inbox.push_back((asked.run, event));
    }

    /// Everybody, in the order in which they would say yes: mostly who may, first.
    fn voters(&mut self, approval: ApprovalId) -> Vec<usize> {
        let mut left: Vec<usize> = (0..self.truth.extra.people.len()).collect();
        let mut voters = Vec::new();
        while !left.is_empty() {
            let at = self.dice.below(left.len());
            voters.push(left.swap_remove(at));
        }
        let Some(asked) = self.approvals.get(&approval) else { return voters };
        if self.dice.once_in(3) {
            return voters;
        }
        let may = |voter: &usize| {
            asked.plan.iter().all(|action| {
                let (class, playbook) = (Self::class(action), "root");
                let act = Act { run: asked.run, playbook, class: &class, action };
                self.truth.extra.counts(*voter, &act)
            })
        };
        voters.sort_by_key(|voter| !may(voter));
        voters
    }

    /// An act arrives at the target.
    fn send(&mut self, run: usize, key: StepKey, action: &PlannedAction) {
        let intended = self.journal.iter().any(|(at, _, event)| {
            *at == run && matches!(event, RunEvent::Intended { key: of } if *of == key)
        });
        if !intended {
            self.wrong.push(format!("{key} was sent without an intent on record"));
        }
        // As the engine does it: an intent may be old.
        if self.truth.kill_switch {
            let why = "the kill switch was engaged".to_owned();
            return self.inbox.push_back((run, RunEvent::Stopped { key, why }));
        }
        self.sends += 1;
        let luck = self.dice.below(8);
        let sent = self.sent.entry(key.clone()).or_default();
        if sent.action.as_ref().is_some_and(|first| first != action) {
            self.wrong.push(format!("{key} was sent as another act"));
        }
        if sent.unasked {
            self.wrong.push(format!("{key} was sent again before the target was asked"));
        }
        sent.action = Some(action.clone());
        let why = "the target".to_owned();
        let event = match luck {
            0 => RunEvent::Failed { key, why },
            1 => {
                sent.unasked = true;
                RunEvent::Unsure { key, why }
            }
            2 => {
                (sent.unasked, sent.effects) = (true, sent.effects + 1);
                RunEvent::Unsure { key, why }
            }
            _ => {
                (sent.unasked, sent.effects) = (true, sent.effects + 1);
                let output =
                    if action.connector == graph::SCRIPT { json!({ "n": 1 }) } else { json!({}) };
                RunEvent::Accepted { key, output }
            }
        };
        if sent.effects > 1 {
            self.wrong.push(format!("{} happened {} times", action.key, sent.effects));
        }
        self.inbox.push_back((run, event));
    }

    fn probe(&mut self, run: usize, key: StepKey, action: &PlannedAction) {
        let why = "nobody knows".to_owned();
        let lost = action.connector == graph::SCRIPT || self.dice.once_in(8);
        let sent = self.sent.entry(key.clone()).or_default();
        if lost {
            return self.inbox.push_back((run, RunEvent::Unresolved { key, why }));
        }
        sent.unasked = false;
        let event = match sent.effects {
            0 => RunEvent::Probed { key, present: false },
            _ => RunEvent::Found { key, output: json!({}) },
        };
        self.inbox.push_back((run, event));
    }
}

fn cancel(why: &str) -> RunEvent {
    RunEvent::Cancelled { by: "ann".to_owned(), reason: why.to_owned() }
}

fn id(number: usize) -> RunId {
    format!("run_{number:032x}").parse().unwrap()
}

fn number(id: RunId) -> usize {
    usize::from_str_radix(id.to_string().trim_start_matches("run_"), 16).unwrap()
}
