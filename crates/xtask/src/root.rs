//! Where the checkout is.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The top folder of the checkout.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}

/// The text of a file, named from the top folder.
///
/// # Errors
/// A file that cannot be read; the message names it.
pub(crate) fn read(path: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("reading {path}"))
}
