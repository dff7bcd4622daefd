//! The whole language on the practice target: calls, signals, forms, retries, timeouts, and what is work for
//! people; over restarts, because that is what they are for.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use crate::world::{Setup, World, person};
use serde_json::{Map, Value, json};
use stanch_engine::Error;
use stanch_model::{
    RunId, TenantId,
    containment::ContainmentState::{Failed, Unverified, Verified},
    people::{Actor, Role},
    plan::StepKey,
    run::{RunHead, RunState, StepState},
};

const ADDRESS: &str = "203.0.113.7";

/// A playbook that starts on alerts with a field of its name.
fn playbook(name: &str, rest: &str) -> String {
    format!(
        "playbook: {name}\ntitle: A test\nmax_mode: auto\non: {{ alert: \"has(alert.fields.{name})\" }}\n{rest}"
    )
}

async fn start(playbooks: &[String]) -> World {
    let texts: Vec<&str> = playbooks.iter().map(String::as_str).collect();
    World::start(Setup::with(&texts)).await
}

fn me() -> Actor {
    person("responder", Role::Responder)
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn block(address: &str) -> String {
    format!("PUT /firewall/v1/blocked-addresses/{address}")
}

async fn steps(world: &World, run: RunId) -> Vec<(String, StepState, String)> {
    let view = world.engine.run_view(&TenantId::default(), run).await.unwrap();
    view.steps.into_iter().map(|step| (step.key, step.state, step.note)).collect()
}

async fn step(world: &World, run: RunId, key: &str) -> (StepState, String) {
    let steps = steps(world, run).await;
    let found = steps.iter().find(|step| step.0 == key);
    found.map(|(_, state, note)| (*state, note.clone())).unwrap_or_else(|| panic!("{steps:?}"))
}

async fn children(world: &World, run: RunId) -> Vec<RunHead> {
    let tenant = TenantId::default();
    let read = world.engine.core.store.read(move |view| view.children(&tenant, run));
    let mut heads = Vec::new();
    for child in read.await.unwrap() {
        heads.push(world.run(child.run).await);
    }
    heads
}

const CALLED: &str = "playbook: contain
title: Contain one address
max_mode: auto
inputs: { address: { type: string }, pause: { type: boolean, default: false } }
outputs: { blocked: \"${{ steps.block.ok }}\" }
steps:
  - if: inputs.pause
    then: [{ id: nap, wait: 1h }]
  - { id: block, do: firewall.block_address, with: { address: \"${{ inputs.address }}\" }, expires: 1h }
";

fn calls(more: &str) -> Vec<String> {
    let caller = playbook(
        "calls",
        &format!(
            "steps:
  - id: each
    for_each: \"['203.0.113.7', '203.0.113.8']\"
    as: address
    width: 2
    steps:
      - {{ id: sub, call: contain, with: {{ address: \"${{{{ address }}}}\"{more} }} }}
  - if: \"steps.each.results.all(r, r.sub.blocked)\"
    then: [{{ do: incident.comment, with: {{ text: all blocked }} }}]
    else: [{{ end: failed }}]
"
        ),
    );
    vec![CALLED.to_owned(), caller]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_called_playbook_is_a_run_of_its_own() {
    let world = start(&calls("")).await;
    let run = world.alert("attack", json!({ "calls": true })).await;
    world.reaches(run.id, RunState::Succeeded).await;
    let mut done = world.lab.effects();
    done.sort();
    assert_eq!(done, [block("203.0.113.7"), block("203.0.113.8")]);
    let children = children(&world, run.id).await;
    assert_eq!(children.len(), 2);
    for child in &children {
        assert_eq!(child.state, RunState::Succeeded);
        let inherited = (&child.incident, &child.alert, &child.requested_by, child.mode);
        assert_eq!(inherited, (&run.incident, &run.alert, &run.requested_by, run.mode));
    }
    let keys: Vec<String> = steps(&world, children[0].id).await.into_iter().map(|s| s.0).collect();
    assert_eq!(keys, ["each[0]/sub/s1", "each[0]/sub/block"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_yes_covers_what_is_called_in_the_version_that_was_seen() {
    let mut playbooks = calls("");
    playbooks[1] = playbooks[1].replace("max_mode: auto", "max_mode: assist");
    let world = start(&playbooks).await;
    let run = world.alert("attack", json!({ "calls": true })).await;
    world.settle().await;
    // The caller has no act before it calls, so each called run asks about its own plan.
    assert_eq!(world.approvals().await.len(), 2);
    assert_eq!(world.approve_all().await, 2);
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;

    let first = "steps:\n  - { id: first, do: firewall.block_address, with: { address: 203.0.113.6 }, expires: 1h }\n";
    playbooks[1] = playbooks[1].replace("steps:\n  - id: each", &format!("{first}  - id: each"));
    let world = start(&playbooks).await;
    let run = world.alert("attack", json!({ "calls": true })).await;
    let asked = world.approval_of(run.id).await;
    let acts: Vec<&str> = asked.plan.actions.iter().map(|act| act.key.0.as_str()).collect();
    assert_eq!(acts, ["first", "each[0]/sub/block", "each[1]/sub/block"]);
    assert_eq!(asked.plan.called.len(), 1);
    assert_eq!(world.approve_all().await, 1);
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.approvals().await.len(), 0, "nobody was asked again");
    assert_eq!(world.lab.effects().len(), 3);
    world.stop().await;

    // Another version of what is called than people saw: they are asked anew.
    playbooks[1] = playbooks[1].replace("  - id: each", "  - wait: 1h\n  - id: each");
    let world = start(&playbooks).await;
    let run = world.alert("attack", json!({ "calls": true })).await;
    assert_eq!(world.approve_all().await, 1);
    world
        .eventually("the pause", async |world| {
            world.words(run.id).await.contains(&"timer_set".to_owned()).then_some(())
        })
        .await;
    let world = world
        .restart(|setup| {
            for (_, text) in &mut setup.content.playbooks {
                *text = text.replace("title: Contain one address", "title: Contain another");
            }
        })
        .await;
    world.advance(Duration::from_secs(3_601));
    world
        .eventually("both to ask", async |world| (world.approvals().await.len() == 2).then_some(()))
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_a_run_stops_what_it_called_also_over_a_restart() {
    for restart in [false, true] {
        let world = start(&calls(", pause: true")).await;
        let run = world.alert("attack", json!({ "calls": true })).await;
        assert_eq!(run.state, RunState::Waiting);
        assert_eq!(children(&world, run.id).await.len(), 2);
        world.engine.people.cancel_run(&me(), run.id, "a false alarm").await.unwrap();
        let world = if restart { world.restart(|_| ()).await } else { world };
        let head = world.reaches(run.id, RunState::Cancelled).await;
        assert_eq!(head.note, "responder: a false alarm");
        for child in children(&world, run.id).await {
            assert_eq!(child.state, RunState::Cancelled, "{}", child.note);
            assert!(child.note.contains("a false alarm"), "{}", child.note);
        }
        let again = world.engine.people.cancel_run(&me(), run.id, "again").await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        assert_eq!(world.lab.acts().len(), 0);
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_ends_and_its_caller_goes_on_over_a_restart() {
    let world = start(&calls(", pause: true")).await;
    let run = world.alert("attack", json!({ "calls": true })).await;
    let world = world.restart(|_| ()).await;
    world.advance(Duration::from_secs(3_601));
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects().len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn playbooks_that_call_each_other_in_a_circle_end() {
    let one = "playbook: one\ntitle: One\nmax_mode: auto\nsteps:\n  - { id: a, call: two }\n";
    let two = "playbook: two\ntitle: Two\nmax_mode: auto\nsteps:\n  - { id: b, call: three }\n";
    let three = "playbook: three\ntitle: Three\nmax_mode: auto\nsteps:\n  - { do: incident.comment, with: { text: hello } }\n";
    let world = start(&[one.to_owned(), two.to_owned(), three.to_owned()]).await;
    let begun = world.engine.people.start_run(&me(), "one", None, Map::new()).await.unwrap();
    world.reaches(begun.id, RunState::Succeeded).await;
    world.stop().await;
    // The checker refuses a circle; one that comes into being later is found when it is called.
    let waits = one.replace("steps:\n", "steps:\n  - wait: 1h\n");
    let world = start(&[waits, two.to_owned(), three.to_owned()]).await;
    let begun = world.engine.people.start_run(&me(), "one", None, Map::new()).await.unwrap();
    world.reaches(begun.id, RunState::Waiting).await;
    let world = world
        .restart(|setup| {
            setup.content.playbooks.retain(|(_, text)| !text.starts_with("playbook: one"));
            for (_, text) in &mut setup.content.playbooks {
                *text = text.replace("call: three", "call: one");
            }
            let one =
                two.replace("playbook: two", "playbook: one").replace("call: three", "call: two");
            setup.may_refuse = true;
            setup.content.playbooks.push(("circle".to_owned(), one));
        })
        .await;
    world.advance(Duration::from_secs(3_601));
    let head = world.reaches(begun.id, RunState::Failed).await;
    assert!(
        head.note.contains("there is no playbook `two`") || head.note.contains("call itself"),
        "{}",
        head.note
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_kept_until_it_is_waited_for() {
    let text = playbook(
        "signals",
        "steps:
  - { id: first, wait: { signal: go, within: 4h } }
  - { id: second, wait: { signal: done, within: 4h } }
  - { do: incident.comment, with: { text: \"${{ has(steps.second.data.ticket) ? string(steps.second.data.ticket) : '' }}\" } }
",
    );
    let world = start(&[text]).await;
    let run = world.alert("attack", json!({ "signals": true })).await;
    let people = &world.engine.people;
    let unknown = people.signal(&me(), run.id, "gone", Map::new()).await;
    assert!(
        matches!(&unknown, Err(Error::NotFound(why)) if why.contains("it waits for go, done")),
        "{unknown:?}"
    );
    let data = object(&json!({ "ticket": 7 }));
    people.signal(&me(), run.id, "done", data.clone()).await.unwrap();
    world.settle().await;
    assert_eq!(world.run(run.id).await.state, RunState::Waiting, "nobody waits for it yet");
    let world = world.restart(|_| ()).await;
    world.engine.people.signal(&me(), run.id, "go", Map::new()).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(step(&world, run.id, "second").await.1, "sent by responder");
    let late = world.engine.people.signal(&me(), run.id, "go", data).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_does_not_come_lapses() {
    let text = playbook(
        "lapses",
        "steps:
  - { id: sig, wait: { signal: go, within: 4h } }
  - if: steps.sig.ok
    then: [{ end: failed }]
",
    );
    let world = start(&[text]).await;
    let run = world.alert("attack", json!({ "lapses": true })).await;
    let world = world.restart(|_| ()).await;
    world.advance(Duration::from_secs(4 * 3_600 + 1));
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_filled_in_or_lapses_over_a_restart() {
    let text = playbook(
        "forms",
        "steps:
  - id: facts
    ask: Which address?
    form: { address: { type: string, minLength: 7 }, sure: { type: boolean } }
    within: 4h
  - if: steps.facts.ok && steps.facts.sure
    then: [{ id: act, do: firewall.block_address, with: { address: \"${{ steps.facts.address }}\" }, expires: 1h }]
",
    );
    let values = object(&json!({ "address": ADDRESS, "sure": true }));
    for (filled_in, effects) in [(true, vec![block(ADDRESS)]), (false, Vec::new())] {
        let world = start(std::slice::from_ref(&text)).await;
        let run = world.alert("attack", json!({ "forms": true })).await;
        let world = world.restart(|_| ()).await;
        let read = world.engine.core.store.read(|view| view.questions(&TenantId::default(), None));
        let question = read.await.unwrap().pop().unwrap();
        assert!(question.form.is_some() && question.options.is_empty());
        let people = &world.engine.people;
        if filled_in {
            for wrong in
                [json!({}), json!({ "address": "a", "sure": true }), json!({ "address": ADDRESS })]
            {
                let refused = people.fill_in(&me(), &question.id, object(&wrong)).await;
                assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
            }
            let word = people.answer(&me(), &question.id, "yes").await;
            assert!(matches!(word, Err(Error::Invalid(_))), "{word:?}");
            people.fill_in(&me(), &question.id, values.clone()).await.unwrap();
        } else {
            world.advance(Duration::from_secs(4 * 3_600 + 1));
        }
        let world = world.restart(|_| ()).await;
        world.reaches(run.id, RunState::Succeeded).await;
        assert_eq!(world.lab.effects(), effects);
        let late = world.engine.people.fill_in(&me(), &question.id, values.clone()).await;
        assert!(late.is_err(), "{late:?}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_that_failed_is_made_again_after_a_restart_with_the_guard_asked_anew() {
    let text = playbook(
        "again",
        &format!(
            "steps:
  - {{ id: act, do: firewall.block_address, with: {{ address: {ADDRESS} }}, expires: 1h, retry: {{ times: 2, every: 30m }} }}
"
        ),
    );
    let world = start(&[text]).await;
    world.lab.fail("PUT /firewall", "rate_limit", None, 0).await;
    let run = world.alert("attack", json!({ "again": true })).await;
    world.reaches(run.id, RunState::Waiting).await;
    world.row_reaches(run.id, Failed).await;
    let world = world.restart(|_| ()).await;
    world.lab.mend().await;
    assert_eq!(world.lab.effects(), Vec::<String>::new());
    world.advance(Duration::from_secs(30 * 60 + 1));
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects(), [block(ADDRESS)]);
    let rows = world.rows(run.id).await;
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [Verified], "one row");
    let words = world.words(run.id).await;
    assert_eq!(words.iter().filter(|word| *word == "intended").count(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_ran_out_while_nobody_looked_is_out_after_the_start() {
    let text = playbook(
        "slow",
        "timeout: 1d\nsteps:\n  - { id: nap, wait: 20h }\n  - { id: more, wait: 20h }\n",
    );
    let world = start(&[text]).await;
    let run = world.alert("attack", json!({ "slow": true })).await;
    world.advance(Duration::from_secs(20 * 3_600 + 1));
    world
        .eventually("the second pause", async |world| {
            let words = world.words(run.id).await;
            (words.iter().filter(|word| *word == "timer_set").count() == 2).then_some(())
        })
        .await;
    let world = world.restart(|_| ()).await;
    world.advance(Duration::from_secs(4 * 3_600));
    let head = world.reaches(run.id, RunState::Failed).await;
    assert_eq!(head.note, "it took longer than 1d");
    let timers = world.engine.core.store.read(|view| view.timer_count()).await.unwrap();
    assert_eq!(timers, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_takes_too_long_leaves_its_act_as_work_for_people() {
    let text = playbook(
        "late",
        &format!(
            "steps:
  - {{ id: act, do: firewall.block_address, with: {{ address: {ADDRESS} }}, expires: 1h, timeout: 5s }}
"
        ),
    );
    let world = start(&[text]).await;
    // It accepts, and the effect never comes.
    world.lab.fail("PUT /firewall", "never_finish", None, 0).await;
    let run = world.alert("attack", json!({ "late": true })).await;
    let head = world.reaches(run.id, RunState::Failed).await;
    assert!(head.note.contains("was not seen within 5s"), "{}", head.note);
    world.row_reaches(run.id, Unverified).await;
    world.stop().await;
}

/// What cannot be undone has no row in the ledger; somebody has to be able to say what became of it all the
/// same, also where a called run did it.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_whose_outcome_nobody_knows_is_work_that_people_find_and_settle() {
    let caller = playbook(
        "lost",
        "steps:\n  - { id: sub, call: wipe }\n  - { do: incident.comment, with: { text: gone on } }\n",
    );
    let wipe = "playbook: wipe
title: What cannot be undone
max_mode: auto
steps:
  - id: act
    do: mailbox.quarantine
    with: { mailbox: a@practice.example, message: m-1 }
    approve: { count: 1 }
";
    for (happened, state) in [(true, RunState::Succeeded), (false, RunState::Failed)] {
        let setup = Setup::with(&[&caller, wipe])
            .manifests(
                "effect: reversible\n    idempotency: key\n    timeout: 10s\n    # Whose mailbox",
                "effect: irreversible\n    idempotency: none\n    timeout: 10s\n    # Whose mailbox",
            )
            .without("    undo:\n      title: Deliver the message again", "    examples:");
        let world = World::start(setup).await;
        world.lab.fail("POST /mailbox", "reset", Some(1), 0).await;
        world.lab.fail("GET /mailbox", "error", None, 0).await;
        let run = world.alert("attack", json!({ "lost": true })).await;
        // The target is asked before the act as well, so it must answer until then.
        world.lab.mend().await;
        world.lab.fail("POST /mailbox", "reset", Some(1), 0).await;
        assert_eq!(world.approve_all().await, 1);
        let child = children(&world, run.id).await.pop().unwrap();
        world
            .eventually("nobody to know", async |world| {
                let open =
                    world.engine.people.unknown_outcomes(&TenantId::default()).await.unwrap();
                (open.len() == 1).then_some(())
            })
            .await;
        let world = world.restart(|_| ()).await;
        let people = &world.engine.people;
        let open = people.unknown_outcomes(&TenantId::default()).await.unwrap();
        assert_eq!((open[0].run, open[0].step.0.as_str()), (child.id, "sub/act"));
        assert!(world.rows(child.id).await.is_empty(), "it has no row in the ledger");
        let key = StepKey("sub/act".to_owned());
        let none = people.resolve_step(&me(), run.id, &key, (happened, " ")).await;
        assert!(matches!(none, Err(Error::Invalid(_))), "{none:?}");
        let other = StepKey("sub/other".to_owned());
        let other = people.resolve_step(&me(), run.id, &other, (happened, "looked")).await;
        assert!(matches!(other, Err(Error::NotFound(_))), "{other:?}");
        // Said of the caller, and lost neither with the process.
        people.resolve_step(&me(), run.id, &key, (happened, "looked it up")).await.unwrap();
        let world = world.restart(|_| ()).await;
        world.reaches(run.id, state).await;
        let open = world.engine.people.unknown_outcomes(&TenantId::default()).await.unwrap();
        assert_eq!(open, []);
        let again = world.engine.people.resolve_step(&me(), run.id, &key, (true, "again")).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loops_and_catches_on_the_practice_target() {
    let text = playbook(
        "loops",
        "steps:
  - set: { n: 0 }
  - id: each
    for_each: \"['203.0.113.1', '203.0.113.2', '203.0.113.3']\"
    as: address
    width: 3
    on_error: continue
    steps:
      - { id: block, do: firewall.block_address, with: { address: \"${{ address }}\" }, expires: 1h }
  - try:
      - { id: find, do: edr.find_host, with: { name: ws-01 }, timeout: 30s }
      - { id: fails, do: firewall.block_address, with: { address: \"${{ steps.find.name }}\" }, expires: 1h }
    on_error:
      - { do: incident.comment, with: { text: \"${{ error.step }}: ${{ error.why }}\" } }
  - id: count
    while: vars.n < 3
    turns: 5
    steps: [{ set: { n: \"${{ vars.n + 1 }}\" } }, { do: incident.comment, with: { text: \"${{ string(vars.n) }}\" } }]
  - switch: vars.n
    cases: [{ in: [3], then: [{ end: succeeded, note: \"${{ steps.each.failed }} failed\" }] }]
    else: [{ end: failed }]
",
    );
    let world = start(&[text]).await;
    world.lab.fail("PUT /firewall/v1/blocked-addresses/203.0.113.2", "rate_limit", None, 0).await;
    let run = world.alert("attack", json!({ "loops": true })).await;
    let head = world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(head.note, "1 failed");
    let mut done = world.lab.effects();
    done.sort();
    assert_eq!(done, [block("203.0.113.1"), block("203.0.113.3")]);
    assert_eq!(step(&world, run.id, "each[1]/block").await.0, StepState::Failed);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_is_refused_where_there_is_no_sandbox() {
    let text = playbook(
        "script",
        "steps:
  - { id: score, script: python, code: print(1), output: { n: { type: integer } } }
",
    );
    let world = start(&[text]).await;
    let run = world.alert("attack", json!({ "script": true })).await;
    let head = world.reaches(run.id, RunState::Failed).await;
    assert!(head.note.contains("SB0009: scripts are not run here"), "{}", head.note);
    world.stop().await;
}
