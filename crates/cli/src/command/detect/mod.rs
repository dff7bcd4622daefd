//! `detect`: log files through Sigma rules, without a server.
//!
//! [`scan`] reads files and finds, [`show`] prints what was found.

mod scan;
mod show;

use std::{path::Path, sync::Arc};

use stanch_detect::{Detector, RuleSet, is_test_file};
use stanch_ingest::SOURCES;
use stanch_model::Severity;

use self::scan::Scan;
use crate::{
    args::word,
    content,
    exit::{Exit, Usage},
    output::{self, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Log files, folders of them, or `-` for stdin: JSON lists, one JSON object a line, or plain lines
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Folder or file of Sigma rules; may be repeated. The rules that the binary brings along if absent
    #[arg(long, value_name = "DIR")]
    rules: Vec<String>,
    /// Format of the records; recognised record by record if absent
    #[arg(long, value_name = "NAME", value_parser = format_name)]
    format: Option<String>,
    /// Only alerts at least this bad
    #[arg(long, value_name = "SEVERITY", default_value = "info", value_parser = word::<Severity>(&["info", "low", "medium", "high", "critical"]))]
    min_level: Severity,
    /// Print one JSON document a line, one for each alert, instead of a table
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let rules = rules(&args.rules)?;
    let files = files(&args.files)?;
    let mut scan = Scan::new(args, Detector::new(Arc::new(rules)), out);
    for (segment, path) in (1..).zip(&files) {
        scan.file(segment, path)?;
    }
    let Scan { events, alerts, unread, .. } = scan;
    let files = files.len();
    output::note(&format!(
        "{files} files, {events} events, {alerts} alerts, {unread} records unread"
    ));
    Ok(if events == 0 && unread > 0 { Exit::No } else { Exit::Done })
}

fn format_name(text: &str) -> Result<String, String> {
    let known: Vec<&str> = SOURCES.iter().map(|source| source.name()).collect();
    let is_known = known.contains(&text);
    is_known.then(|| text.to_owned()).ok_or_else(|| format!("use one of {}", known.join(", ")))
}

/// The rules of `paths`, or those that the binary brings along. What is refused is said; the rest is used.
fn rules(paths: &[String]) -> anyhow::Result<RuleSet> {
    let texts = if paths.is_empty() {
        content::rules()
    } else {
        let is_rule = |path: &Path| walk::is_yaml(path) && !is_test_file(&path.to_string_lossy());
        let read = |path: String| Ok((path.clone(), walk::read_text(&path)?));
        walk::files(paths, is_rule)?.into_iter().map(read).collect::<anyhow::Result<Vec<_>>>()?
    };
    let (rules, findings) = stanch_detect::load(&texts);
    let mut refused = std::collections::BTreeSet::new();
    for found in findings.iter().filter(|found| found.diagnostic.is_error()) {
        output::note(&format!("{}:{}", found.path, found.diagnostic));
        refused.insert(&found.path);
    }
    let loaded = rules.rules().len();
    if loaded == 0 {
        return Err(Usage(format!("no rule could be loaded from {}", paths.join(", "))).into());
    }
    output::note(&format!("{loaded} rules loaded, {} files refused", refused.len()));
    Ok(rules)
}

/// The files to scan; `-` stays what it is.
fn files(paths: &[String]) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    for path in paths {
        if path == "-" {
            files.push(path.clone());
        } else {
            files.extend(walk::files(std::slice::from_ref(path), |_| true)?);
        }
    }
    if files.is_empty() {
        return Err(Usage("there is no file to scan".to_owned()).into());
    }
    Ok(files)
}
