//! Reading and checking `connector.yaml`: what would not work as written is refused.
//!
//! Three walks: the text (`source`), its keys (`shape`), its meaning (the rest). Each finds all
//! it can; the next begins only on what the one before let through.

mod call;
mod codes;
mod effect;
mod expressions;
mod schemas;
mod shape;
mod source;

use stanch_model::{
    Diagnostic,
    manifest::{ActionManifest, Manifest, Transport},
};

pub use codes::{CODES, Code};
use source::{Path, Source};

/// Reads a manifest. It is there only if no finding is an error; findings are in the order of the
/// text.
#[must_use]
pub fn load(text: &str) -> (Option<Manifest>, Vec<Diagnostic>) {
    let source = match Source::read(text) {
        Ok(source) => source,
        Err(diagnostic) => return (None, vec![diagnostic]),
    };
    let mut findings = Findings { source: &source, list: Vec::new() };
    let manifest = read(&source, &mut findings);
    let mut list = findings.list;
    list.sort_by_key(|diagnostic| diagnostic.span);
    if list.iter().any(Diagnostic::is_error) { (None, list) } else { (manifest, list) }
}

fn read(source: &Source, findings: &mut Findings<'_>) -> Option<Manifest> {
    let top = Path::default();
    shape::check(&source.value, shape::Kind::Object(&shape::MANIFEST), &top, findings);
    if findings.list.iter().any(Diagnostic::is_error) {
        return None;
    }
    let manifest: Manifest = match serde_json::from_value(source.value.clone()) {
        Ok(manifest) => manifest,
        Err(error) => {
            findings.error(
                codes::WRONG_TYPE,
                &top,
                format!("manifest cannot be read: {error}"),
                "compare it with the reference of manifests",
            );
            return None;
        }
    };
    meaning(&manifest, findings);
    Some(manifest)
}

fn meaning(manifest: &Manifest, findings: &mut Findings<'_>) {
    let top = Path::default();
    name(&manifest.connector, &top.key("connector"), findings);
    let actions = top.key("actions");
    if manifest.actions.is_empty() {
        findings.error_at_key(
            codes::MISSING_KEY,
            &actions,
            "connector has no action",
            "add one below `actions:`",
        );
    }
    for (key, action) in &manifest.actions {
        let at = actions.key(key);
        name(key, &at, findings);
        capability(action, &at, findings);
        let schemas_ok = schemas::check(action, &at, findings);
        call::check(manifest.transport, action, &at, findings);
        effect::check(manifest.transport, action, &at, findings);
        if schemas_ok {
            expressions::check(manifest.transport, action, &at, findings);
        }
        if manifest.transport != Transport::Builtin && schemas_ok {
            schemas::returns(action, &at, findings);
        }
    }
}

/// Names of connectors and actions: what `do: NAME.action` can hold.
fn name(name: &str, at: &Path, findings: &mut Findings<'_>) {
    if !is_name(name) {
        findings.error_at_key(
            codes::NAME,
            at,
            format!("`{}` is no name", crate::outside::quote(name)),
            "use lower case letters, digits and `_`, beginning with a letter, at most 64",
        );
    }
}

fn capability(action: &ActionManifest, at: &Path, findings: &mut Findings<'_>) {
    let Some(capability) = &action.capability else { return };
    let is_one = capability.split_once('.').is_some_and(|(of, verb)| is_name(of) && is_name(verb));
    if !is_one {
        findings.error(
            codes::NAME,
            &at.key("capability"),
            format!("`{}` is no capability", crate::outside::quote(capability)),
            "write it as `firewall.block_address`",
        );
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// What was found so far, and the text to find places in.
struct Findings<'a> {
    source: &'a Source,
    list: Vec<Diagnostic>,
}

impl Findings<'_> {
    /// An error about the value at `path`.
    fn error(
        &mut self,
        code: &str,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let span = self.source.place(path);
        self.list.push(Diagnostic::error(code, span, message, help));
    }

    /// An error about the key of `path`: something is missing there, or it should not be there.
    fn error_at_key(
        &mut self,
        code: &str,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let span = self.source.key(path);
        self.list.push(Diagnostic::error(code, span, message, help));
    }

    /// Something that is no fault yet.
    fn warning(
        &mut self,
        code: &str,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let span = self.source.key(path);
        self.list.push(Diagnostic::warning(code, span, message, help));
    }
}
