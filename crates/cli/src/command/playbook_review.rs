//! `playbook review`: a yes or a no to a draft of somebody else.

use serde_json::json;

use crate::{
    args::name,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("verdict").required(true).args(["approve", "deny"])))]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// The version, as `playbook history` numbers it
    #[arg(value_name = "VERSION")]
    version: u32,
    /// It is good
    #[arg(long)]
    approve: bool,
    /// It is not
    #[arg(long, requires = "reason")]
    deny: bool,
    /// Why; kept with the version
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let number = args.version.to_string();
    let body = json!({ "approve": args.approve, "reason": args.reason });
    let path = ["playbooks", &args.name, "versions", &number, "review"];
    let answer = args.connection.open()?.post(&path, &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let state = view::at(&answer, "/state");
    out.line(&format!("version {number} of {} is {state}", args.name))?;
    if answer.pointer("/alone_until").is_some_and(|until| !until.is_null()) {
        let until = view::time_at(&answer, "/alone_until");
        out.line(&format!("nobody else can review it: it can be published from {until} on"))?;
    }
    Ok(Exit::Done)
}
