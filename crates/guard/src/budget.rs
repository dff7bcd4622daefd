//! Which counters an act has to fit into.

use stanch_model::{ObservableKind, guard::Counter, plan::PlannedAction};

use crate::policy::{Policy, Scope};

/// What an act is counted as: the capability that its manifest fulfils, else `connector.action`.
///
/// Not the name that the playbook calls it by: `edr.isolate_host` and `lab.isolate_host` are one act.
#[must_use]
pub fn class(capability: Option<&str>, action: &PlannedAction) -> String {
    capability.map_or_else(|| format!("{}.{}", action.connector, action.action), str::to_owned)
}

/// The counters that an intent of `class` adds one to, each of which must be below its limit.
///
/// Acts on the practice target have counters of their own (`practice:…`), and no share of a
/// fleet. `fleet_size` is the number of hosts; none counts as the smallest fleet.
#[must_use]
pub fn counters(
    policy: &Policy,
    class: &str,
    action: &PlannedAction,
    playbook: &str,
    fleet_size: Option<u32>,
) -> Vec<Counter> {
    let realm = if action.practice { "practice:" } else { "" };
    let mut counters: Vec<Counter> = policy
        .budgets()
        .into_iter()
        .filter(|budget| budget.class == class || budget.class == "*")
        .map(|budget| {
            let scope = match budget.scope {
                Scope::Tenant => String::new(),
                Scope::Playbook => format!("@playbook:{playbook}"),
            };
            let class = format!("{realm}{}{scope}", budget.class);
            Counter { class, window: budget.window, limit: budget.limit }
        })
        .collect();
    let is_host = action.target.as_ref().is_some_and(|t| t.kind == ObservableKind::Host);
    if is_host && !action.practice {
        counters.push(Counter {
            class: format!("{class}@fleet"),
            window: policy.fleet.window,
            limit: policy.fleet.limit(fleet_size),
        });
    }
    counters
}
