//! Triage packages: evidence collected from a host; names, sizes and hashes only.

use serde_json::{Value, json};
use stanch_model::canonical;

/// What was collected in one go.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    id: String,
    host: String,
    /// The idempotency key it was collected under.
    pub(crate) key: String,
    files: Vec<Value>,
}

impl Package {
    /// As the API shows it.
    pub(crate) fn view(&self) -> Value {
        json!({ "package": self.id, "host": self.host, "key": self.key, "files": self.files })
    }
}

/// Collects from a host; the same key gives the same package.
pub(crate) fn collect(host: &str, os: &str, key: &str) -> Package {
    let seed = canonical::sha256_bytes(format!("{host} {key}").as_bytes());
    let logs: &[&str] = if os == "windows" {
        &["eventlog/Security.evtx", "eventlog/Sysmon.evtx", "prefetch.zip", "registry/SYSTEM"]
    } else {
        &["log/auth.log", "log/audit.log", "log/journal.export"]
    };
    let files = ["processes.json", "connections.json", "autoruns.json"]
        .iter()
        .chain(logs)
        .map(|name| {
            let sha256 = canonical::sha256_bytes(format!("{seed} {name}").as_bytes());
            let size = u64::from_str_radix(sha256.get(..4).unwrap_or_default(), 16);
            json!({ "name": name, "bytes": 4_096 + size.unwrap_or_default(), "sha256": sha256 })
        })
        .collect();
    Package {
        id: format!("p-{}", seed.get(..12).unwrap_or_default()),
        host: host.to_owned(),
        key: key.to_owned(),
        files,
    }
}
