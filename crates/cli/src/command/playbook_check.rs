//! `playbook check`: what of playbooks would be refused, where, and what mends it.

use stanch_model::Diagnostic;
use stanch_playbook::check::{Context, load_in};

use super::check::{Finding, excerpt};
use crate::{
    catalog,
    exit::{Exit, Usage},
    folder,
    kind::Kind,
    output::{self, Format, Output},
    walk,
};

/// Changes of one file: each mends a finding, and none is made twice.
const FIXES_MAX: usize = 200;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Playbooks, and folders whose playbooks are meant
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// Make the changes that the findings bring along, and write the files
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let files = playbooks(&args.paths)?;
    let (catalog, _) = catalog::with([]);
    let folder = folder::around(files.iter().map(|(path, _)| path.as_str()), &catalog);
    let context = Context::new(&catalog).with_playbooks(&folder);
    let mut findings = Vec::new();
    for (path, text) in files {
        let text = if args.fix { mended(&path, &text, &context)? } else { text };
        for diagnostic in load_in(&text, &context).1 {
            let finding = Finding { path: path.clone(), kind: Kind::Playbook, diagnostic };
            if !args.format.json {
                out.picture(&excerpt(&finding, &text, out.is_terminal()))?;
            }
            findings.push(finding);
        }
    }
    let errors = findings.iter().filter(|finding| finding.diagnostic.is_error()).count();
    if args.format.json {
        out.json(&findings)?;
    } else {
        let warnings = findings.len().saturating_sub(errors);
        output::note(&format!("{errors} errors, {warnings} warnings"));
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::No })
}

/// The playbooks that paths mean: every file that is named, and in folders those that are playbooks.
pub(crate) fn playbooks(paths: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in walk::files(paths, walk::is_yaml)? {
        let text = walk::read_text(&path)?;
        if paths.contains(&path) || Kind::of(&path, &text) == Kind::Playbook {
            files.push((path, text));
        }
    }
    if files.is_empty() {
        return Err(Usage("there is no playbook".to_owned()).into());
    }
    Ok(files)
}

/// The text with every change that a finding brings along; the file is written if there is one.
fn mended(path: &str, text: &str, context: &Context<'_>) -> anyhow::Result<String> {
    let mut now = text.to_owned();
    let mut changes = 0_usize;
    while changes < FIXES_MAX {
        let (_, findings) = load_in(&now, context);
        let errors_first = |d: &&Diagnostic| (!d.is_error(), d.span);
        let mut fixable: Vec<&Diagnostic> = findings.iter().filter(|d| d.fix.is_some()).collect();
        fixable.sort_by_key(errors_first);
        let next = fixable.first().and_then(|found| found.fix.as_ref()?.apply(&now));
        match next.filter(|next| *next != now) {
            Some(next) => now = next,
            None => break,
        }
        changes = changes.saturating_add(1);
    }
    if now != text {
        walk::write(path, &now)?;
        output::note(&format!("{path}: {changes} changes"));
    }
    Ok(now)
}
