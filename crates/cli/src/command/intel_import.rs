//! `intel import`: what a file of indicators comes to.

use std::collections::BTreeMap;

use serde::Serialize;
use stanch_intel::{Kind, import::LeftOut};

use crate::{
    exit::Exit,
    intel::Reading,
    output::{self, Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A STIX 2.1 bundle, events of MISP, a MISP warning list, a KEV catalogue, a table, or one value per line
    #[arg(value_name = "FILE")]
    path: String,
    /// Only say what the file comes to, and keep nothing; exits 1 if parts of it cannot be matched
    #[arg(long, required = true)]
    check: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    format: Format,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    format: &'static str,
    /// Claims by the kind of their value.
    claims: BTreeMap<Kind, usize>,
    /// Claims that hold at the moment that is meant.
    in_force: usize,
    withdrawn: usize,
    sightings: usize,
    vulnerabilities: usize,
    /// What else the file holds, by type.
    others: BTreeMap<String, usize>,
    left_out: LeftOut,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let (format, import) = args.reading.read(&args.path)?;
    let now = args.reading.now();
    let mut claims: BTreeMap<Kind, usize> = BTreeMap::new();
    for (value, _) in &import.claims {
        let count = claims.entry(value.kind()).or_default();
        *count = count.saturating_add(1);
    }
    let report = Report {
        format: format.word(),
        claims,
        in_force: import.claims.iter().filter(|(_, claim)| claim.is_in_force(now)).count(),
        withdrawn: import.withdrawn.len(),
        sightings: import.sightings.len(),
        vulnerabilities: import.vulnerabilities.len(),
        others: import.others,
        left_out: import.left_out,
    };
    let exit = if report.left_out.count == 0 { Exit::Done } else { Exit::No };
    if args.format.json {
        out.json(&report)?;
    } else {
        print(&args.path, &report, out)?;
    }
    Ok(exit)
}

fn print(path: &str, report: &Report, out: &mut Output) -> anyhow::Result<()> {
    for part in &report.left_out.parts {
        out.line(&format!("{path}: {part}"))?;
    }
    let unnamed = report.left_out.count.saturating_sub(report.left_out.parts.len());
    if unnamed > 0 {
        out.line(&format!("{path}: and {unnamed} more"))?;
    }
    let others = report.others.iter().map(|(kind, count)| (format!("other: {kind}"), *count));
    let counted = [
        ("claims in force", report.in_force),
        ("withdrawn", report.withdrawn),
        ("sightings", report.sightings),
        ("vulnerabilities", report.vulnerabilities),
    ];
    let counted = counted.into_iter().map(|(what, count)| (what.to_owned(), count));
    let kinds = report.claims.iter().map(|(kind, count)| (kind.to_string(), *count));
    let all = kinds.chain(counted).chain(others).filter(|(_, count)| *count > 0);
    let rows: Vec<Vec<String>> = all.map(|(what, count)| vec![what, count.to_string()]).collect();
    out.table(&["what", "count"], &rows)?;
    let (format, left_out) = (report.format, report.left_out.count);
    let claims: usize = report.claims.values().sum();
    output::note(&format!("read as {format}: {claims} claims, {left_out} parts left out"));
    Ok(())
}
