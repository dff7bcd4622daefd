//! `kill-switch show`.

use std::io;

use serde_json::Value;

use crate::{
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.get(&["kill-switch"], &[])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    show(&answer, out)?;
    Ok(Exit::Done)
}

/// Where the switch stands, in a sentence or two.
pub(super) fn show(switch: &Value, out: &mut Output) -> io::Result<()> {
    let engaged = switch.get("engaged").and_then(Value::as_bool).unwrap_or(true);
    let state = if engaged { "on: nothing acts" } else { "off" };
    out.line(&format!("kill switch {state}"))?;
    if switch.get("by").is_some_and(Value::is_string) {
        let (by, at) = (view::at(switch, "/by"), view::time_at(switch, "/at"));
        out.line(&format!("moved by {by} at {at}: {}", view::at(switch, "/reason")))?;
    }
    let in_flight = view::at(switch, "/in_flight");
    if in_flight != "-" {
        out.line(&format!("in flight: {in_flight}"))?;
    }
    Ok(())
}
