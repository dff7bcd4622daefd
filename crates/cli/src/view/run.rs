//! Runs and what they did.

use stanch_model::{containment::Containment, run::StepView};

use super::{time_or_dash, word};

/// Heads and rows of a table of steps: what is inside of a loop or call stands below it, turn by turn.
pub(crate) fn steps(steps: &[StepView]) -> ([&'static str; 6], Vec<Vec<String>>) {
    let mut rows = Vec::new();
    inside("", 0, steps, &mut rows);
    (["STEP", "KIND", "STATE", "ENTERED", "TITLE", "NOTE"], rows)
}

/// The steps right in `path`, each with what is inside of it.
fn inside(path: &str, depth: usize, steps: &[StepView], rows: &mut Vec<Vec<String>>) {
    let mut turns: Vec<&str> = Vec::new();
    for step in steps {
        let Some(rest) = step.key.strip_prefix(path) else { continue };
        match rest.split_once('/') {
            None => rows.push(row(step, rest, depth)),
            // A turn or a called playbook, where its first step stands.
            Some((turn, _)) if !turns.contains(&turn) => {
                turns.push(turn);
                let name = format!("{}{turn}", "  ".repeat(depth));
                rows.push(vec![name]);
                inside(&format!("{path}{turn}/"), depth.saturating_add(1), steps, rows);
            }
            Some(_) => {}
        }
    }
}

fn row(step: &StepView, name: &str, depth: usize) -> Vec<String> {
    vec![
        format!("{}{name}", "  ".repeat(depth)),
        step.kind.clone(),
        word(&step.state),
        time_or_dash(step.entered_at),
        step.title.clone(),
        step.note.clone(),
    ]
}

/// A containment after it was ordered back, in a sentence.
pub(crate) fn undo_note(containment: &Containment) -> String {
    let Containment { id, action, target, state, note, .. } = containment;
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    format!("{id} ({}, {target}) is {}{note}", action.title, word(state))
}
