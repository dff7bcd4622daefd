//! `check`: what of playbooks, manifests, rules and their tests would be refused, and why.
//!
//! [`Kind`] tells what a file is, [`catalog`] what steps may name, [`report`] how findings look.

mod report;

use serde::Serialize;
use stanch_detect::ruletest;
use stanch_model::{Diagnostic, Span};

use crate::{
    catalog,
    exit::{Exit, Usage},
    kind::Kind,
    output::{self, Format, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Files, and folders whose .yaml and .yml files are meant
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    format: Format,
}

/// A file to check.
struct File {
    path: String,
    kind: Kind,
    text: String,
    /// Where the text stops being UTF-8.
    garbled: Option<Span>,
}

/// A finding and the file it is in.
#[derive(Serialize)]
struct Finding {
    path: String,
    kind: Kind,
    #[serde(flatten)]
    diagnostic: Diagnostic,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    files: usize,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let paths = walk::files(&args.paths, walk::is_yaml)?;
    if paths.is_empty() {
        return Err(Usage("there is no .yaml file to check".to_owned()).into());
    }
    let files = paths.into_iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let findings = findings(&files);
    let errors = findings.iter().filter(|finding| finding.diagnostic.is_error()).count();
    let warnings = findings.len().saturating_sub(errors);
    if args.format.json {
        out.json(&Report { files: files.len(), errors, warnings, findings })?;
    } else {
        for finding in &findings {
            let file = files.iter().find(|file| file.path == finding.path);
            report::print(finding, file.map_or("", |file| file.text.as_str()), out)?;
        }
        let files = files.len();
        output::note(&format!("{files} files checked: {errors} errors, {warnings} warnings"));
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::No })
}

fn read(path: String) -> anyhow::Result<File> {
    let bytes = walk::read(&path)?;
    let garbled = std::str::from_utf8(&bytes).err().map(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        place_after(&String::from_utf8_lossy(before))
    });
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(File { kind: Kind::of(&path, &text), path, text, garbled })
}

/// The place of what stands after `text`.
fn place_after(text: &str) -> Span {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    let last = text.rsplit('\n').next().unwrap_or_default();
    Span::on_line(number(text.matches('\n').count()), number(last.chars().count()), 1)
}

/// All findings, in the order of the files, then of the lines.
fn findings(files: &[File]) -> Vec<Finding> {
    let readable = || files.iter().filter(|file| file.garbled.is_none());
    let manifests = || readable().filter(|file| file.kind == Kind::Manifest);
    let (catalog, found) = catalog::with(manifests().map(|file| file.text.as_str()));
    let mut findings: Vec<Finding> =
        manifests().zip(found).flat_map(|(file, found)| file.findings(found)).collect();
    let rules = readable().filter(|file| file.kind == Kind::Rule);
    let rules: Vec<_> = rules.map(|file| (file.path.clone(), file.text.clone())).collect();
    let (_, refused) = stanch_detect::load(&rules);
    findings.extend(refused.into_iter().map(|found| Finding {
        path: found.path,
        kind: Kind::Rule,
        diagnostic: found.diagnostic,
    }));
    for file in readable() {
        let found = match file.kind {
            Kind::Playbook => stanch_playbook::check::load(&file.text, &catalog).1,
            Kind::RuleTest => rule_test(&file.text),
            Kind::PlaybookTest => stanch_playbook::testing::parse(&file.text).1,
            Kind::Manifest | Kind::Rule => Vec::new(),
        };
        findings.extend(file.findings(found));
    }
    findings.extend(files.iter().filter_map(|file| {
        let code = file.kind.unreadable();
        let text = "the file is no UTF-8 from here on";
        let help = "save it as UTF-8";
        file.garbled.map(|span| file.finding(Diagnostic::error(code, span, text, help)))
    }));
    let order = |path: &str| files.iter().position(|file| file.path == path);
    findings.sort_by_cached_key(|finding| {
        (order(&finding.path), finding.diagnostic.span, finding.diagnostic.code.clone())
    });
    findings
}

impl File {
    fn finding(&self, diagnostic: Diagnostic) -> Finding {
        Finding { path: self.path.clone(), kind: self.kind, diagnostic }
    }

    fn findings(&self, found: Vec<Diagnostic>) -> impl Iterator<Item = Finding> {
        found.into_iter().map(|diagnostic| self.finding(diagnostic))
    }
}

/// Whether the test file of a rule can be read; whether its cases pass is for `rule test`.
fn rule_test(text: &str) -> Vec<Diagnostic> {
    let no_rule = "title: t\nid: 00000000-0000-4000-8000-000000000000\nlogsource: { product: none }\n\
                   detection: { s: { a: b }, condition: s }\n";
    let unread = |_: &str, _: &str| Err("not read by check".to_owned());
    let results = ruletest::run(no_rule, text, &unread);
    let shape = results.into_iter().filter(|result| result.name == "TS0101");
    let help = "write a list of cases with `name`, `events` and `match`";
    shape.map(|result| Diagnostic::error("TS0101", result.span, result.message, help)).collect()
}
