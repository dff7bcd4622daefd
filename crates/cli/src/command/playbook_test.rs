//! `playbook test`: the cases beside each playbook, run by the real machine with answers from the file.

use std::{path::Path, sync::Arc};

use stanch_model::{Diagnostic, Span, manifest::Catalog};
use stanch_playbook::{
    check, graph,
    testing::{self, CaseResult},
};

use crate::{
    cases, catalog,
    exit::Exit,
    kind::{self, Kind},
    output::{Format, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Test files (NAME.test.yaml), playbooks with one beside them, or folders; connector manifests in
    /// folders count as well
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let files = cases::files(&args.paths, Kind::PlaybookTest)?;
    let manifests = manifests(&args.paths)?;
    let (catalog, _) = catalog::with(manifests.iter().map(String::as_str));
    cases::report(&files, args.format, out, |test| results(test, &catalog))
}

/// The texts of the connector manifests in `paths`.
fn manifests(paths: &[String]) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for path in walk::files(paths, walk::is_yaml)? {
        let text = walk::read_text(&path)?;
        if Kind::of(&path, &text) == Kind::Manifest {
            texts.push(text);
        }
    }
    Ok(texts)
}

fn results(test: &str, catalog: &Catalog) -> anyhow::Result<Vec<CaseResult>> {
    let subject = kind::subject(test);
    if !Path::new(&subject).is_file() {
        return Ok(vec![cannot_run(format!("the playbook under test, {subject}, is not there"))]);
    }
    let (playbook, findings) = check::load(&walk::read_text(&subject)?, catalog);
    let Some(playbook) = playbook else {
        let first = findings.iter().find(|found| found.is_error());
        let why = first.map(ToString::to_string).unwrap_or_default();
        return Ok(vec![cannot_run(format!("the playbook is refused: {subject}:{why}"))]);
    };
    let graph = match graph::compile(&playbook, catalog) {
        Ok(graph) => Arc::new(graph),
        Err(error) => return Ok(vec![cannot_run(error.to_string())]),
    };
    let (cases, findings) = testing::parse(&walk::read_text(test)?);
    let unread = findings.into_iter().filter(Diagnostic::is_error).map(|found| CaseResult {
        name: found.code.clone(),
        span: found.span,
        ..cannot_run(format!("{}; {}", found.message, found.help))
    });
    let run = cases.iter().map(|case| testing::run(&graph, &playbook, case));
    Ok(unread.chain(run).collect())
}

/// A result that says why there is none.
fn cannot_run(why: String) -> CaseResult {
    CaseResult {
        name: "the cases cannot be run".to_owned(),
        span: Span::on_line(1, 1, 0),
        passed: false,
        differences: vec![why],
        state: None,
        effects: Vec::new(),
    }
}
