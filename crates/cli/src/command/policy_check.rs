//! `policy check`: what of a policy would be refused, and whom its rights limit.

use serde::Serialize;
use stanch_guard::{Policy, file};
use stanch_model::Diagnostic;

use super::check::report;
use crate::{
    exit::Exit,
    output::{self, Format, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A policy file, or a configuration with a `policy` section
    #[arg(value_name = "FILE")]
    path: String,
    #[command(flatten)]
    format: Format,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    findings: Vec<Diagnostic>,
    /// Kinds of parties that need a permit; none if the policy is refused.
    limited: Option<Vec<&'static str>>,
    /// The policy as it was read, what is built in left out; none if it is refused.
    policy: Option<Policy>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let text = walk::read_text(&args.path)?;
    let (policy, findings) = file::load(&text);
    let limited = policy.as_ref().map(|policy| policy.rights.limited());
    let exit = if policy.is_some() { Exit::Done } else { Exit::No };
    if args.format.json {
        out.json(&Report { findings, limited, policy })?;
        return Ok(exit);
    }
    for finding in &findings {
        report::print(&args.path, finding, &text, out)?;
    }
    match limited {
        None => output::note("the policy is refused"),
        Some(kinds) if kinds.is_empty() => {
            output::note("the policy can be used; its rights limit nobody")
        }
        Some(kinds) => {
            output::note(&format!("the policy can be used; its rights limit {}", kinds.join(", ")));
        }
    }
    Ok(exit)
}

/// The policy of a file.
///
/// # Errors
/// A file that cannot be read. A policy that is refused is none: its findings have been printed.
pub(super) fn read(path: &str, out: &mut Output) -> anyhow::Result<Option<Policy>> {
    let text = walk::read_text(path)?;
    let (policy, findings) = file::load(&text);
    for finding in findings.iter().filter(|finding| finding.is_error()) {
        report::print(path, finding, &text, out)?;
    }
    Ok(policy)
}
