//! `playbook diff`: what is different between two versions; exits 1 if anything is.

use stanch_model::version::{Difference, VersionDiff};

use crate::{
    args::name,
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// The one version, as `playbook history` numbers it
    #[arg(value_name = "V1")]
    from: u32,
    /// The other
    #[arg(value_name = "V2")]
    to: u32,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let (from, to) = (args.from.to_string(), args.to.to_string());
    let path = ["playbooks", &args.name, "versions", &from, "diff", &to];
    let answer = args.connection.open()?.get(&path, &[])?;
    let diff: VersionDiff = client::typed(&answer)?;
    if args.format.json {
        out.json(&answer)?;
    } else {
        diff.text.lines().try_for_each(|line| out.line(line))?;
        for change in &diff.changes {
            lines(change).iter().try_for_each(|line| out.line(line))?;
        }
    }
    Ok(if diff.text.is_empty() { Exit::Done } else { Exit::No })
}

fn lines(change: &Difference) -> Vec<String> {
    let Difference { what, at, before, after } = change;
    let name = if at.is_empty() { what.clone() } else { format!("{what} {at}") };
    let mut lines = vec![match (before, after) {
        (None, _) => format!("new: {name}"),
        (_, None) => format!("gone: {name}"),
        (Some(_), Some(_)) => format!("changed: {name}"),
    }];
    lines.extend(before.iter().map(|before| format!("    before: {before}")));
    lines.extend(after.iter().map(|after| format!("    after:  {after}")));
    lines
}
