//! `connector show`: what it can do, how each act is looked up, seen and taken back.

use serde_json::Value;

use super::connector_list::quota;
use crate::{
    args::name,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The connector, as `connector list` names it
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let connector = args.connection.open()?.get(&["connectors", &args.name], &[])?;
    if args.format.json {
        out.json(&connector)?;
        return Ok(Exit::Done);
    }
    let at = |pointer: &str| view::at(&connector, pointer);
    out.line(&format!("{}  {}", at("/name"), at("/title")))?;
    out.line(&format!("  {}", at("/description")))?;
    if connector["practice"] == true {
        out.line("  practice target: nothing in it is real")?;
    }
    out.line(&format!("  reached by {} at {}", at("/transport"), at("/base_url")))?;
    out.line(&format!("  credential {}, bound to {}", at("/credential"), at("/bindings")))?;
    out.line(&format!("  quota used: {}", quota(&connector)))?;
    out.line("")?;
    let rows: Vec<Vec<String>> = connector["actions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(row)
        .collect();
    let head =
        ["ACTION", "EFFECT", "ON", "TWICE", "PROBE", "SEEN WITHIN", "ENDS ITSELF", "RATE", "UNDO"];
    out.table(&head, &rows)?;
    Ok(Exit::Done)
}

fn row(action: &Value) -> Vec<String> {
    let is_read = action["effect"] == "read";
    let yes = |pointer: &str| match action.pointer(pointer) {
        Some(Value::Bool(true)) => "yes",
        _ if is_read => "-",
        _ => "no",
    };
    let tells = if action["discloses"] == true { ", tells a third party" } else { "" };
    vec![
        view::at(action, "/name"),
        format!("{}{tells}", view::at(action, "/effect")),
        view::at(action, "/target"),
        view::at(action, "/idempotency"),
        yes("/probe").to_owned(),
        view::at(action, "/verify_within"),
        yes("/native_expiry").to_owned(),
        view::at(action, "/rate_limit"),
        view::at(action, "/undo"),
    ]
}
