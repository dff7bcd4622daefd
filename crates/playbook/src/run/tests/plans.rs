//! Plans: how far they reach, what they ask, what their hash binds.

use serde_json::{Value, json};
use stanch_model::{TenantId, Time, plan::Plan};

use super::{graph, started, story};
use crate::run::{Planner, PlannerStep, Run};

/// Plans a playbook from its start; every read is answered with `answer`.
fn plan_of(run: &Run, answer: &Result<Value, String>) -> Plan {
    let mut planner = Planner::new(run, Time::default());
    while let PlannerStep::Read { key, action } = planner.advance() {
        planner.answer(&key, &action.name, answer.clone());
    }
    planner.into_plan(TenantId::default())
}

fn shown(plan: &Plan) -> String {
    let acts: Vec<String> = plan
        .actions
        .iter()
        .map(|a| format!("{} {}", a.key, a.target.as_ref().map_or("-", |t| t.value.as_str())))
        .collect();
    format!("{} | {}", acts.join(", "), plan.stops_at.as_deref().unwrap_or("to the end"))
}

#[track_caller]
fn check(steps: &str, answer: &Result<Value, String>, expect: &str) -> Plan {
    let mut run = Run::new(graph(steps));
    run.apply(Time::default(), &started()).unwrap();
    let before = super::state(&run);
    let plan = plan_of(&run, answer);
    assert_eq!(shown(&plan), expect);
    assert_eq!(super::state(&run), before, "planning changed the run");
    plan
}

const ISOLATE: &str =
    "  - { id: isolate, do: edr.isolate_host, with: { host: ws-01 }, expires: 1h }\n";

