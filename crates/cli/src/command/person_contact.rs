//! `person contact`: where somebody is reached. What is not given is left away.

use serde_json::json;

use crate::{
    args::name,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Login name: your own, or for an admin anybody's
    #[arg(value_name = "PERSON", value_parser = name)]
    person: String,
    /// Where notices go; nowhere if absent
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// In which time zone they are written, as in Europe/Berlin; UTC if absent
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({ "email": args.email, "time_zone": args.time_zone });
    let answer = args.connection.open()?.put(&["people", &args.person, "contact"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let (email, zone) = (view::at(&answer, "/email"), view::at(&answer, "/time_zone"));
    out.line(&format!("{}: e-mail {email}, time zone {zone}", args.person))?;
    Ok(Exit::Done)
}
