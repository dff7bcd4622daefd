//! Valid playbooks: none is refused. Those of `corpus/valid`, and every kind of step in every place where steps
//! stand, two levels deep.

use super::catalog::{catalog, context, folder};
use crate::check::load_in;

/// A step of each kind, with everything that it can have; `N` is a number of its own.
const STEPS: [&str; 17] = [
    "{ id: doN, do: edr.find_host, with: { address: \"${{ alert.src.ip }}\" }, retry: { times: 1, every: 1s }, timeout: 1m, default: { found: true }, on_error: continue }",
    "{ id: actN, do: edr.isolate_host, with: { host: \"${{ alert.host.name }}\" }, expires: 1h, approve: { by: admins, count: 2, within: 1h, otherwise: escalate } }",
    "{ id: scriptN, script: python, code: pass, output: { a: { type: string } }, on_error: continue }",
    "{ if: alert.count > N, then: [{ wait: 1m }], else: [{ wait: 2m }] }",
    "{ switch: alert.count, cases: [{ in: [N], then: [{ wait: 1m }] }], else: [{ wait: 2m }] }",
    "{ parallel: [{ wait: 1m }, { id: twinN, do: edr.find_host, with: { address: 192.0.2.1 } }], until: any }",
    "{ id: eachN, for_each: alert.techniques, as: elementN, steps: [{ do: intel.lookup, with: { value: \"${{ elementN }}\" } }], on_error: continue }",
    "{ id: whileN, while: \"!steps.innerN.ok\", turns: 3, steps: [{ id: innerN, do: intel.lookup, with: { value: x }, on_error: continue }], on_error: continue }",
    "{ id: callN, call: contain-host, with: { host: ws-01 }, on_error: continue }",
    "{ wait: 1m }",
    "{ wait: { until: alert.last_seen_at } }",
    "{ id: signalN, wait: { signal: vendor-done, within: 1h } }",
    "{ id: askN, ask: \"${{ alert.host.name }}?\", options: [yes, no], within: 1h, otherwise: no }",
    "{ id: formN, ask: Who?, form: { a: { type: string }, b: { enum: [x, y] }, c: { type: boolean } }, within: 1h }",
    "{ set: { nameN: \"${{ alert.count }}\" } }",
    "{ try: [{ id: tryN, do: edr.find_host, with: { address: 192.0.2.1 } }], on_error: [{ set: { whyN: \"${{ error.why }}\" } }] }",
    "{ end: succeeded, note: done }",
];

/// Places where steps stand; `STEP` is one of them, `N` a number of its own.
const PLACES: [&str; 11] = [
    "{ if: alert.count > N, then: [STEP] }",
    "{ if: alert.count > N, then: [{ wait: 1s }], else: [STEP] }",
    "{ switch: alert.domain, cases: [{ in: [aN], then: [STEP] }], else: [{ wait: 1s }] }",
    "{ switch: alert.domain, cases: [{ in: [aN], then: [{ wait: 1s }] }], else: [STEP] }",
    "{ parallel: [STEP, { wait: 1s }] }",
    "{ parallel: [{ id: firstN, do: edr.find_host, with: { address: 192.0.2.1 } }, { if: alert.count > N, then: [STEP] }], until: any }",
    "{ id: loopN, for_each: alert.techniques, as: placeN, steps: [STEP] }",
    "{ id: wideN, for_each: alert.techniques, as: placeN, width: 2, steps: [{ if: alert.count > N, then: [STEP] }] }",
    "{ while: \"!steps.seenN.ok\", turns: 3, steps: [{ id: seenN, do: intel.lookup, with: { value: x } }, { if: alert.count > N, then: [STEP] }] }",
    "{ try: [STEP], on_error: [{ wait: 1s }] }",
    "{ try: [{ do: edr.find_host, with: { address: 192.0.2.1 } }], on_error: [STEP] }",
];

#[test]
fn every_kind_of_step_is_valid_in_every_place() {
    let catalog = catalog();
    let folder = folder(&catalog);
    let context = context(&catalog, &folder);
    let mut refused = Vec::new();
    let mut count = 0;
    let number = |text: &str, n: usize| text.replace('N', &n.to_string());
    for step in STEPS {
        for outer in PLACES {
            for inner in PLACES {
                let inside = number(inner, 2).replace("STEP", &number(step, 1));
                let body = number(outer, 3).replace("STEP", &inside);
                let text = format!("playbook: p\ntitle: t\nsteps:\n  - {body}\n");
                let (playbook, findings) = load_in(&text, &context);
                count += 1;
                if playbook.is_none() || !findings.is_empty() {
                    refused.push(format!("{text}{findings:#?}"));
                }
            }
        }
    }
    println!("{count} valid playbooks, {} refused", refused.len());
    assert!(refused.is_empty(), "{} of {count}:\n{}", refused.len(), refused[0]);
}
