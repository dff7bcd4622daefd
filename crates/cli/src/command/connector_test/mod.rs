//! `connector test`: a manifest against its recordings, or against a live target.

mod live;
mod recorded;

use std::{fs, path::Path, path::PathBuf};

use stanch_connector::manifest;
use stanch_model::manifest::Manifest;

use crate::{
    content::{self, Text},
    exit::{Exit, NotFound, Usage},
    output::{Format, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A connector that the binary brings along, or a folder with connector.yaml and examples/
    #[arg(value_name = "NAME")]
    name: String,
    /// Try it at this instance of the configuration instead: reads are made, acts are left out
    #[arg(long, value_name = "INSTANCE")]
    live: Option<String>,
    /// Where the instance is configured
    #[arg(long, value_name = "FILE", default_value = "./data/stanch.yaml", requires = "live")]
    config: PathBuf,
    /// Only this action; may be repeated
    #[arg(long, value_name = "ACTION")]
    action: Vec<String>,
    /// Do acts as well: look up, act, verify, undo. What will be done is said first
    #[arg(long, requires = "live")]
    act: bool,
    /// The input instead of the examples', for one --action
    #[arg(long, value_name = "JSON", requires = "live")]
    with: Option<String>,
    /// Do not ask before acting
    #[arg(long, requires = "act")]
    yes: bool,
    /// Write what was said and heard into this folder, as recordings
    #[arg(long, value_name = "DIR", requires = "live")]
    record: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// A connector with its texts.
struct Subject {
    manifest: Manifest,
    /// `connector.yaml`.
    text: Text,
    /// `examples/*.yaml`.
    recordings: Vec<Text>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let subject = subject(&args.name)?;
    let unknown = args.action.iter().find(|name| !subject.manifest.actions.contains_key(*name));
    if let Some(name) = unknown {
        let known: Vec<&str> = subject.manifest.actions.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(NotFound(format!("no action `{name}`; there are {known}")).into());
    }
    match &args.live {
        Some(instance) => live::run(&subject, instance, args, out),
        None => recorded::run(&subject, args, out),
    }
}

impl Args {
    fn wants(&self, action: &str) -> bool {
        self.action.is_empty() || self.action.iter().any(|name| name == action)
    }
}

fn subject(name: &str) -> anyhow::Result<Subject> {
    let (text, recordings) = if Path::new(name).join("connector.yaml").is_file() {
        from_folder(Path::new(name))?
    } else {
        let found = content::connector(name);
        let all = || content::manifests().into_iter();
        let known = all().filter_map(|(path, _)| Some(path.split('/').nth(2)?.to_owned()));
        let missing = || {
            let known = known.collect::<Vec<_>>().join(", ");
            NotFound(format!(
                "no connector `{name}` and no folder with connector.yaml; there are {known}"
            ))
        };
        found.ok_or_else(missing)?
    };
    let (manifest, findings) = manifest::load(&text.1);
    let Some(manifest) = manifest else {
        let first = findings.iter().find(|finding| finding.is_error());
        let first = first.map(ToString::to_string).unwrap_or_default();
        return Err(Usage(format!("{}:{first}: `stanch check` says it all", text.0)).into());
    };
    Ok(Subject { manifest, text, recordings })
}

fn from_folder(folder: &Path) -> anyhow::Result<(Text, Vec<Text>)> {
    let path = folder.join("connector.yaml").display().to_string();
    let text = walk::read_text(&path)?;
    let examples = folder.join("examples");
    let mut recordings = Vec::new();
    if examples.is_dir() {
        let mut paths: Vec<PathBuf> = fs::read_dir(&examples)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()?;
        paths.sort();
        for path in paths.iter().filter(|path| walk::is_yaml(path)) {
            let path = path.display().to_string();
            recordings.push((path.clone(), walk::read_text(&path)?));
        }
    }
    Ok(((path, text), recordings))
}
