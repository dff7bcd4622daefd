//! `approval show`.

use stanch_model::{ApprovalId, guard::Approval};

use crate::{
    client,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The approval
    #[arg(value_name = "ID")]
    id: ApprovalId,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["approvals", &args.id.to_string()];
    let answer = args.connection.open()?.get(&path, &[])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let approval: Approval = client::typed(&answer)?;
    for line in view::approval(&approval) {
        out.line(&line)?;
    }
    Ok(Exit::Done)
}
