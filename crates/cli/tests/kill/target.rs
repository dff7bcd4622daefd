//! The target's own log of what was done to it: the one witness that the server cannot talk to.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{http::Peer, support::Lab};

/// A lab, and its log as far as it was read.
pub(crate) struct Target {
    lab: Lab,
    peer: Peer,
    log: PathBuf,
    offset: u64,
    acts: Vec<Act>,
}

/// One request to act, as the target wrote it down before it answered.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) key: String,
    /// `block_address 198.18.0.1`
    pub(crate) what: String,
    pub(crate) outcome: String,
    /// The failure that the target was told to show.
    pub(crate) failure: String,
}

impl Act {
    /// Whether something was done, not only asked for.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.outcome.as_str(), "acted" | "never_finishes")
    }
}

impl Target {
    pub(crate) fn start(folder: &Path) -> Self {
        let lab = Lab::start(folder);
        let port = lab.url.rsplit(':').next().unwrap().parse().unwrap();
        let peer = Peer { port, token: String::new() };
        Self { lab, peer, log: folder.join("acts.ndjson"), offset: 0, acts: Vec::new() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.lab.url
    }

    /// Reads on to the end of the log; returns what is new.
    pub(crate) fn read_on(&mut self) -> &[Act] {
        let known = self.acts.len();
        let mut text = Vec::new();
        if let Ok(mut file) = File::open(&self.log) {
            file.seek(SeekFrom::Start(self.offset)).unwrap();
            file.read_to_end(&mut text).unwrap();
        }
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        self.offset += whole as u64;
        let lines = text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        self.acts.extend(lines.map(|line| read(&serde_json::from_slice(line).unwrap())));
        &self.acts[known..]
    }

    /// Everything in the log.
    pub(crate) fn acts(&mut self) -> &[Act] {
        self.read_on();
        &self.acts
    }

    /// How often each idempotency key was acted on.
    pub(crate) fn done(&mut self) -> BTreeMap<String, u32> {
        let mut done = BTreeMap::new();
        for act in self.acts().iter().filter(|act| act.is_done()) {
            *done.entry(act.key.clone()).or_default() += 1;
        }
        done
    }

    /// Spoils the next `times` answers to requests whose method and path hold `to`.
    pub(crate) fn spoil(&self, to: &str, mode: &str, times: u32, delay_ms: u32) {
        let rule = json!({ "match": to, "mode": mode, "times": times, "delay_ms": delay_ms });
        let (status, body) = self.peer.post("/lab/failures", &rule).unwrap();
        assert_eq!(status, 201, "{body}");
    }

    /// Behaves from now on.
    pub(crate) fn behave(&self) {
        let (status, body) = self.peer.send("DELETE", "/lab/failures", b"").unwrap();
        assert_eq!(status, 200, "{body}");
    }

    /// What is contained now: blocked addresses and hosts that are not connected.
    pub(crate) fn contained(&self) -> Vec<String> {
        let list = |path: &str| self.peer.get(path).unwrap().1["items"].as_array().unwrap().clone();
        let blocked = list("/firewall/v1/blocked-addresses")
            .into_iter()
            .map(|block| format!("ip:{}", block["address"].as_str().unwrap()));
        let hosts = list("/edr/v1/hosts").into_iter();
        let isolated = hosts
            .filter(|host| host["isolation"]["state"] != "connected")
            .map(|host| format!("host:{}", host["name"].as_str().unwrap()));
        blocked.chain(isolated).collect()
    }
}

fn read(line: &Value) -> Act {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let order = &line["order"];
    let object = order.get("address").or_else(|| order.get("host")).unwrap_or(&Value::Null);
    Act {
        key: text(&line["key"]),
        what: format!("{} {}", text(&order["do"]), text(object)),
        outcome: text(&line["outcome"]),
        failure: text(&line["failure"]),
    }
}
