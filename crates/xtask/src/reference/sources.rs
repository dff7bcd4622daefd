//! docs/reference/sources.md: the formats that intake reads.

use super::markdown::{code, head, table};

/// The page.
pub(super) fn page() -> anyhow::Result<String> {
    let mut text = head("Sources", "`stanch_ingest::SOURCES`");
    text.push_str(
        "\nThe formats that Stanch reads, in the order in which a record is recognised: the particular \
         before the general. A source's format is said by `sources.NAME.format` in the configuration; a \
         source that is named like a format has that one; else each record is recognised by itself. \
         What no format reads is a dead letter, with its line and the reason.\n\n",
    );
    let rows: Vec<_> = stanch_ingest::SOURCES
        .iter()
        .map(|source| {
            let wraps = if source.is_envelope() {
                "yes: what a more particular format recognises is read as that"
            } else {
                ""
            };
            vec![
                code(source.name()),
                source.title().to_owned(),
                source.spec().to_owned(),
                wraps.to_owned(),
            ]
        })
        .collect();
    text.push_str(&table(&["format", "what it is", "described in", "only wraps others"], &rows));
    text.push_str(
        "\nHow each maps its fields stands at the head of `crates/ingest/src/source/FORMAT/mod.rs`; what \
         comes of real records stands beside the samples in its `corpus/`.\n",
    );
    Ok(text)
}
