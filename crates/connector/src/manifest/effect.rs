//! Whether an action keeps the promises of its effect: target, verify, undo, probe, key, expiry.

use std::time::Duration;

use stanch_model::manifest::{ActionManifest, Call, EffectClass, Idempotency, Transport, Verify};

use super::{Findings, call::calls, codes, expressions::uses, source::Path};

/// Longest time for one request.
const TIMEOUT_MAX: Duration = Duration::from_secs(300);

pub(super) fn check(
    transport: Transport,
    action: &ActionManifest,
    at: &Path,
    findings: &mut Findings<'_>,
) {
    target(action, at, findings);
    undo(action, at, findings);
    if action.effect != EffectClass::Read {
        act(transport, action, at, findings);
    }
    key(transport, action, at, findings);
    expiry(action, at, findings);
    timing(action, at, findings);
    if action.examples.is_empty() {
        findings.warning(
            codes::NO_EXAMPLE,
            at,
            "action has no example",
            "add one below `examples:`, with `title`, `input` and `output`",
        );
    }
}

/// The one builtin act: an address goes on the list that firewalls poll.
const BLOCK_LIST: &str = "blocklist.block";

/// What only acts need.
fn act(transport: Transport, action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    let on_the_list = action.call == Call::Builtin(BLOCK_LIST.to_owned());
    if transport == Transport::Builtin && !on_the_list {
        findings.error(
            codes::TRANSPORT,
            &at.key("effect"),
            "builtin actions change nothing outside, but for `blocklist.block`",
            "write `effect: read`",
        );
        return;
    }
    if action.own_books {
        findings.error(
            codes::TRANSPORT,
            &at.key("own_books"),
            "own_books is for actions that change nothing outside",
            "remove it, or write `effect: read`",
        );
    }
    if action.target.is_none() {
        findings.error_at_key(
            codes::TARGET,
            at,
            "action changes something, but names no target",
            "add `target: { kind: …, input: … }`",
        );
    }
    if action.verify.is_none() {
        findings.error_at_key(
            codes::VERIFY,
            at,
            "action changes something, but has no verify",
            "add `verify:` with a call and `done:`",
        );
    }
    if action.idempotency == Idempotency::None && action.probe.is_none() {
        findings.error(
            codes::PROBE,
            &at.key("idempotency"),
            "neither can it be repeated nor looked up",
            "add `probe:`, or find a request that the target recognises when it comes twice",
        );
    }
}

fn target(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    let Some(target) = &action.target else { return };
    let path = at.key("target").key("input");
    let property = action.input.get("properties").and_then(|all| all.get(&target.input));
    let Some(property) = property else {
        findings.error(
            codes::TARGET,
            &path,
            format!("input has no property `{}`", crate::outside::quote(&target.input)),
            "name the input that says what is acted on",
        );
        return;
    };
    if property.get("type").and_then(|word| word.as_str()) != Some("string") {
        let message = format!("input `{}` is no text", target.input);
        findings.error(codes::TARGET, &path, message, "give it `type: string`");
    }
    let required = action.input.get("required").and_then(|list| list.as_array());
    let is_required = required.is_some_and(|list| list.iter().any(|name| *name == *target.input));
    if !is_required {
        findings.error(
            codes::TARGET,
            &path,
            format!("input `{}` may be left out", target.input),
            format!("add it to `required:` of the input: `required: [{}]`", target.input),
        );
    }
}

fn undo(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    match (action.effect, &action.undo) {
        (EffectClass::Reversible, None) => findings.error_at_key(
            codes::UNDO,
            at,
            "action is reversible, but has no undo",
            "add `undo:` with `title`, `call` and `verify`, or write `effect: irreversible`",
        ),
        (EffectClass::Read | EffectClass::Irreversible, Some(_)) => findings.error_at_key(
            codes::UNDO,
            &at.key("undo"),
            "action has an undo, but is not reversible",
            "write `effect: reversible`, or remove the undo",
        ),
        _ => {}
    }
}

/// Over HTTP the client sends the key as a header by itself; a command has to carry it.
fn key(transport: Transport, action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    if action.idempotency != Idempotency::Key || transport == Transport::Http {
        return;
    }
    if !uses(&action.call, "key") {
        findings.error(
            codes::KEY,
            &at.key("idempotency"),
            "the call does not send the key",
            "put `${{ key }}` into the call, or write `idempotency: natural` or `none`",
        );
    }
}

fn expiry(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    if !action.native_expiry {
        return;
    }
    let path = at.key("native_expiry");
    if action.effect != EffectClass::Reversible {
        findings.error(
            codes::EXPIRY,
            &path,
            "only reversible actions expire",
            "remove it, or write `effect: reversible`",
        );
    } else if !uses(&action.call, "ttl_seconds") {
        findings.error(
            codes::EXPIRY,
            &path,
            "the call does not say when it is over",
            "use `ttl_seconds` in the call (0 means never), or remove `native_expiry`",
        );
    }
}

fn timing(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    if action.timeout.is_zero() || action.timeout > TIMEOUT_MAX {
        findings.error(
            codes::TIMING,
            &at.key("timeout"),
            "timeout is not between 1ms and 5m",
            "give one request the time that it needs; longer effects are `verify`'s",
        );
    }
    let verifies = [
        (at.key("verify"), action.verify.as_ref()),
        (at.key("undo").key("verify"), action.undo.as_ref().map(|undo| &undo.verify)),
    ];
    for (path, verify) in verifies {
        if let Some(Verify { every, within, .. }) = verify
            && (every.is_zero() || within < every)
        {
            findings.error_at_key(
                codes::TIMING,
                &path,
                "verify has no time for a second question",
                "choose `every` above 0 and `within` longer than that",
            );
        }
    }
    if let Some(limit) = &action.rate_limit
        && (limit.count == 0 || limit.per.is_zero())
    {
        let path = at.key("rate_limit");
        findings.error_at_key(codes::TIMING, &path, "rate limit lets nothing through", "raise it");
    }
    for (path, call) in calls(action, at).into_iter().skip(1) {
        // A question that changes something would be asked many times.
        if let Call::Http(call) = call
            && !path.is_undo_call()
            && !matches!(call.method.as_str(), "GET" | "POST")
        {
            findings.error(
                codes::REQUEST,
                &path.key("http").key("method"),
                format!("{} does not ask, it changes", call.method),
                "probe and verify use GET, or POST where the target searches that way",
            );
        }
    }
}
