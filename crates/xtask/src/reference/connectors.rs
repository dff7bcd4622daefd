//! docs/reference/connectors.md: the connectors that come along, and what each of their actions promises.

use std::fmt::Write as _;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use stanch_connector::{
    contract::{self, Exchange, Part, Recording},
    manifest,
};
use stanch_model::{
    Diagnostic, duration,
    manifest::{ActionManifest, EffectClass, Idempotency, Manifest, Transport},
};

use super::markdown::{block, code, head, table};
use crate::root::{read, root};

const OF: &str = "content/connectors";

/// The page.
pub(super) fn page() -> anyhow::Result<String> {
    let mut text = head("Connectors", "content/connectors/*/connector.yaml");
    text.push_str(
        "\nThe connectors that are in the binary. An installation names what it uses under `connectors` \
         and `bindings` in its [configuration](configuration.md). A step names a capability \
         (`firewall.block_address`), which the binding leads to a connector, or an action by its own name \
         (`nftables.block`).\n",
    );
    for manifest in manifests()? {
        let recordings = recordings(&manifest.connector)?;
        connector(&mut text, &manifest, &recordings)?;
    }
    Ok(text)
}

/// What was recorded of a connector, by file name.
fn recordings(connector: &str) -> anyhow::Result<Vec<Recording>> {
    let folder = format!("{OF}/{connector}/examples");
    if !root().join(&folder).is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(root().join(&folder)).with_context(|| folder.clone())? {
        files.push(entry?.file_name().to_string_lossy().into_owned());
    }
    files.sort();
    let read = files.iter().map(|file| {
        let path = format!("{folder}/{file}");
        let (recording, findings) = contract::read(&read(&path)?);
        recording.with_context(|| format!("{path}: {findings:?}"))
    });
    read.collect()
}

fn manifests() -> anyhow::Result<Vec<Manifest>> {
    let mut folders: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(root().join(OF)).context("reading content/connectors")? {
        folders.push(entry?.file_name().to_string_lossy().into_owned());
    }
    folders.sort();
    let mut manifests = Vec::new();
    for folder in folders {
        let path = format!("{OF}/{folder}/connector.yaml");
        let (manifest, findings) = manifest::load(&read(&path)?);
        let refused: Vec<&Diagnostic> = findings.iter().filter(|f| f.is_error()).collect();
        ensure!(refused.is_empty(), "{path}: {refused:?}");
        manifests.push(manifest.with_context(|| format!("{path}: no manifest"))?);
    }
    Ok(manifests)
}

fn connector(
    text: &mut String,
    manifest: &Manifest,
    recordings: &[Recording],
) -> anyhow::Result<()> {
    let name = &manifest.connector;
    write!(text, "\n## {name}\n\n{}. {}\n\n", manifest.title, manifest.description.trim())?;
    let reached = match manifest.transport {
        Transport::Http => "Reached by HTTP.",
        Transport::Ssh => "Reached by SSH.",
        Transport::Ldap => "Reached by LDAP.",
        Transport::Imap => "Reached by IMAP.",
        Transport::Smtp => "Reached by SMTP.",
        Transport::Syslog => "Reached by syslog.",
        Transport::Script => "Runs scripts in the sandbox.",
        Transport::Builtin => "Answered by Stanch itself.",
    };
    let practice =
        if manifest.practice { " **Practice target: nothing in it is real.**" } else { "" };
    write!(text, "{reached}{practice}\n\n")?;
    let rows: Vec<_> = manifest.actions.iter().map(|(name, action)| row(name, action)).collect();
    let columns = [
        "action",
        "does",
        "capability",
        "effect",
        "acts on",
        "sent twice",
        "looked up",
        "seen to be done",
        "undo",
        "ends by itself",
    ];
    text.push_str(&table(&columns, &rows));
    for (action, manifest) in &manifest.actions {
        let of: Vec<&Recording> = recordings.iter().filter(|of| of.action == *action).collect();
        details(text, &format!("{name}.{action}"), manifest, &of)?;
    }
    Ok(())
}

