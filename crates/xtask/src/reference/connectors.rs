//! docs/reference/connectors.md: the connectors that come along, and what each of their actions promises.

use std::fmt::Write as _;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use stanch_connector::manifest;
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
        connector(&mut text, &manifest)?;
    }
    Ok(text)
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

fn connector(text: &mut String, manifest: &Manifest) -> anyhow::Result<()> {
    let name = &manifest.connector;
    write!(text, "\n## {name}\n\n{}. {}\n\n", manifest.title, manifest.description.trim())?;
    let reached = match manifest.transport {
        Transport::Http => "Reached by HTTP.",
        Transport::Ssh => "Reached by SSH.",
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
        details(text, &format!("{name}.{action}"), manifest)?;
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

fn details(text: &mut String, name: &str, action: &ActionManifest) -> anyhow::Result<()> {
    write!(text, "\n### {name}\n\n{}", properties("input", &action.input))?;
    let output = properties("output", &action.output);
    if action.output.get("properties").is_some() {
        write!(text, "\n{output}")?;
    }
    for example in &action.examples {
        let shown = serde_json::json!({ "with": example.input, "gives": example.output });
        let shown = serde_json::to_string(&shown).context("an example is JSON")?;
        write!(text, "\n{}:\n\n{}", example.title, block("json", &shown))?;
    }
    Ok(())
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
