//! What a change of the policy does: whether it tightens or loosens, field by field.
//!
//! A change is a loosening unless it can be shown to be none: every way in which the new policy lets something through
//! that the old one did not has one here. The functions take the policy apart without a `..`, so a field that
//! is added has to be classified before this compiles. A property test holds the whole to its word: where nothing
//! is said to loosen, no facts and no action turn a refusal or a question into a yes.

pub(crate) mod covers;
mod lists;
mod numbers;
mod rights;

use stanch_model::{
    guard::{Change, Direction, Mode},
    people::Role,
};

use crate::Policy;

/// Every difference between two policies, in the order of the file.
#[must_use]
pub fn compare(old: &Policy, new: &Policy) -> Vec<Change> {
    let Policy {
        policy,
        title,
        protected,
        shared,
        budgets: _,
        fleet,
        approval,
        freeze,
        breakers: _,
        canaries: _,
        rights,
        promotion,
        loosening,
    } = old;
    let words = [("policy", policy, &new.policy), ("title", title, &new.title)];
    let words = words.into_iter().filter(|(_, old, new)| old != new).map(|(what, old, new)| {
        change(Direction::Neutral, what, format!("`{old}` is now `{new}`"))
    });
    let mut changes: Vec<Change> = words.collect();
    changes.extend(lists::protected(protected, &new.protected));
    changes.extend(lists::shared(shared, &new.shared));
    // What is in force, with what is built in: leaving an entry out may be looser or stricter.
    changes.extend(lists::budgets(&old.budgets(), &new.budgets()));
    changes.extend(numbers::fleet(fleet, &new.fleet));
    changes.extend(numbers::approval(approval, &new.approval));
    changes.extend(lists::freezes(freeze, &new.freeze));
    changes.extend(lists::breakers(&old.breakers(), &new.breakers()));
    changes.extend(numbers::canaries(old, new));
    changes.extend(rights::rights(rights, &new.rights));
    changes.extend(numbers::promotion(promotion, &new.promotion));
    changes.extend(numbers::loosening(loosening, &new.loosening));
    changes
}

/// What a change of a playbook's mode is: to be trusted further is a loosening.
#[must_use]
pub fn mode_change(playbook: &str, from: Mode, to: Mode) -> Change {
    let direction = match to.cmp(&from) {
        std::cmp::Ordering::Less => Direction::Tightening,
        std::cmp::Ordering::Equal => Direction::Neutral,
        std::cmp::Ordering::Greater => Direction::Loosening,
    };
    change(direction, "mode", format!("{playbook} goes from {} to {}", from.word(), to.word()))
}

/// What a change of a role is, of nobody's yet if somebody is new: one administrator more is a loosening.
#[must_use]
pub fn role_change(name: &str, from: Option<Role>, to: Option<Role>) -> Change {
    let word = |role: Option<Role>| match role {
        None => "nobody",
        Some(Role::Viewer) => "a viewer",
        Some(Role::Responder) => "a responder",
        Some(Role::Admin) => "an administrator",
    };
    let direction = match (from == Some(Role::Admin), to == Some(Role::Admin)) {
        (false, true) => Direction::Loosening,
        (true, false) => Direction::Tightening,
        (true, true) | (false, false) => Direction::Neutral,
    };
    change(direction, "role", format!("{name} was {} and is now {}", word(from), word(to)))
}

/// Whether any of the changes lets something through that was not.
#[must_use]
pub fn loosens(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.direction == Direction::Loosening)
}

fn change(direction: Direction, what: impl Into<String>, text: impl Into<String>) -> Change {
    Change { direction, what: what.into(), text: text.into() }
}
