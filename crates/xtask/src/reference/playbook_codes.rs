//! docs/reference/codes/: a page for each code of playbooks, with planted faults and what mends them.

use std::fmt::Write as _;

use anyhow::{Context as _, ensure};
use stanch_playbook::check::codes::{CODES, Entry};

use super::markdown::{block, capital, head};
use crate::root::read;

const FAULTS: &str = "crates/playbook/corpus/planted/faults.txt";
const EXPECT: &str = "crates/playbook/corpus/planted/faults.expect";

/// A planted fault, as the tests saw it.
struct Planted {
    code: String,
    what: String,
    text: String,
    finding: String,
    help: String,
    mended: String,
}

/// The pages, by path.
pub(super) fn pages() -> anyhow::Result<Vec<(String, String)>> {
    let planted = planted()?;
    let page = |entry: &Entry| {
        let path = format!("docs/reference/codes/{}.md", entry.code);
        Ok((path, page(entry, &planted)?))
    };
    CODES.iter().map(page).collect()
}

fn page(entry: &Entry, planted: &[Planted]) -> anyhow::Result<String> {
    let Entry { code, title, explanation } = entry;
    let from = "crates/playbook/src/check/codes.rs and crates/playbook/corpus/planted/";
    let mut text = head(&format!("{code}: {title}"), from);
    write!(text, "\n{explanation}\n")?;
    let own: Vec<&Planted> = planted.iter().filter(|fault| fault.code == *code).collect();
    ensure!(!own.is_empty(), "{FAULTS} has no fault with {code}");
    for Planted { what, text: faulty, finding, help, mended, .. } in own {
        write!(text, "\n## {}\n\n{}", capital(what), block("yaml", faulty))?;
        write!(
            text,
            "\n{}\nTo mend it:\n\n{}",
            block("text", &format!("{finding}\n  help: {help}")),
            block("yaml", mended)
        )?;
    }
    Ok(text)
}

fn planted() -> anyhow::Result<Vec<Planted>> {
    let faults = read(FAULTS)?;
    let expect = read(EXPECT)?;
    let mut planted = Vec::new();
    for (fault, seen) in sections(&faults).zip(sections(&expect)) {
        let (head, body) = fault.split_once('\n').context("a fault has a head")?;
        let (same, seen) = seen.split_once('\n').context("what was seen has a head")?;
        ensure!(head == same, "{EXPECT} is not of {FAULTS}: {head}, {same}");
        let (code, what) = head.split_once(' ').context("a head is a code and words")?;
        let (finding, seen) = seen.split_once("\nhelp: ").context("a finding has a help")?;
        let (help, mended) = seen.split_once("\nmended by ").context("a fault is mended")?;
        let (_, mended) = mended.split_once(":\n").context("a mended text follows")?;
        let body = body.split("\n---\n").next().unwrap_or(body).replace(['«', '»'], "");
        planted.push(Planted {
            code: code.to_owned(),
            what: what.to_owned(),
            text: whole(&body),
            finding: finding.to_owned(),
            help: help.to_owned(),
            mended: mended.to_owned(),
        });
    }
    Ok(planted)
}

fn sections(text: &str) -> impl Iterator<Item = &str> {
    text.split("=== ").skip(1)
}

/// Steps alone become a playbook, as in the tests.
fn whole(text: &str) -> String {
    if text.starts_with("  - ") {
        return format!("playbook: planted\ntitle: Planted\nsteps:\n{text}");
    }
    text.to_owned()
}
