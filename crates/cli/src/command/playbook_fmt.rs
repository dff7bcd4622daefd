//! `playbook fmt`: playbooks in their one layout.

use stanch_playbook::fmt;

use super::playbook_check::playbooks;
use crate::{
    exit::Exit,
    output::{self, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Playbooks, and folders whose playbooks are meant
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// Write nothing: print the files that are laid out otherwise, and exit 1 if there are any
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    for (path, text) in playbooks(&args.paths)? {
        let formatted = match fmt::format(&text) {
            Ok(formatted) => formatted,
            Err(error) => {
                output::note(&format!("{path}: {error}"));
                exit = Exit::No;
                continue;
            }
        };
        if formatted == text {
            continue;
        }
        out.line(&path)?;
        if args.check {
            exit = Exit::No;
        } else {
            walk::write(&path, &formatted)?;
        }
    }
    Ok(exit)
}
