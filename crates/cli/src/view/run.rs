//! Runs and what they did.

use stanch_model::{containment::Containment, run::StepView};

use super::{time_or_dash, word};

/// Heads and rows of a table of steps.
pub(crate) fn steps(steps: &[StepView]) -> ([&'static str; 6], Vec<Vec<String>>) {
    let row = |step: &StepView| {
        vec![
            step.key.clone(),
            step.kind.clone(),
            word(&step.state),
            time_or_dash(step.entered_at),
            step.title.clone(),
            step.note.clone(),
        ]
    };
    (["STEP", "KIND", "STATE", "ENTERED", "TITLE", "NOTE"], steps.iter().map(row).collect())
}

/// A containment after it was ordered back, in a sentence.
pub(crate) fn undo_note(containment: &Containment) -> String {
    let Containment { id, action, target, state, note, .. } = containment;
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    format!("{id} ({}, {target}) is {}{note}", action.title, word(state))
}
