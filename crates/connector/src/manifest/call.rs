//! Whether each request of an action could be sent at all.

use stanch_model::manifest::{ActionManifest, Call, HttpCall, Transport};

use super::{Findings, codes, source::Path};
use crate::render::{Part, parts};

/// Methods that a manifest may use.
pub(crate) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that the client sets itself, or that would change how the request is read.
const HEADERS_KEPT: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "te",
    "transfer-encoding",
];

/// Every request of an action, with the place of its `call`.
pub(super) fn calls<'a>(action: &'a ActionManifest, at: &Path) -> Vec<(Path, &'a Call)> {
    let mut calls = vec![(at.key("call"), &action.call)];
    if let Some(probe) = &action.probe {
        calls.push((at.key("probe").key("call"), &probe.call));
    }
    if let Some(verify) = &action.verify {
        calls.push((at.key("verify").key("call"), &verify.call));
    }
    if let Some(undo) = &action.undo {
        calls.push((at.key("undo").key("call"), &undo.call));
        calls.push((at.key("undo").key("verify").key("call"), &undo.verify.call));
    }
    calls
}

pub(super) fn check(
    transport: Transport,
    action: &ActionManifest,
    at: &Path,
    findings: &mut Findings<'_>,
) {
    for (at, call) in calls(action, at) {
        match (transport, call) {
            (Transport::Http, Call::Http(call)) => http(call, &at.key("http"), findings),
            (Transport::Ssh, Call::Ssh(argv)) => ssh(argv, &at.key("ssh"), findings),
            (Transport::Builtin, Call::Builtin(_)) => {}
            (Transport::Http, _) => mismatch(&at, "http", findings),
            (Transport::Ssh, _) => mismatch(&at, "ssh", findings),
            (Transport::Builtin, _) => mismatch(&at, "builtin", findings),
        }
    }
}

fn mismatch(at: &Path, transport: &str, findings: &mut Findings<'_>) {
    findings.error(
        codes::TRANSPORT,
        at,
        format!("call does not fit `transport: {transport}`"),
        format!("write `{transport}:` here, or change the transport"),
    );
}

fn http(call: &HttpCall, at: &Path, findings: &mut Findings<'_>) {
    if !METHODS.contains(&call.method.as_str()) {
        findings.error(
            codes::REQUEST,
            &at.key("method"),
            format!("`{}` is no method", crate::outside::quote(&call.method)),
            format!("use {}", METHODS.join(", ")),
        );
    }
    path(&call.path, &at.key("path"), findings);
    if call.method == "GET" && call.body.is_some() {
        findings.error_at_key(
            codes::REQUEST,
            &at.key("body"),
            "GET has no body",
            "put the values into the path's query, or use POST",
        );
    }
    for name in call.headers.keys() {
        header(name, &at.key("headers").key(name), findings);
    }
    for (index, status) in call.accept.iter().enumerate() {
        if !(200..=499).contains(status) || (300..400).contains(status) || *status == 429 {
            findings.error(
                codes::REQUEST,
                &at.key("accept").item(index),
                format!("status {status} cannot mean accepted"),
                "list statuses that say what became of the request: 2xx, and 4xx such as 404",
            );
        }
    }
}

/// A path begins with one `/`; expressions come after it and stand for whole segments or values.
fn path(path: &str, at: &Path, findings: &mut Findings<'_>) {
    let mut refuse = |message: String, help: &str| {
        findings.error(codes::REQUEST, at, message, help);
    };
    if !path.starts_with('/') || path.starts_with("//") {
        refuse(
            "path does not begin with one `/`".to_owned(),
            "write `/v1/…`; the host is base_url's",
        );
        return;
    }
    // A text that cannot be split is no template, and said to be none where expressions are read.
    let Ok(parts) = parts(path) else { return };
    for part in parts {
        let Part::Literal(text) = part else { continue };
        if let Some(c) = text.chars().find(|c| !is_path_char(*c)) {
            refuse(
                format!("`{}` cannot stand in a path", c.escape_default()),
                "percent-encode it, or fill it in by `${{ }}`, which does that",
            );
        }
    }
}

const fn is_path_char(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '#' | '\\' | '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}')
}

fn header(name: &str, at: &Path, findings: &mut Findings<'_>) {
    if HEADERS_KEPT.contains(&name.to_ascii_lowercase().as_str()) {
        findings.error_at_key(
            codes::REQUEST,
            at,
            format!("header `{name}` is the client's own"),
            "remove it; the credential, the key and the body's type are set by the client",
        );
    } else if reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_err() {
        findings.error_at_key(
            codes::REQUEST,
            at,
            format!("`{}` is no header name", crate::outside::quote(name)),
            "use letters, digits and `-`",
        );
    }
}

fn ssh(argv: &[String], at: &Path, findings: &mut Findings<'_>) {
    let Some(program) = argv.first() else {
        findings.error(
            codes::REQUEST,
            at,
            "command is empty",
            "write the program and its arguments",
        );
        return;
    };
    if program.is_empty() || program.contains("${{") {
        findings.error(
            codes::REQUEST,
            &at.item(0),
            "program is no fixed text",
            "name the program; only its arguments may be filled in",
        );
    }
}
