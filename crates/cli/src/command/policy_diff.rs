//! `policy diff`: what changes between two policies, and what that takes.

use stanch_guard::{Policy, compare::compare, loosening::gate};
use stanch_model::{
    duration,
    guard::{Change, Direction},
};

use super::policy_check::read;
use crate::{
    exit::Exit,
    output::{self, Format, Output},
};

/// In place of a file: what is in force where nobody has written a policy.
const BUILT_IN: &str = "built-in";

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The policy in force: a file, or `built-in`
    #[arg(value_name = "OLD")]
    old: String,
    /// The policy that is proposed
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let old = if args.old == BUILT_IN { Some(Policy::default()) } else { read(&args.old, out)? };
    let new = if args.new == BUILT_IN { Some(Policy::default()) } else { read(&args.new, out)? };
    let (Some(old), Some(new)) = (old, new) else { return Ok(Exit::No) };
    let changes = compare(&old, &new);
    // How many people there are is not known here; the policy's own number stands for that.
    let gate = gate(&old, &changes, old.loosening.people);
    if args.format.json {
        out.json(&changes)?;
    } else if !changes.is_empty() {
        out.table(&["direction", "what", "change"], &changes.iter().map(row).collect::<Vec<_>>())?;
    }
    let Some(gate) = gate else {
        output::note("nothing loosens: it would be in force at once");
        return Ok(Exit::Done);
    };
    let looser = changes.iter().filter(|change| change.direction == Direction::Loosening).count();
    let (people, delay) = (gate.people, duration::format(gate.delay));
    output::note(&format!(
        "{looser} of {} changes loosen: by the old policy that takes {people} people, and {delay}",
        changes.len()
    ));
    Ok(Exit::No)
}

fn row(change: &Change) -> Vec<String> {
    let direction = match change.direction {
        Direction::Neutral => "neutral",
        Direction::Tightening => "tightening",
        Direction::Loosening => "loosening",
    };
    vec![direction.to_owned(), change.what.clone(), change.text.clone()]
}
