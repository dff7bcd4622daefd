//! Planted faults: each is refused, the finding covers the fault, and its fix makes the playbook pass.

use std::{fmt::Write as _, fs, path::PathBuf};

use stanch_model::Diagnostic;

use super::{
    catalog::{catalog, context, folder},
    corpus::covered,
};
use crate::check::{Context, load_in};

/// A playbook with one fault.
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) what: String,
    pub(crate) text: String,
    /// What the finding has to cover.
    place: String,
    /// Byte at which it begins.
    offset: usize,
    /// What a person makes of it, where no fix can.
    mended: Option<String>,
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/planted")).join(name)
}

/// Steps alone become a playbook.
fn whole(text: &str) -> String {
    if text.contains("steps:\n") && text.contains("title") || !text.starts_with("  - ") {
        return text.to_owned();
    }
    format!("playbook: planted\ntitle: Planted\nsteps:\n{text}")
}

pub(crate) fn faults() -> Vec<Fault> {
    let text = fs::read_to_string(file("faults.txt")).unwrap();
    let sections = text.split("=== ").skip(1);
    sections
        .map(|section| {
            let (head, body) = section.split_once('\n').unwrap();
            let (code, what) = head.split_once(' ').unwrap();
            let (body, mended) = match body.split_once("\n---\n") {
                Some((body, mended)) => (format!("{body}\n"), Some(whole(mended))),
                None => (body.to_owned(), None),
            };
            let marked = whole(&body);
            let (before, rest) =
                marked.split_once('«').unwrap_or_else(|| panic!("{what}: no mark"));
            let (place, after) = rest.split_once('»').unwrap();
            Fault {
                code: code.to_owned(),
                what: what.to_owned(),
                text: format!("{before}{place}{after}"),
                place: place.to_owned(),
                offset: before.len(),
                mended,
            }
        })
        .collect()
}

fn offset(text: &str, finding: &Diagnostic) -> usize {
    let line = finding.span.line as usize - 1;
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let line = text.lines().nth(line).unwrap_or_default();
    before + line.chars().take(finding.span.column as usize - 1).map(char::len_utf8).sum::<usize>()
}

fn check(fault: &Fault, context: &Context<'_>) -> Result<String, String> {
    let Fault { code, what, text, place, .. } = fault;
    let (_, findings) = load_in(text, context);
    let [finding] = findings.as_slice() else {
        return Err(format!("{code} {what}: {} findings: {findings:#?}", findings.len()));
    };
    let seen = covered(text, finding);
    if finding.code != *code || seen != *place || offset(text, finding) != fault.offset {
        return Err(format!("{code} {what}: {finding} at `{seen}`, not at `{place}`"));
    }
    let mended = match (&finding.fix, &fault.mended) {
        (Some(fix), None) => fix.apply(text).ok_or("no such place")?,
        (_, Some(mended)) => mended.clone(),
        (None, None) => return Err(format!("{code} {what}: {finding}: no fix ({})", finding.help)),
    };
    let (_, left) = load_in(&mended, context);
    if !left.is_empty() {
        return Err(format!("{code} {what}: mended to\n{mended}\nhas {left:#?}"));
    }
    let by = if fault.mended.is_some() { "a person" } else { "its fix" };
    let level = if finding.is_error() { "" } else { " (warning)" };
    Ok(format!(
        "=== {code} {what}\n{finding}{level}\nhelp: {}\nmended by {by}:\n{mended}",
        finding.help
    ))
}

#[test]
fn planted_faults_are_found_where_they_are_and_their_fix_mends_them() {
    #[expect(clippy::disallowed_methods, reason = "a test asks whether to write what it expects")]
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let catalog = catalog();
    let folder = folder(&catalog);
    let context = context(&catalog, &folder);
    let mut shown = String::new();
    let mut wrong = Vec::new();
    let faults = faults();
    for fault in &faults {
        match check(fault, &context) {
            Ok(text) => write!(shown, "{text}").unwrap(),
            Err(why) => wrong.push(why),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), faults.len(), wrong.join("\n"));
    let by_fix = faults.iter().filter(|fault| fault.mended.is_none()).count();
    println!("{} planted faults, {by_fix} of them mended by their fix", faults.len());
    assert!(by_fix >= 100, "{by_fix}");
    if update {
        fs::write(file("faults.expect"), &shown).unwrap();
    }
    let expect = fs::read_to_string(file("faults.expect")).unwrap_or_default();
    assert!(shown == expect, "not as in faults.expect (UPDATE_EXPECT=1 accepts)");
}
