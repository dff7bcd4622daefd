//! Stories of one run.

use super::story::{approval, check, word};
use crate::run::ATTEMPTS_MAX;

const BLOCK: &str =
    "  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }\n";
const FIND: &str = "  - { id: find, do: edr.find_host, with: { address: 192.0.2.8 } }\n";
const TWO: &str = "  - id: both
    parallel:
      - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }
      - { id: isolate, do: edr.isolate_host, with: { host: ws-01 }, expires: 1h }
  - { id: last, do: edr.find_host, with: { address: 192.0.2.8 } }
";

/// The beginning that most stories of `TWO` share.
const TWO_BEGIN: &str = "
started         => plan block, plan isolate
planned block   => authorise block
planned isolate => authorise isolate
";

fn two(story: &str) -> super::Run {
    check(TWO, &format!("{TWO_BEGIN}{story}"))
}

#[test]
fn an_act_goes_from_plan_to_verified() {
    check(
        BLOCK,
        r#"
started             => plan block
started             => illegal
planned block       => authorise block
decided block allow =>
intended block      => act block
intended block      => illegal
accepted block {"rule": "r-1"} => verify block
accepted block      => illegal
failed block        => illegal
verified block      => end succeeded
ended failed        => illegal
ended succeeded     =>
ended succeeded     => illegal
cancelled           => illegal
steps block verified
"#,
    );
}

#[test]
fn nothing_happens_before_the_start() {
    check(BLOCK, "ended succeeded => illegal\ncancelled => illegal\nread block => illegal");
}

#[test]
fn an_outcome_that_nobody_knows_is_looked_up() {
    let begin = "
started             => plan block
planned block       => authorise block
intended block      => act block
unsure block        => probe block
unsure block        => illegal
accepted block      => illegal
";
    let story = |rest: &str| check(BLOCK, &format!("{begin}{rest}"));
    story(
        "probed block present => verify block\nprobed block absent => illegal\nverified block => end succeeded",
    );
    // What the target says did not happen is sent again, but not for ever.
    let run = story(
        "
probed block absent => act block
unsure block        => probe block
probed block absent => act block
accepted block      => verify block
unverified block    => end failed
steps block failed
",
    );
    assert_eq!(run.step_views()[0].attempts, 3);
    story(
        "
probed block absent => act block
unsure block        => probe block
probed block absent => act block
unsure block        => probe block
probed block absent => act block
unsure block        => probe block
probed block absent => end failed
",
    );
    // Where it cannot be asked, a person finds out.
    story("unresolved block => \nsteps block unknown\nresolved block happened => end succeeded");
    story("unresolved block => \nresolved block not => end failed\nresolved block not => illegal");
    story(
        "unresolved block => \ncancelled => \nsteps block unknown\nresolved block happened => end cancelled",
    );
}

#[test]
fn a_crash_costs_no_attempt() {
    let begin = "
started             => plan block
planned block       => authorise block
intended block      => act block
";
    let crashes = "probed block absent => act block\n".repeat(ATTEMPTS_MAX as usize + 2);
    let end = "accepted block => verify block\nverified block => end succeeded";
    let run = check(BLOCK, &format!("{begin}{crashes}{end}"));
    assert_eq!(run.step_views()[0].attempts, 1);
}