#[test]
fn a_plan_reaches_to_what_depends_on_an_outcome() {
    let found = Ok(json!({ "found": true, "host": "WS-09", "owner": "ann" }));
    check(ISOLATE, &found, "isolate ws-01 | to the end");
    check(
        &format!(
            "{ISOLATE}  - {{ id: b, do: firewall.block_address, with: {{ address: 192.0.2.7 }}, expires: 1h }}\n"
        ),
        &found,
        "isolate ws-01, b 192.0.2.7 | to the end",
    );
    let stops = "step `s2` depends on the outcome of `isolate`";
    check(
        &format!("{ISOLATE}  - if: steps.isolate.ok\n    then: [{{ wait: 1s }}]\n"),
        &found,
        &format!("isolate ws-01 | {stops}"),
    );
    // A variable carries the dependence on.
    check(
        &format!(
            "{ISOLATE}  - set: {{ job: \"${{{{ steps.isolate.job }}}}\" }}\n  - {{ id: c, do: edr.isolate_host, with: {{ host: ws-02 }}, expires: 1h }}\n"
        ),
        &found,
        &format!("isolate ws-01 | {stops}"),
    );
    // What a read says is known; what it fails with as well.
    let two =
        "  - { id: find, do: edr.find_host, with: { address: 192.0.2.8 }, on_error: continue }
  - if: steps.find.found
    then: [{ id: a, do: edr.isolate_host, with: { host: \"${{ steps.find.host }}\" }, expires: 1h }]
    else: [{ id: b, do: firewall.block_address, with: { address: 192.0.2.8 }, expires: 1h }]
";
    let plan = check(two, &found, "a ws-09 | to the end");
    assert_eq!(plan.evidence.len(), 1);
    check(two, &Err("no answer".to_owned()), "b 192.0.2.8 | to the end");
}

/// What stands behind an act is read when the act is done: now it would say what is true before.
#[test]
fn nothing_is_read_behind_an_act_that_is_only_recorded() {
    let steps = format!(
        "{ISOLATE}  - {{ id: find, do: edr.find_host, with: {{ address: 192.0.2.8 }} }}\n  - if: steps.find.found\n    then: [{{ wait: 1s }}]\n"
    );
    let plan = check(
        &steps,
        &Ok(json!({ "found": true })),
        "isolate ws-01 | step `s3` depends on the outcome of `find`",
    );
    assert!(plan.evidence.is_empty());
}

#[test]
fn a_plan_stops_at_people_and_passes_time() {
    let found = Ok(json!({}));
    let ask = "  - { id: q, ask: \"Go on with ${{ alert.host.name }}?\", options: [yes, no], within: 1h, otherwise: no }\n";
    check(&format!("{ask}{ISOLATE}"), &found, " | a person answers: Go on with ws-01?");
    check(&format!("  - wait: 8h\n{ISOLATE}"), &found, "isolate ws-01 | to the end");
}

/// One branch depends on an outcome; the other goes on, and what follows both is not reached.
#[test]
fn each_branch_is_planned_as_far_as_it_goes() {
    check(
        "  - parallel:
      - if: alert.count == 1
        then:
          - { id: a, do: edr.isolate_host, with: { host: a }, expires: 1h }
          - { id: b, do: edr.isolate_host, with: { host: \"${{ steps.a.job }}\" }, expires: 1h }
      - if: alert.count == 1
        then:
          - { id: c, do: edr.isolate_host, with: { host: c }, expires: 1h }
          - { id: d, do: edr.isolate_host, with: { host: d }, expires: 1h }
  - { id: e, do: edr.isolate_host, with: { host: e }, expires: 1h }
",
        &Ok(json!({})),
        "a a, c c, d d | step `b` depends on the outcome of `a`",
    );
}

/// A read that fails ends the plan, and what was planned beside it is called back. (It once panicked.)
#[test]
fn a_failing_read_beside_an_act_ends_the_plan() {
    let steps = "  - parallel:
      - { id: find, do: edr.find_host, with: { address: 192.0.2.8 } }
      - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }
      - { id: nap, wait: 1s }
      - { id: more, do: edr.find_host, with: { address: 192.0.2.9 } }
";
    let plan = check(steps, &Err("no answer".to_owned()), " | to the end");
    assert!(plan.evidence.is_empty());
    check(steps, &Ok(json!({})), "block 192.0.2.7 | to the end");
}

#[test]
fn the_hash_binds_what_would_be_done() {
    let plan = |host: &str, expires: &str| {
        let steps = format!(
            "  - {{ id: isolate, do: edr.isolate_host, with: {{ host: \"{host}\" }}, expires: {expires} }}\n"
        );
        let mut run = Run::new(graph(&steps));
        run.apply(Time::default(), &started()).unwrap();
        let mut plan = plan_of(&run, &Ok(json!({})));
        // The texts differ as well; here it is about the actions.
        plan.playbook_digest = "d".to_owned();
        plan
    };
    let one = plan("ws-01", "1h");
    assert_eq!(one.hash(), plan("WS-01.", "1h").hash(), "one spelling of one host");
    assert_ne!(one.hash(), plan("ws-02", "1h").hash(), "another target");
    assert_ne!(one.hash(), plan("ws-01", "2h").hash(), "another expiry");
    let mut other = one.clone();
    other.playbook_digest = "e".to_owned();
    assert_ne!(one.hash(), other.hash(), "another version of the playbook");
    let mut other = one.clone();
    other.tenant = TenantId("other".to_owned());
    assert_ne!(one.hash(), other.hash(), "another tenant");
    let mut other = one.clone();
    other.actions[0].manifest_digest = "m".to_owned();
    assert_ne!(one.hash(), other.hash(), "another manifest");
    let mut other = one.clone();
    other.evidence.clear();
    other.stops_at = Some("somewhere".to_owned());
    assert_eq!(one.hash(), other.hash(), "evidence is not bound");
}

/// From the middle of a run: what is approved is left out, timers that are set pass, what is under way stops it.
#[test]
fn a_plan_goes_on_from_where_the_run_stands() {
    let steps = "  - { id: a, do: edr.isolate_host, with: { host: a }, expires: 1h }
  - { id: b, do: edr.isolate_host, with: { host: b }, expires: 1h }
";
    let begin = "started => plan a\nplanned a => authorise a\n";
    let plan = |story: &str| shown(&plan_of(&story::check(steps, story), &Ok(json!({}))));
    assert_eq!(plan(begin), "a a, b b | to the end");
    assert_eq!(plan(&format!("{begin}asked a 1 =>")), " | step `a` waits for approval");
    let approved = format!("{begin}asked a 1 =>\nanswered 1 approved a => authorise a\n");
    assert_eq!(plan(&approved), "b b | to the end");
    let out = format!("{approved}intended a => act a\n");
    assert_eq!(plan(&out), " | step `a` is under way");
    let done = format!("{out}accepted a => verify a\nverified a => plan b\n");
    assert_eq!(plan(&done), "b b | to the end");
    assert_eq!(
        plan(&format!("{out}unresolved a =>")),
        " | step `a` has an outcome that is not known"
    );

    let steps = "  - { id: nap, wait: 1h }\n  - { id: q, ask: Well?, options: [a, b], within: 1h, otherwise: a }\n";
    let plan = |story: &str| shown(&plan_of(&story::check(steps, story), &Ok(json!({}))));
    assert_eq!(plan("started => sleep nap\ntimer_set nap =>"), " | a person answers: Well?");
    let asked = "started => sleep nap\ntimer_fired nap => ask q\nquestion_asked q =>";
    assert_eq!(plan(asked), " | step `q` waits for an answer");
}
