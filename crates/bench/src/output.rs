//! What is printed, and the one page that is written.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use anyhow::Context as _;

/// The page, from the top folder.
const PAGE: &str = "docs/reference/measurements.md";

/// Talk goes to stderr.
pub(crate) fn say(text: &str) {
    // Nobody may be listening.
    drop(writeln!(io::stderr(), "bench: {text}"));
}

/// Data goes to stdout.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// Writes the page.
pub(crate) fn write_page(text: &str) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let written =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
    written.with_context(|| format!("writing {PAGE}"))?;
    say(&format!("wrote {PAGE}"));
    Ok(())
}
