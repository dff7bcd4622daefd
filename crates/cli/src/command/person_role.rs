//! `person role`: what somebody may do. To make somebody an admin takes a second person and time.

use serde_json::json;
use stanch_model::{people::Role, proposal::Proposal};

use crate::{
    args::{name, word},
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Login name
    #[arg(value_name = "PERSON", value_parser = name)]
    person: String,
    /// What they may do from now on
    #[arg(value_name = "ROLE", value_parser = word::<Role>(&["viewer", "responder", "admin"]))]
    role: Role,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({ "role": args.role, "reason": args.reason });
    let answer = args.connection.open()?.put(&["people", &args.person, "role"], &body)?;
    if args.format.json {
        out.json(&answer)?;
    } else if answer.get("changes").is_some() {
        let proposal: Proposal = client::typed(&answer)?;
        view::proposal(&proposal).iter().try_for_each(|line| out.line(line))?;
    } else {
        out.line(&format!("{} may do what a {} may", args.person, view::at(&answer, "/role")))?;
    }
    Ok(Exit::Done)
}
