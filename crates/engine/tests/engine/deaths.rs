//! Death at every record of every playbook, on the store and the practice target: what was acknowledged goes
//! on, nothing happens twice, and the ledger says what the target shows.
//!
//! The engine stands still with a record, right before or right after it is written; a new one on the same
//! store goes on. What the target has on record is compared with a run that nobody disturbed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::world::{Setup, World, person, shipped};
use serde_json::{Map, Value, json};
use stanch_engine::{QuestionState, content::Content};
use stanch_model::{
    Alert, AlertId, Severity, TenantId, Time,
    alert::{RuleKind, RuleRef},
    containment::ContainmentState,
    event::{Common, Trust},
    people::{Actor, Role},
    run::{RunHead, RunState},
};
use tokio::{sync::Semaphore, task::JoinSet};

/// How many worlds there are at once: most of their time they wait.
const AT_ONCE: usize = 12;

/// How a run came out.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    state: RunState,
    /// What the target did, each in its line, in no order.
    effects: Vec<String>,
}

fn me() -> Actor {
    person("responder", Role::Responder)
}

/// An alert about everything that shipped playbooks look at.
fn alert(world: &World) -> Alert {
    let now = world.engine.core.clock.now();
    let common = Common {
        host: Some("ws-03".to_owned()),
        user: Some("svc-backup".to_owned()),
        src_ip: Some("10.20.0.13".parse().unwrap()),
        dst_ip: Some("203.0.113.66".parse().unwrap()),
        dst_port: Some(443),
        ..Common::default()
    };
    Alert {
        id: AlertId::new(world.engine.core.clock.uuid()),
        tenant: TenantId::default(),
        rule: RuleRef { id: "r-1".to_owned(), title: "forged".to_owned(), kind: RuleKind::Product },
        severity: Severity::High,
        techniques: vec!["T1071.001".to_owned()],
        observables: Vec::new(),
        common,
        fields: Map::new(),
        source: "forge".to_owned(),
        trust: Trust::High,
        events: Vec::new(),
        dedup_key: "forged".to_owned(),
        count: 1,
        first_seen_at: now,
        last_seen_at: now,
        detected_at: now,
        incident: None,
        self_caused: false,
    }
}

/// One playbook on a world of its own, with what it is given.
#[derive(Clone)]
struct Subject {
    name: String,
    inputs: Map<String, Value>,
    content: Content,
}

impl Subject {
    fn setup(&self, dies: Option<(u32, bool)>) -> Setup {
        let setup = Setup { content: self.content.clone(), dies, ..Setup::default() };
        setup.manifests("every: 1s", "every: 50ms")
    }

