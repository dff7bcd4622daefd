//! `secret remove`: over the API; with `--data`, in the folder of a server that cannot start because the
//! key is lost.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::{
    args::name,
    client::Connection,
    exit::{Exit, NotFound, Usage},
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["name", "all"])))]
pub(crate) struct Args {
    /// The secret
    #[arg(value_name = "NAME", value_parser = name)]
    name: Option<String>,
    /// All of them, whatever they are sealed under; takes --data
    #[arg(long, requires = "data")]
    all: bool,
    /// In this data folder, on which no server runs: no key is needed
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let gone = match (&args.data, &args.name) {
        (Some(data), name) => {
            if !data.is_dir() {
                let text = format!("{}: no data folder of `stanch serve`", data.display());
                return Err(NotFound(text).into());
            }
            let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
            let gone = stanch_engine::secrets::forget(data, name.as_deref());
            match runtime.block_on(gone) {
                Ok(gone) => gone,
                Err(error @ stanch_engine::Error::NotFound(_)) => {
                    return Err(NotFound(error.to_string()).into());
                }
                Err(error) => return Err(Usage(error.to_string()).into()),
            }
        }
        (None, Some(name)) => {
            args.connection.open()?.delete(&["secrets", name])?;
            vec![name.clone()]
        }
        (None, None) => return Err(Usage("--all takes --data".to_owned()).into()),
    };
    if args.format.json {
        out.json(&serde_json::json!({ "removed": gone }))?;
        return Ok(Exit::Done);
    }
    for name in &gone {
        out.line(&format!("{name} is forgotten"))?;
    }
    Ok(Exit::Done)
}
