//! Which counters an act has to fit into, and what they are called.

use std::time::Duration;

use stanch_model::{ObservableKind, guard::Counter, plan::PlannedAction};

use crate::{
    Facts,
    breaker::{self, Standing},
    facts::folded,
    policy::{Policy, Scope},
};

/// How long a run may last, and so how far back what it did has to be counted.
const RUN_MAX: Duration = Duration::from_secs(366 * 86_400);

/// What an act is counted as: the capability that its manifest fulfils, else `connector.action`.
///
/// Not the name that the playbook calls it by: `edr.isolate_host` and `lab.isolate_host` are one act.
#[must_use]
pub fn class(capability: Option<&str>, action: &PlannedAction) -> String {
    capability.map_or_else(|| format!("{}.{}", action.connector, action.action), str::to_owned)
}

/// The counters that an intent of this act adds one to, each of which must be below its limit.
///
/// Of the facts, those that [`Facts::counts`] is not needed for have to be there. Acts on the practice target
/// have counters of their own (`practice:…`), and no share of a fleet.
#[must_use]
pub fn counters(policy: &Policy, facts: &Facts, action: &PlannedAction) -> Vec<Counter> {
    let mut counters = limits(policy, facts, action);
    counters.extend(canary(policy, facts, action));
    counters.extend(breakers(policy, facts, action));
    counters
}

/// The keys under which the policy's breakers watch this act: what [`Facts::breakers`] has to have.
///
/// Each is also the class of one of [`counters`], so that the intents counted under it are the acts that it watches.
#[must_use]
pub fn breaker_keys(policy: &Policy, facts: &Facts, action: &PlannedAction) -> Vec<String> {
    let watching = policy.breakers().into_iter().filter(|b| b.class.matches(&facts.class));
    let mut keys: Vec<String> = watching
        .flat_map(|breaker| keys(breaker.class.as_str(), breaker.scope, facts, action))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The budgets and shares among [`counters`].
pub(crate) fn limits(policy: &Policy, facts: &Facts, action: &PlannedAction) -> Vec<Counter> {
    let mut counters: Vec<Counter> = Vec::new();
    for budget in policy.budgets().into_iter().filter(|b| b.class.matches(&facts.class)) {
        for class in keys(budget.class.as_str(), budget.scope, facts, action) {
            counters.push(Counter { class, window: budget.window, limit: budget.limit });
        }
    }
    let is_host = action.target.as_ref().is_some_and(|t| t.kind == ObservableKind::Host);
    if is_host && !action.practice {
        let share = |class: String, hosts: Option<u32>| Counter {
            class,
            window: policy.fleet.window,
            limit: policy.fleet.limit(hosts),
        };
        counters.push(share(format!("{}@fleet", facts.class), facts.fleet.hosts));
        for class in keys(&facts.class, Scope::Site, facts, action) {
            counters.push(share(class, facts.fleet.site_hosts));
        }
    }
    counters
}

/// What keeps a second act from beginning beside the first of a canary: the run's own count. It counts acts, not
/// tries: what is tried again has its place already, and would else take that of another, or find its own taken.
fn canary(policy: &Policy, facts: &Facts, action: &PlannedAction) -> Option<Counter> {
    if facts.again {
        return None;
    }
    let first = policy.canary(&facts.class).first;
    let so_far = u32::try_from(facts.canary.len()).unwrap_or(u32::MAX);
    let limit = if so_far < first { first } else { u32::MAX };
    let class = format!("{}{}@run:{}", realm(action), facts.class, facts.run);
    Some(Counter { class, window: RUN_MAX, limit })
}

/// What the breakers watch; and while one is half-open, what keeps a second act from slipping through with
/// the one that is let through to see.
fn breakers(policy: &Policy, facts: &Facts, action: &PlannedAction) -> Vec<Counter> {
    let mut counters: Vec<Counter> = breaker_keys(policy, facts, action)
        .into_iter()
        .map(|class| Counter { class, window: RUN_MAX, limit: u32::MAX })
        .collect();
    for (key, standing) in breaker::standings(policy, facts, action) {
        if let Some(Standing::HalfOpen { since, probes, .. }) = standing {
            let class = format!("{key}@half-open:{}", since.micros());
            counters.push(Counter { class, window: RUN_MAX, limit: probes.saturating_add(1) });
        }
    }
    counters
}

/// What an act of `class` is counted under in a scope.
pub(crate) fn keys(
    class: &str,
    scope: Scope,
    facts: &Facts,
    action: &PlannedAction,
) -> Vec<String> {
    let realm = realm(action);
    let asset = facts.asset.known();
    match scope {
        Scope::Tenant => vec![format!("{realm}{class}")],
        Scope::Playbook => vec![format!("{realm}{class}@playbook:{}", facts.playbook)],
        Scope::Instance => vec![format!("{realm}{class}@instance:{}", action.instance)],
        Scope::Site => vec![match asset.and_then(|asset| asset.site.as_deref()) {
            Some(site) => format!("{realm}{class}@site:{}", folded(site)),
            None => format!("{realm}{class}@no-site"),
        }],
        Scope::Group => match asset {
            Some(asset) if !asset.groups.is_empty() => asset
                .groups
                .iter()
                .map(|group| format!("{realm}{class}@group:{}", folded(group)))
                .collect(),
            _ => vec![format!("{realm}{class}@no-group")],
        },
    }
}

const fn realm(action: &PlannedAction) -> &'static str {
    if action.practice { "practice:" } else { "" }
}
