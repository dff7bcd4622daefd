//! Measurements: ratios against a peer or the physical limit, in the same run.
//!
//! What is measured and what it is measured against run in turns (ours, limit, ours, limit, …), so that a
//! machine that slows down slows both. A row gives medians, and the spread of the ratio over the rounds;
//! only the ratio means anything on another machine. Nothing here passes or fails by a wall clock.

mod args;
mod generate;
mod machine;
mod measures;
mod output;
mod process;
mod raw;
mod rounds;
mod rules;
mod setup;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{args::Args, machine::Machine, measures::MEASURES, setup::Setup};

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(peer) = args.peer {
        return process::peer::run(peer, args.rules.as_deref());
    }
    args.check()?;
    let setup = Setup::new(args)?;
    let machine = Machine::of_this_host(&setup.work);
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    for measure in MEASURES.iter().filter(|measure| args.wants(measure.name)) {
        output::say(&format!("{}: {} …", measure.name, measure.about));
        let outcome = (measure.run)(&setup)?;
        rows.extend(outcome.rows);
        skipped.extend(outcome.skipped);
    }
    output::print(&table::text(&machine, &setup, &rows, &skipped))?;
    if args.write {
        let page = table::page(&machine, &setup, &rows, &skipped);
        output::write_page(&page)?;
    }
    Ok(())
}
