//! `connector list`.

use serde_json::Value;

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let list = args.connection.open()?.list(&["connectors"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Value>(&list)?.iter().map(row).collect();
    out.table(
        &["CONNECTOR", "KIND", "BY", "ACTIONS", "QUOTA USED", "CREDENTIAL", "BOUND TO"],
        &rows,
    )?;
    Ok(Exit::Done)
}

fn row(connector: &Value) -> Vec<String> {
    let actions = connector["actions"].as_array().map_or(0, Vec::len);
    let practice = if connector["practice"] == true { " (practice)" } else { "" };
    vec![
        view::at(connector, "/name"),
        format!("{}{practice}", view::at(connector, "/connector")),
        view::at(connector, "/transport"),
        actions.to_string(),
        quota(connector),
        view::at(connector, "/credential"),
        view::at(connector, "/bindings"),
    ]
}

/// `17 of 500 a day`.
pub(super) fn quota(connector: &Value) -> String {
    let all = connector["quota"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<String> = all
        .iter()
        .map(|quota| {
            let (used, count) = (view::at(quota, "/used"), view::at(quota, "/count"));
            format!("{used} of {count} a {}", view::at(quota, "/per"))
        })
        .collect();
    if texts.is_empty() { "-".to_owned() } else { texts.join(", ") }
}
