//! What a timer is called in the store, and what it means when it fires.

use stanch_model::plan::StepKey;

use super::RunEvent;

/// What the name of a deadline ends with. No step's key has it: ids are letters, digits and `_`.
const DEADLINE: &str = "!deadline";

/// The name of the timer of a deadline; the run's own if no step is named. The timer of a pause or a retry
/// has the step's key as its name.
#[must_use]
pub fn deadline(key: Option<&StepKey>) -> StepKey {
    StepKey(format!("{}{DEADLINE}", key.map_or("", |key| key.0.as_str())))
}

/// What it means that the timer of that name fired.
#[must_use]
pub fn fired(name: &StepKey) -> RunEvent {
    match name.0.strip_suffix(DEADLINE) {
        Some("") => RunEvent::OutOfTime,
        Some(key) => RunEvent::TimedOut { key: StepKey(key.to_owned()) },
        None => RunEvent::TimerFired { key: name.clone() },
    }
}
