//! `sandbox status`: what keeps scripts in on this host, found out by enforcing it.

use std::path::PathBuf;

use serde_json::{Value, json};
use stanch_connector::script::{Layer, Status};
use stanch_model::manifest::Interpreter;

use crate::{
    exit::Exit,
    output::{Format, Output},
    scripts,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let status = runtime.block_on(scripts::of_this_host().status())?;
    if args.format.json {
        out.json(&document(&status))?;
    } else {
        out.table(&["LAYER", "NEEDED", "HERE", ""], &layers(&status))?;
        out.line("")?;
        out.table(&["SCRIPTS IN", "", ""], &interpreters(&status))?;
        if let Err(why) = &status.layers.whole {
            out.line("")?;
            out.line(&format!("no script is run: {why}"))?;
        }
    }
    Ok(if status.is_usable() { Exit::Done } else { Exit::No })
}

fn layers(status: &Status) -> Vec<Vec<String>> {
    let row = |layer: Layer| {
        let needed = if layer.is_always_required() { "always" } else { "if a script says so" };
        let (here, detail) = match status.layers.of(layer) {
            Ok(detail) => ("yes", detail),
            Err(why) => ("no", why.to_owned()),
        };
        vec![layer.to_string(), needed.to_owned(), here.to_owned(), detail]
    };
    Layer::ALL.into_iter().map(row).collect()
}

fn interpreters(status: &Status) -> Vec<Vec<String>> {
    let row = |(interpreter, found): &(Interpreter, Result<PathBuf, String>)| {
        let (here, detail) = match found {
            Ok(path) => ("yes", path.display().to_string()),
            Err(why) => ("no", why.clone()),
        };
        vec![interpreter.word().to_owned(), here.to_owned(), detail]
    };
    status.interpreters.iter().map(row).collect()
}

fn document(status: &Status) -> Value {
    let layer = |layer: Layer| {
        let found = status.layers.of(layer);
        json!({
            "layer": layer.to_string(),
            "always_required": layer.is_always_required(),
            "enforced": found.is_ok(),
            "detail": found.as_ref().ok(),
            "why": found.as_ref().err(),
        })
    };
    let interpreter = |(interpreter, found): &(Interpreter, Result<PathBuf, String>)| {
        json!({
            "interpreter": interpreter.word(),
            "path": found.as_ref().ok(),
            "why": found.as_ref().err(),
        })
    };
    json!({
        "usable": status.is_usable(),
        "why": status.layers.whole.as_ref().err(),
        "layers": Layer::ALL.map(layer),
        "interpreters": status.interpreters.iter().map(interpreter).collect::<Vec<_>>(),
    })
}
