//! A small installation to check against: an EDR, a firewall, a mailbox, and a directory that
//! nothing is bound to.

use serde_json::{Value, json};
use stanch_model::manifest::{Catalog, Instance, Manifest};

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object", "additionalProperties": false,
        "properties": properties, "required": required,
    })
}

fn action(
    title: &str,
    capability: &str,
    effect: &str,
    target: Option<(&str, &str)>,
    schemas: [Value; 2],
) -> Value {
    let [input, output] = schemas;
    let call = json!({ "http": { "method": "POST", "path": "/" } });
    let mut action = json!({
        "title": title, "capability": capability, "effect": effect, "idempotency": "natural",
        "target": target.map(|(kind, input)| json!({ "kind": kind, "input": input })), "input": input, "output": output, "call": call.clone(),
    });
    if effect == "reversible" {
        let verify = json!({ "call": call, "done": "true" });
        action["undo"] = json!({ "title": "take it back", "call": call, "verify": verify });
    }
    action
}

fn manifest(name: &str, actions: &Value) -> Manifest {
    serde_json::from_value(json!({
        "connector": name, "title": name, "description": "for tests", "transport": "http",
        "actions": actions,
    }))
    .unwrap()
}

fn edr() -> Manifest {
    let text = json!({ "type": "string" });
    let found = json!({ "found": { "type": "boolean" }, "host": text, "owner": text });
    let address = json!({ "address": { "type": "string", "description": "IPv4 or IPv6" } });
    let host = json!({ "host": text, "reason": text });
    let package = json!({ "host": text, "parts": { "type": "array", "items": text },
        "size_mb_max": { "type": "integer", "minimum": 1, "maximum": 500 } });
    manifest(
        "lab_edr",
        &json!({
            "find_host": action("Find a host", "edr.find_host", "read", None,
                [object(&address, &["address"]), object(&found, &[])]),
            "isolate_host": action("Isolate a host", "edr.isolate_host", "reversible",
                Some(("host", "host")),
                [object(&host, &["host"]), object(&json!({ "job": text }), &[])]),
            "collect": action("Collect a package", "edr.collect", "read", None,
                [object(&package, &["host"]), json!({ "type": "object" })]),
        }),
    )
}

fn others() -> [Manifest; 4] {
    let text = json!({ "type": "string" });
    let rule = object(&json!({ "rule": text }), &[]);
    let block = object(
        &json!({ "address": text, "direction": { "enum": ["in", "out", "both"] } }),
        &["address"],
    );
    let user = object(&json!({ "user": text }), &["user"]);
    let message = object(&json!({ "message": text }), &["message"]);
    let verdict = object(
        &json!({
            "verdict": { "enum": ["malicious", "suspicious", "unknown"] },
            "confidence": { "type": "integer" }, "sources": { "type": "array", "items": text },
        }),
        &[],
    );
    let value = object(&json!({ "value": text }), &["value"]);
    [
        manifest(
            "lab_firewall",
            &json!({
                "block_address": action("Block an address", "firewall.block_address", "reversible",
                    Some(("ip", "address")), [block, rule]),
            }),
        ),
        manifest(
            "lab_directory",
            &json!({
                "disable_user": action("Disable a user", "directory.disable_user", "reversible",
                    Some(("user", "user")), [user, json!({ "type": "object" })]),
            }),
        ),
        manifest(
            "lab_mailbox",
            &json!({
                "delete_message": action("Delete a message", "mail.delete_message", "irreversible",
                    Some(("user", "message")), [message, json!({ "type": "object" })]),
            }),
        ),
        manifest(
            "lab_intel",
            &json!({
                "lookup": action("Look a value up", "intel.lookup", "read", None, [value, verdict]),
            }),
        ),
    ]
}

/// The installation.
pub(crate) fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    for manifest in others().into_iter().chain([edr()]) {
        catalog.manifests.insert(manifest.connector.clone(), manifest);
    }
    for (instance, connector, capabilities) in [
        ("edr-1", "lab_edr", &["edr.find_host", "edr.isolate_host", "edr.collect"][..]),
        ("edge", "lab_firewall", &["firewall.block_address"]),
        ("mailbox", "lab_mailbox", &["mail.delete_message"]),
        ("intel", "lab_intel", &["intel.lookup"]),
    ] {
        let made = json!({ "name": instance, "connector": connector });
        let made: Instance = serde_json::from_value(made).unwrap();
        catalog.instances.insert(instance.to_owned(), made);
        for capability in capabilities {
            catalog.bindings.insert((*capability).to_owned(), instance.to_owned());
        }
    }
    catalog
}
