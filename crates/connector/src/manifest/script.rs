//! Scripts in a manifest: where their text is, and whether they could be run.

use stanch_model::manifest::{ActionManifest, Call, Manifest, ScriptCall};

use super::{Findings, codes, source::Path};
use crate::script::Grant;

/// Longest script, in bytes.
pub const CODE_BYTES_MAX: usize = 128 * 1024;

/// Puts what is in the files beside the manifest into it.
pub(super) fn take_in(
    manifest: &mut Manifest,
    beside: &dyn Fn(&str) -> Option<String>,
    findings: &mut Findings<'_>,
) {
    for (name, action) in &mut manifest.actions {
        let at = Path::default().key("actions").key(name);
        for (at, script) in scripts(action, &at) {
            take_in_one(script, &at, beside, findings);
        }
    }
}

fn take_in_one(
    script: &mut ScriptCall,
    at: &Path,
    beside: &dyn Fn(&str) -> Option<String>,
    findings: &mut Findings<'_>,
) {
    let Some(name) = &script.file else {
        if script.code.trim().is_empty() {
            let help = "add `code: |` with the script, or `file: NAME` beside the manifest";
            findings.error_at_key(codes::REQUEST, at, "script has no code", help);
        }
        return;
    };
    let path = at.key("file");
    let quoted = crate::outside::quote(name);
    if !script.code.is_empty() {
        let help = "keep one of `code` and `file`";
        findings.error(codes::REQUEST, &path, "script is here and in a file", help);
    } else if !is_plain(name) {
        let message = format!("`{quoted}` is no plain file name");
        findings.error(codes::REQUEST, &path, message, "put the file beside the manifest");
    } else {
        match beside(name) {
            Some(text) if !text.trim().is_empty() => script.code = text,
            Some(_) => {
                let message = format!("the file `{quoted}` is empty");
                findings.error(codes::REQUEST, &path, message, "write the script into it");
            }
            None => {
                let message = format!("there is no file `{quoted}` beside the manifest");
                let help = "put it there, or write the script below `code: |`";
                findings.error(codes::REQUEST, &path, message, help);
            }
        }
    }
}

/// What stands after its text was found.
pub(super) fn check(script: &ScriptCall, at: &Path, findings: &mut Findings<'_>) {
    if script.code.len() > CODE_BYTES_MAX {
        let place = at.key(if script.file.is_some() { "file" } else { "code" });
        let message = format!("script is longer than {} KiB", CODE_BYTES_MAX / 1024);
        findings.error(codes::REQUEST, &place, message, "split it into several actions");
    }
    for (index, host) in script.network.iter().enumerate() {
        if let Err(why) = Grant::parse(host) {
            let place = at.key("network").item(index);
            findings.error(
                codes::REQUEST,
                &place,
                why,
                "write `HOST:PORT`, as `api.example.com:443`",
            );
        }
    }
}

/// Letters, digits, `.`, `-` and `_`, not beginning with a dot.
fn is_plain(name: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=100).contains(&name.len()) && !name.starts_with('.') && name.chars().all(is_fine)
}

/// Every script of an action, with its place.
fn scripts<'a>(action: &'a mut ActionManifest, at: &Path) -> Vec<(Path, &'a mut ScriptCall)> {
    let mut calls = vec![(at.clone(), &mut action.call)];
    if let Some(probe) = &mut action.probe {
        calls.push((at.key("probe"), &mut probe.call));
    }
    if let Some(verify) = &mut action.verify {
        calls.push((at.key("verify"), &mut verify.call));
    }
    if let Some(undo) = &mut action.undo {
        calls.push((at.key("undo").key("verify"), &mut undo.verify.call));
        calls.push((at.key("undo"), &mut undo.call));
    }
    let script = |(at, call): (Path, &'a mut Call)| match call {
        Call::Script(script) => Some((at.key("call").key("script"), script)),
        Call::Http(_)
        | Call::Ssh(_)
        | Call::Ldap(_)
        | Call::Imap(_)
        | Call::Smtp(_)
        | Call::Syslog(_)
        | Call::Builtin(_) => None,
    };
    calls.into_iter().filter_map(script).collect()
}
