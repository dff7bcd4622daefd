//! The binary: one file per noun and verb.
//!
//! [`args`] says what can be typed, [`command`] holds one file for each of those, [`output`] is the only
//! place that prints, [`client`] the only one that asks a server. What a command came to is an
//! [`exit::Exit`], and scripts may rely on it.

mod args;
mod cases;
mod catalog;
mod client;
mod command;
mod content;
mod demo;
mod exit;
mod fields;
mod folder;
mod intel;
mod kind;
mod lines;
mod output;
mod scripts;
mod trace;
mod view;
mod walk;

use std::{io, process::ExitCode};

use clap::Parser as _;
use exit::Exit;
use output::Output;

fn main() -> ExitCode {
    match args::Cli::try_parse() {
        Ok(cli) => run(cli).into(),
        Err(error) => {
            // Nobody is left to tell if this cannot be printed.
            drop(error.print());
            u8::try_from(error.exit_code()).map_or(Exit::Usage.into(), ExitCode::from)
        }
    }
}

fn run(cli: args::Cli) -> Exit {
    let mut out = Output::stdout();
    let result = command::run(cli.command, &mut out);
    let result = result.and_then(|exit| Ok(out.flush().map(|()| exit)?));
    match result {
        Ok(exit) => exit,
        // Whoever read us has seen enough (`stanch … | head`).
        Err(error) if is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            output::note(&format!("stanch: {error:#}"));
            exit::of(&error)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
