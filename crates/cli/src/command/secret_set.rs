//! `secret set`: the value comes by standard input or is asked for, so that it stands in no list of
//! processes and in no history of a shell.

use std::io::{IsTerminal as _, Read as _};

use anyhow::Context as _;
use serde_json::json;
use stanch_connector::secrets::SECRET_BYTES_MAX;
use stanch_model::secret::Purpose;
use zeroize::Zeroizing;

use crate::{
    args::{name, word},
    client::Connection,
    exit::{Exit, Usage},
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Its name: a letter, then letters, digits and `_`
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What it is for: a connector's credential (`credential: secret:NAME`), or an input that
    /// playbooks name (`${{ secrets.NAME }}`); needed for the first value only
    #[arg(long = "for", value_name = "PURPOSE", value_parser = word::<Purpose>(&["credential", "input"]))]
    purpose: Option<Purpose>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let value = value(&args.name)?;
    let mut body = json!({ "value": value.as_str() });
    if let Some(purpose) = args.purpose {
        body["purpose"] = json!(purpose);
    }
    let answer = args.connection.open()?.put(&["secrets", &args.name], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let version = view::at(&answer, "/version");
    out.line(&format!("{}: version {version} is in force", args.name))?;
    if answer.get("previous").is_some_and(|previous| !previous.is_null()) {
        let previous = view::at(&answer, "/previous");
        out.line(&format!(
            "version {previous} is kept: `stanch secret confirm {0}` once this one works, or `stanch secret revert {0}`",
            args.name
        ))?;
    }
    Ok(Exit::Done)
}

/// The value: asked for where a person types, read to the end where something is piped in.
fn value(name: &str) -> anyhow::Result<Zeroizing<String>> {
    if std::io::stdin().is_terminal() {
        let typed =
            rpassword::prompt_password(format!("{name}: ")).context("asking for the value")?;
        return Ok(Zeroizing::new(typed));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin()
        .take(SECRET_BYTES_MAX + 2)
        .read_to_end(&mut bytes)
        .context("reading the value from standard input")?;
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_bytes| Usage("the value is no UTF-8 text".to_owned()))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
