//! `secret rotate-key`: by whoever may open the data folder, at the server that holds it.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{
    client::{self, Client},
    exit::{Exit, NotFound},
    output::{Format, Output, note},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The data folder of the running server
    #[arg(long, value_name = "DIR", default_value = "./data")]
    data: PathBuf,
    /// The new key: file:PATH, env:NAME (of the server), or either after passphrase:; a new one in
    /// DIR/secrets.key if absent
    #[arg(long, value_name = "KEY")]
    to: Option<String>,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let socket = args.data.join("control.sock");
    let asked =
        Client::over_socket(&socket)?.post(&["secrets", "rotate-key"], &json!({ "to": args.to }));
    let answer = match asked {
        Err(client::Error::Unreachable { .. }) => {
            let data = args.data.display();
            return Err(NotFound(format!(
                "no server runs on {data}: start it, or name the new key under `secrets.key` and the old one under \
                 `secrets.previous`, which seals everything anew at the start"
            ))
            .into());
        }
        answer => answer?,
    };
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let (key, values) = (view::at(&answer, "/key"), view::at(&answer, "/values"));
    out.line(&format!(
        "{values} values are sealed under the key {key}; the one before opens nothing"
    ))?;
    if let Some(next) = answer.get("next").and_then(Value::as_str) {
        note(&format!("before the next start: {next}"));
    }
    Ok(Exit::Done)
}
