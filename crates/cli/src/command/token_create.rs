//! `token create`: prints the secret alone, so that a script can keep it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use stanch_model::{
    event::Trust,
    people::{Role, TokenScope},
};

use crate::{
    args::word,
    client::{self, Client, Connection},
    command::serve,
    exit::{Exit, NotFound},
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("scope").required(true).args(["role", "source", "feed"])))]
pub(crate) struct Args {
    /// Its name, unique; the actor in the audit
    #[arg(long, value_name = "NAME")]
    name: String,
    /// For the API, with this role
    #[arg(long, value_parser = word::<Role>(&["viewer", "responder", "admin"]))]
    role: Option<Role>,
    /// For delivering events to /ingest/NAME, and nothing else
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// How far that source is believed
    #[arg(long, conflicts_with_all = ["role", "feed"], default_value = "medium", value_parser = word::<Trust>(&["low", "medium", "high"]))]
    trust: Trust,
    /// For reading block lists, and nothing else
    #[arg(long)]
    feed: bool,
    /// Make it in this data folder, whether or not `stanch serve` runs on it; without it a server is asked
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let scope = match (args.role, &args.source) {
        (Some(role), _) => TokenScope::Api { role },
        (None, Some(source)) => TokenScope::Intake { source: source.clone(), trust: args.trust },
        (None, None) => TokenScope::Feed,
    };
    let answer = match &args.data {
        Some(data) => in_folder(data, &args.name, scope)?,
        None => ask(&args.connection.open()?, &args.name, &scope)?,
    };
    if args.format.json {
        out.json(&answer)?;
    } else {
        let secret = answer.get("secret").and_then(Value::as_str);
        out.line(secret.context("the answer holds no secret")?)?;
    }
    Ok(Exit::Done)
}

/// By the server that holds the folder, or, if there is none, by opening it.
fn in_folder(data: &Path, name: &str, scope: TokenScope) -> anyhow::Result<Value> {
    if !data.is_dir() {
        return Err(
            NotFound(format!("{}: no data folder of `stanch serve`", data.display())).into()
        );
    }
    let socket = data.join("control.sock");
    if socket.exists() {
        match ask(&Client::over_socket(&socket)?, name, &scope) {
            // A killed server leaves its socket behind.
            Err(client::Error::Unreachable { .. }) => {}
            answer => return Ok(answer?),
        }
    }
    let secret = serve::offline_token(data, name, scope)?;
    Ok(json!({ "secret": secret }))
}

fn ask(client: &Client, name: &str, scope: &TokenScope) -> Result<Value, client::Error> {
    client.post(&["tokens"], &json!({ "name": name, "scope": scope }))
}