    /// Runs it to its end, over one death; the outcome, how many records it took, and what is wrong.
    async fn run(&self, dies: Option<(u32, bool)>) -> (Outcome, u32, Vec<String>) {
        let mut world = World::start(self.setup(dies)).await;
        let alert = alert(&world);
        let id = alert.id;
        let written = world.engine.core.store.write(move |tx| tx.put_alert(&alert));
        written.await.unwrap();
        let people = &world.engine.people;
        let head =
            people.start_run(&me(), &self.name, Some(id), self.inputs.clone()).await.unwrap();
        for signal in ["go", "done"] {
            // Only some wait for it; it is kept until they do.
            drop(people.signal(&me(), head.id, signal, Map::new()).await);
        }
        let mut restarted = false;
        let head = loop {
            if world.is_dead() && !restarted {
                restarted = true;
                world = world.restart(|_| ()).await;
            }
            let now = world.run(head.id).await;
            if now.state.is_final() && (!world.is_dead() || restarted) {
                break now;
            }
            help(&world, &now).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let mut wrong = books(&world).await;
        let (runs, records) = all_records(&world).await;
        // First records are written with something else, and not counted before they are.
        let surely = u64::from(dies.map_or(u32::MAX, |(record, _)| record)) + runs + 1 < records;
        if surely && !restarted {
            wrong.push("the engine did not die".to_owned());
        }
        let mut effects = world.lab.effects();
        effects.sort();
        world.stop().await;
        let outcome = Outcome { state: head.state, effects };
        (outcome, u32::try_from(records).unwrap(), wrong)
    }
}

/// What people do: they say yes, answer, and let time pass where nothing else is to be done.
async fn help(world: &World, root: &RunHead) {
    if world.is_dead() {
        return;
    }
    let tenant = TenantId::default;
    let people = &world.engine.people;
    for approval in world.approvals().await {
        for number in 0..approval.terms.count {
            let who = person(&format!("person-{number}"), Role::Responder);
            drop(people.approve(&who, approval.id, &approval.plan_hash, "").await);
        }
    }
    let waiting = Some(QuestionState::Waiting);
    let read = world.engine.core.store.read(move |view| view.questions(&tenant(), waiting));
    let questions = read.await.unwrap();
    for question in &questions {
        match question.options.first() {
            Some(option) => drop(people.answer(&me(), &question.id, option).await),
            None => {
                let values = json!({ "owner": "ann", "sure": true });
                let values = values.as_object().cloned().unwrap();
                drop(people.fill_in(&me(), &question.id, values).await);
            }
        }
    }
    for unknown in people.unknown_outcomes(&tenant()).await.unwrap() {
        let key = format!("{}/{}", unknown.run, unknown.step);
        let happened =
            world.lab.acts().iter().any(|act| act["key"] == key && act["outcome"] == "acted");
        let found = (happened, "looked at the target");
        drop(people.resolve_step(&me(), unknown.run, &unknown.step, found).await);
    }
    let idle = root.state == RunState::Waiting
        && questions.is_empty()
        && world.runs().await.iter().all(|run| run.state != RunState::Running);
    if idle && world.approvals().await.is_empty() {
        let next =
            world.engine.core.store.read(|view| view.timers_due(Time::from_micros(i64::MAX)));
        let due = next.await.unwrap().iter().map(|timer| timer.due_at).min();
        let now = world.engine.core.clock.now();
        if let Some(due) = due.filter(|due| *due > now && (*due - now).as_secs() < 86_400) {
            world.advance((due - now).unsigned_abs() + Duration::from_millis(1));
        }
    }
}

/// How many runs there are, and how many records they have.
async fn all_records(world: &World) -> (u64, u64) {
    let (mut runs, mut records) = (0, 0);
    for run in world.runs().await {
        runs += 1;
        records += u64::try_from(world.journal(run.id).await.len()).unwrap();
    }
    (runs, records)
}

/// The keys of the acts whose intent is on record.
async fn intents(world: &World) -> BTreeSet<String> {
    let mut intents = BTreeSet::new();
    for run in world.runs().await {
        for entry in world.journal(run.id).await {
            if entry.payload["event"] == "intended" {
                let key = entry.payload["key"].as_str().unwrap();
                intents.insert(format!("{}/{key}", run.id));
            }
        }
    }
    intents
}

/// What the ledger says is what the target shows, and nothing happened twice.
async fn books(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut once = BTreeSet::new();
    for act in world.lab.acts().iter().filter(|act| act["outcome"] == "acted") {
        let key = act["key"].as_str().unwrap().to_owned();
        // A package that is collected changes nothing: the lab only records it.
        let collects = act["path"].as_str().unwrap().ends_with("/triage-packages");
        if !collects && !once.insert(key.clone()) {
            wrong.push(format!("{key} happened twice"));
        }
    }
    let intended = intents(world).await;
    wrong.extend(once.difference(&intended).map(|key| format!("{key} was done without an intent")));
    let mut held = BTreeSet::new();
    for row in world.ledger().await {
        let key = format!("{}/{}", row.run, row.action.key);
        let there = once.contains(&key);
        let says = !matches!(row.state, ContainmentState::Failed | ContainmentState::Intended);
        if there != says {
            wrong.push(format!("{key} is {:?} in the ledger; at the target: {there}", row.state));
        }
        held.insert(key);
    }
    wrong.extend(once.difference(&held).map(|key| format!("{key} was done and has no row")));
    wrong
}

/// Dies with every record of it; the number of deaths.
async fn dies_everywhere(subject: Subject, room: Arc<Semaphore>) -> (usize, Vec<String>) {
    let (calm, records, mut wrong) = Box::pin(subject.run(None)).await;
    let mut deaths = JoinSet::new();
    for record in 0..records {
        for before in [true, false] {
            let (subject, calm, room) = (subject.clone(), calm.clone(), room.clone());
            deaths.spawn(async move {
                let held = room.acquire_owned().await.unwrap();
                let (outcome, _, mut wrong) = Box::pin(subject.run(Some((record, before)))).await;
                drop(held);
                if outcome != calm {
                    wrong.push(format!("came to {outcome:?}, not to {calm:?}"));
                }
                let when = if before { "before" } else { "after" };
                let at = format!("{} died {when} record {record}", subject.name);
                wrong.into_iter().map(|what| format!("{at}: {what}")).collect::<Vec<_>>()
            });
        }
    }
    let mut count = 0;
    while let Some(death) = deaths.join_next().await {
        count += 1;
        wrong.extend(death.unwrap());
    }
    (count, wrong)
}

async fn check(subjects: Vec<Subject>) -> usize {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let (mut deaths, mut wrong) = (0, Vec::new());
    for subject in subjects {
        let (count, found) = dies_everywhere(subject, room.clone()).await;
        deaths += count;
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    deaths
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_of_every_shipped_playbook() {
    let mut subjects = Vec::new();
    for (_, text) in shipped().playbooks {
        let name = text.lines().find_map(|line| line.strip_prefix("playbook: ")).unwrap();
        let content = Content { rules: Vec::new(), ..shipped() };
        subjects.push(Subject { name: name.to_owned(), inputs: Map::new(), content });
    }
    let playbooks = subjects.len();
    let deaths = check(subjects).await;
    println!("cases: {deaths} deaths of {playbooks} playbooks");
    assert!(deaths > 60, "{deaths}");
}

/// Playbooks that together have every kind of step.
const LANGUAGE: &[(&str, &str)] = &[
    (
        "kinds",
        "inputs: { hosts: { type: array, items: { type: string } } }
outputs: { n: \"${{ steps.each.count }}\" }
steps:
  - set: { n: 0 }
  - id: each
    for_each: inputs.hosts
    as: host
    width: 2
    steps:
      - { id: isolate, do: edr.isolate_host, with: { host: \"${{ host }}\" }, expires: 1h, retry: { times: 1, every: 1m } }
  - try:
      - { id: find, do: edr.find_host, with: { name: ws-01 }, timeout: 1m }
      - { id: fails, do: firewall.block_address, with: { address: \"${{ steps.find.name }}\" }, expires: 1h }
    on_error: [{ do: incident.comment, with: { text: \"${{ error.why }}\" } }]
  - while: vars.n < 2
    turns: 3
    steps: [{ set: { n: \"${{ vars.n + 1 }}\" } }, { wait: 1m }]
  - switch: vars.n
    cases: [{ in: [2], then: [{ id: off, do: directory.disable_account, with: { user: ann }, expires: 1h }] }]
    else: [{ end: failed }]
",
    ),
    (
        "outside",
        "steps:
  - { id: sig, wait: { signal: go, within: 4h } }
  - id: facts
    ask: Whose is it?
    form: { owner: { type: string }, sure: { type: boolean } }
    within: 4h
  - id: sub
    call: called
    with: { user: \"${{ steps.facts.owner == '' ? 'nobody' : steps.facts.owner }}\" }
  - if: steps.sub.off && steps.sig.ok
    then: [{ id: block, do: firewall.block_address, with: { address: 203.0.113.7 }, expires: 1h }]
",
    ),
];

const CALLED: &str = "playbook: called
title: Called by another
max_mode: assist
inputs: { user: { type: string } }
outputs: { off: \"${{ steps.off.ok }}\" }
steps:
  - { id: sure, ask: Sure?, options: ['yes', 'no'], within: 1h, otherwise: 'no' }
  - { wait: 1m }
  - { id: off, do: directory.disable_account, with: { user: \"${{ inputs.user }}\" }, expires: 1h }
";

#[tokio::test(flavor = "multi_thread")]
async fn every_record_of_playbooks_with_every_kind_of_step() {
    let mut subjects = Vec::new();
    for (name, rest) in LANGUAGE {
        let text = format!("playbook: {name}\ntitle: A test\nmax_mode: auto\n{rest}");
        let playbooks = vec![("a".to_owned(), text), ("b".to_owned(), CALLED.to_owned())];
        let content = Content { rules: Vec::new(), playbooks, ..shipped() };
        let hosts = json!({ "hosts": ["ws-01", "ws-02"] });
        let inputs = hosts.as_object().cloned().filter(|_| *name == "kinds").unwrap_or_default();
        subjects.push(Subject { name: (*name).to_owned(), inputs, content });
    }
    let deaths = check(subjects).await;
    println!("cases: {deaths} deaths");
    assert!(deaths > 100, "{deaths}");
}