fn row(name: &str, action: &ActionManifest) -> Vec<String> {
    let yes = |there: bool| if there { "yes" } else { "no" }.to_owned();
    let is_read = action.effect == EffectClass::Read;
    let effect = match action.effect {
        EffectClass::Read if action.discloses => "read, tells a third party",
        EffectClass::Read if action.own_books => "read, writes into our own books",
        EffectClass::Read => "read",
        EffectClass::Reversible => "reversible",
        EffectClass::Irreversible => "irreversible",
    };
    let twice = match action.idempotency {
        Idempotency::Natural => "is the same as once",
        Idempotency::Key => "is recognised by its key",
        Idempotency::None => "acts twice",
    };
    let verified = match &action.verify {
        Some(verify) => format!("within {}", duration::format(verify.within)),
        None if action.handed_over => "when it is accepted: nobody can be asked".to_owned(),
        None => yes(false),
    };
    let if_act = |text: String| if is_read { String::new() } else { text };
    vec![
        code(name),
        action.title.clone(),
        action.capability.as_deref().map(code).unwrap_or_default(),
        effect.to_owned(),
        action.target.as_ref().map(|target| target.kind.to_string()).unwrap_or_default(),
        twice.to_owned(),
        if_act(yes(action.probe.is_some())),
        if_act(verified),
        if_act(action.undo.as_ref().map_or_else(|| yes(false), |undo| undo.title.clone())),
        if_act(yes(action.native_expiry)),
    ]
}

fn details(
    text: &mut String,
    name: &str,
    action: &ActionManifest,
    recordings: &[&Recording],
) -> anyhow::Result<()> {
    write!(text, "\n### {name}\n\n{}", properties("input", &action.input))?;
    let output = properties("output", &action.output);
    if action.output.get("properties").is_some() {
        write!(text, "\n{output}")?;
    }
    for example in &action.examples {
        let shown = serde_json::json!({ "with": example.input, "gives": example.output });
        let shown = serde_json::to_string(&shown).context("an example is JSON")?;
        write!(text, "\n{}:\n\n{}", example.title, block("json", &shown))?;
        let recording = recordings.iter().find(|recording| recording.example == example.title);
        if let Some(recording) = recording {
            let said: Vec<String> = recording.exchanges.iter().flat_map(said).collect();
            let of = &recording.recorded;
            write!(text, "\nAs it was recorded ({of}):\n\n{}", block("text", &said.join("\n")))?;
        }
    }
    Ok(())
}

/// What was sent in one exchange, a request a line, and what came of it.
fn said(exchange: &Exchange) -> Vec<String> {
    let line = |word: &str, request: &Value, response: &Value| {
        let status = response.get("status").or_else(|| response.get("exit"));
        let status = status.map(ToString::to_string).unwrap_or_default();
        format!("{word:<12}{}  → {status}", sent(request))
    };
    let first = exchange.first.iter().map(|of| line("", &of.request, &of.response));
    let answer = match exchange.done {
        Some(true) => ": there",
        Some(false) => ": not there",
        None => "",
    };
    let answer = match exchange.part {
        Part::UndoVerify if exchange.done == Some(true) => ": gone",
        Part::UndoVerify if exchange.done == Some(false) => ": not gone yet",
        _ => answer,
    };
    let last = line(exchange.part.word(), &exchange.request, &exchange.response);
    first.chain([format!("{last}{answer}")]).collect()
}

/// A request in one line: method, path and body, or the words of a command.
fn sent(request: &Value) -> String {
    let text = |key: &str| request.get(key).and_then(Value::as_str);
    match (text("method"), text("path"), request.as_array()) {
        (Some(method), Some(path), _) => {
            let body = request.get("body").map(|body| format!(" {body}")).unwrap_or_default();
            format!("{method} {path}{body}")
        }
        (_, _, Some(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => request.to_string(),
    }
}

/// The properties of a JSON Schema, one a row.
fn properties(what: &str, schema: &Value) -> String {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let none = serde_json::Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let rows: Vec<_> = properties
        .iter()
        .map(|(name, schema)| {
            let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            let needed =
                if required.contains(&name.as_str()) { "always" } else { "may be left out" };
            vec![code(name), kind(schema), needed.to_owned(), text.to_owned()]
        })
        .collect();
    table(&[what, "type", "there", "meaning"], &rows)
}

fn kind(schema: &Value) -> String {
    let text = |value: &Value| match value {
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => code(text),
        other => code(&other.to_string()),
    };
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().map(text).collect::<Vec<_>>().join(", ");
    }
    if let Some(word) = schema.get("const") {
        return text(word);
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or("any");
    match (kind, schema.get("items"), schema.get("format").and_then(Value::as_str)) {
        ("array", Some(items), _) => format!("array of {}", self::kind(items)),
        (kind, _, Some(format)) => format!("{kind}, {format}"),
        (kind, _, None) => kind.to_owned(),
    }
}
