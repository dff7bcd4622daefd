//! `playbook schema`: the language as a JSON Schema, for editors.

use stanch_playbook::language::schema::schema;

use crate::{exit::Exit, output::Output};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    out.json(&schema())?;
    Ok(Exit::Done)
}