#[test]
fn branches_are_joined_whatever_the_order() {
    for (first, second) in [("block", "isolate"), ("isolate", "block")] {
        let story = format!(
            "
intended block     => act block
intended isolate   => act isolate
accepted {first}   => verify {first}
verified {first}   =>
accepted {second}  => verify {second}
verified {second}  => plan last
planned last       => read last
read last {{\"found\": true}} => end succeeded
"
        );
        two(&story);
    }
}

#[test]
fn branches_of_branches_are_joined_inside_out() {
    check(
        "  - parallel:
      - parallel:
          - { id: a, wait: 1s }
          - if: alert.count == 1
            then: [{ id: b, wait: 1s }, { id: c, wait: 1s }]
      - { id: d, wait: 1s }
  - { id: e, wait: 1s }
",
        "
started       => sleep d, sleep a, sleep b
timer_set d   =>
timer_fired d =>
timer_fired d => illegal
timer_fired a =>
timer_fired b => sleep c
timer_set c   =>
timer_set c   => illegal
timer_fired c => sleep e
timer_fired e => end succeeded
",
    );
}

#[test]
fn a_failure_that_is_caught_goes_on_with_empty_values() {
    check(
        "  - { id: find, do: edr.find_host, with: { address: 192.0.2.8 }, on_error: continue }
  - if: \"!steps.find.ok && steps.find.host == '' && !steps.find.found\"
    then: [{ id: intel, do: intel.lookup, with: { value: a }, on_error: continue }]
  - if: \"steps.intel.verdict == '' && steps.intel.sources == []\"
    then: [{ end: succeeded, note: \"${{ steps.intel.verdict }}${{ steps.intel.confidence }}\" }]
  - end: failed
",
        "
started      => plan find
planned find => read find
failed find  => plan intel
planned intel => read intel
failed intel => end succeeded
",
    );
    check(
        "  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h, on_error: continue }
  - if: steps.block.ok
    then: [{ end: failed }]
",
        "
started        => plan block
planned block  => authorise block
intended block => act block
accepted block => verify block
unverified block => end succeeded
",
    );
}

#[test]
fn an_act_that_returns_nothing_still_worked() {
    let steps = format!(
        "{BLOCK}  - if: steps.block.ok\n    then: [{{ end: succeeded }}]\n  - end: failed\n"
    );
    for output in ["null", "{}", "[]", r#"{"ok": false, "rule": "r"}"#] {
        let story = format!(
            "
started        => plan block
planned block  => authorise block
intended block => act block
accepted block {output} => verify block
verified block => end succeeded
"
        );
        check(&steps, &story);
    }
}

#[test]
fn a_refusal_is_no_failure_that_can_be_caught() {
    let steps = "  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h, on_error: continue }
  - { id: more, wait: 1s }
";
    check(
        steps,
        "
started        => plan block
planned block  => authorise block
decided block refuse => end refused
steps block refused
",
    );
    check(
        steps,
        "
started        => plan block
planned block  => authorise block
failed block   => sleep more
",
    );
}

#[test]
fn a_refusal_in_one_branch_waits_for_what_is_out_in_another() {
    two("
intended block         => act block
decided isolate refuse =>
steps both succeeded, block intended, isolate refused
unsure block           => probe block
probed block present   => verify block
verified block         => end refused
");
    // What was not sent is not sent any more.
    two("
intended block         => act block
unsure block           => probe block
decided isolate refuse =>
probed block absent    => end refused
steps both succeeded, block failed, isolate refused
");
    // What was only planned is called back.
    two("
decided isolate refuse => end refused
intended block         => illegal
decided block allow    => illegal
steps both succeeded, block refused, isolate refused
");
}

#[test]
fn cancelling_waits_for_what_is_out() {
    two("
intended block => act block
cancelled      =>
cancelled      => illegal
intended isolate => illegal
accepted block => verify block
verified block => end cancelled
ended refused  => illegal
ended cancelled =>
steps both succeeded, block verified, isolate refused
");
    check(
        FIND,
        "started => plan find\nplanned find => read find\ncancelled => \nread find => end cancelled",
    );
    check(FIND, "started => plan find\ncancelled => end cancelled\nplanned find => illegal");
}

#[test]
fn one_question_covers_several_acts() {
    let run = two("
decided block ask     =>
asked block 1         =>
asked block 1         => illegal
asked isolate 1       =>
answered 2 approved block => illegal
answered 1 waiting    => illegal
answered 1 approved block isolate => authorise block, authorise isolate
answered 1 approved block => illegal
");
    for key in ["block", "isolate"] {
        let action = run.action(&stanch_model::plan::StepKey(key.to_owned())).unwrap();
        assert_eq!(run.approved_by(action), 1, "{key}");
    }
    two("asked block 1 =>\nasked isolate 1 =>\nanswered 1 denied => end refused");
    two("asked block 1 =>\nanswered 1 expired => end refused");
    two("
asked block 1      =>
intended isolate   => act isolate
answered 1 denied  =>
failed isolate     => end refused
");
}

#[test]
fn a_void_question_is_asked_again() {
    let run = two("
asked block 1          =>
answered 1 void block  => authorise block
asked block 2          =>
");
    assert!(run.asked().contains(&approval("2")) && !run.asked().contains(&approval("1")));
    let action = run.action(&stanch_model::plan::StepKey("block".to_owned())).unwrap();
    assert_eq!(run.approved_by(action), 0);
}

#[test]
fn a_yes_binds_to_what_was_planned() {
    let run = check(
        BLOCK,
        "
started           => plan block
planned block key=other => illegal
planned block     => authorise block
planned block     => illegal
planned block read => illegal
asked block 1     =>
planned block ip=192.0.2.1 => illegal
answered 1 approved*2 block => authorise block
planned block ip=192.0.2.1 => authorise block
",
    );
    let key = stanch_model::plan::StepKey("block".to_owned());
    let planned = run.action(&key).unwrap().clone();
    assert_eq!(planned.target.as_ref().unwrap().value, "192.0.2.1");
    assert_eq!(run.approved_by(&planned), 0, "nobody said yes to this address");
    let crate::graph::NodeKind::Do { call, .. } = &run.graph().nodes[0].kind else { panic!() };
    let old = run.resolve(&key, call).unwrap();
    assert_eq!(run.approved_by(&old), 2);
    // Any other thing that changes is another act as well.
    let change: [fn(&mut stanch_model::plan::PlannedAction); 5] = [
        |a| a.expires = None,
        |a| a.instance.push('x'),
        |a| a.manifest_digest.push('x'),
        |a| a.input["direction"] = "in".into(),
        |a| a.undo = None,
    ];
    for change in change {
        let mut other = old.clone();
        change(&mut other);
        assert_eq!(run.approved_by(&other), 0);
    }
}

#[test]
fn an_end_inside_a_branch_calls_the_others_back() {
    let steps = "  - parallel:
      - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }
      - { id: ask, ask: Go on?, options: [yes, no], within: 1h, otherwise: no }
      - { id: nap, wait: 1h }
      - if: alert.count == 1
        then: [{ id: find, do: edr.find_host, with: { address: 192.0.2.8 } }, { end: succeeded, note: enough }]
  - { id: after, wait: 1s }
";
    check(
        steps,
        "
started          => plan block, ask ask, sleep nap, plan find
planned find     => read find
planned block    => authorise block
question_asked ask =>
timer_set nap    =>
read find        => end succeeded
question_answered ask yes => illegal
timer_fired nap  => illegal
steps s1 succeeded, block refused, ask refused, nap refused, s5 succeeded, find succeeded, s7 succeeded
",
    );
    check(
        steps,
        "
started          => plan block, ask ask, sleep nap, plan find
planned block    => authorise block
planned find     => read find
intended block   => act block
read find        =>
failed block     => end succeeded
",
    );
}

/// What was asked for and called back by one and the same event is not asked for.
#[test]
fn an_end_at_once_leaves_nothing_to_do() {
    check(
        "  - parallel:
      - { id: nap, wait: 1h }
      - { id: find, do: edr.find_host, with: { address: 192.0.2.8 } }
      - if: alert.count == 1
        then: [{ end: failed }]
",
        "
started => end failed
steps s1 succeeded, nap refused, find refused, s4 succeeded, s5 succeeded
",
    );
}

#[test]
fn people_answer_with_an_option_or_not_at_all() {
    let run = check(
        "  - { id: sure, ask: \"Isolate ${{ alert.host.name }}?\", options: [isolate, leave], within: 1h, otherwise: leave }
  - { id: nap, wait: 10m }
  - if: steps.sure.answer == 'isolate'
    then: [{ end: succeeded }]
    else: [{ end: failed }]
",
        "
started                      => ask sure
question_answered sure maybe => illegal
question_asked sure          =>
question_asked sure          => illegal
steps sure waiting
question_answered sure maybe => illegal
question_answered sure isolate => sleep nap
question_answered sure leave => illegal
timer_set nap                =>
timer_fired sure             => illegal
timer_fired nap              => end succeeded
",
    );
    assert_eq!(run.step_views()[0].input["text"], "Isolate ws-01?");
}

#[test]
fn what_cannot_be_worked_out_fails_the_step() {
    check(
        "  - end: succeeded\n    note: \"${{ alert.techniques[0] }}\"\n",
        "started => end failed",
    );
    check(
        "  - if: alert.techniques[0] == 'a'\n    then: [{ wait: 1s }]\n",
        "started => end failed",
    );
    check(
        "  - { id: block, do: firewall.block_address, with: { address: \"${{ alert.dst.ip }}\" }, expires: 1h }\n",
        "started => end failed\nsteps block failed",
    );
    check(
        "  - { id: block, do: firewall.block_address, with: { address: \"${{ alert.dst.ip }}\" }, expires: 1h, on_error: continue }\n  - wait: 1s\n",
        "started => sleep s2",
    );
}

/// After a crash, at each place where it makes a difference.
#[test]
fn what_is_outstanding_after_a_crash() {
    let check = |steps: &str, story: &str, expect: &str| {
        let run = check(steps, story);
        let shown: Vec<String> = run.outstanding().iter().map(word).collect();
        assert_eq!(shown.join(", "), expect, "{story}");
        assert!(run.outstanding().iter().all(|effect| run.still_wants(effect)), "{story}");
    };
    check(BLOCK, "", "");
    check(BLOCK, "started => plan block", "plan block");
    let planned = "started => plan block\nplanned block => authorise block\n";
    check(BLOCK, planned, "authorise block");
    check(BLOCK, &format!("{planned}decided block allow =>"), "authorise block");
    check(BLOCK, &format!("{planned}asked block 1 =>"), "");
    let intended = format!("{planned}intended block => act block\n");
    check(BLOCK, &intended, "probe block");
    check(BLOCK, &format!("{intended}unsure block => probe block"), "probe block");
    check(BLOCK, &format!("{intended}probed block absent => act block"), "probe block");
    check(BLOCK, &format!("{intended}accepted block => verify block"), "verify block");
    check(BLOCK, &format!("{intended}unresolved block =>"), "");
    check(BLOCK, &format!("{intended}failed block => end failed"), "end failed");
    check(BLOCK, &format!("{intended}failed block => end failed\nended failed =>"), "");
    check(FIND, "started => plan find\nplanned find => read find", "read find");
    check("  - { id: nap, wait: 1s }\n", "started => sleep nap", "sleep nap");
    check("  - { id: nap, wait: 1s }\n", "started => sleep nap\ntimer_set nap =>", "");
    check(TWO, "started => plan block, plan isolate", "plan block, plan isolate");
}
