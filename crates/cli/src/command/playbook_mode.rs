//! `playbook mode`.

use serde_json::json;
use stanch_model::{guard::Mode, proposal::Proposal};

use crate::{
    args::{name, word},
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// How far it is trusted: it plans, it asks before every act, or the guard decides
    #[arg(value_name = "MODE", value_parser = word::<Mode>(&["shadow", "assist", "auto"]))]
    mode: Mode,
    /// Why; to trust it further takes a second person and a day, and a reason
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = match &args.reason {
        None => json!({ "mode": args.mode }),
        Some(reason) => json!({ "mode": args.mode, "reason": reason }),
    };
    let answer = args.connection.open()?.put(&["playbooks", &args.name, "mode"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    if answer.get("changes").is_some() {
        let proposal: Proposal = client::typed(&answer)?;
        view::proposal(&proposal).iter().try_for_each(|line| out.line(line))?;
        return Ok(Exit::Done);
    }
    out.line(&format!("{} is in mode {}", args.name, view::at(&answer, "/mode")))?;
    Ok(Exit::Done)
}
