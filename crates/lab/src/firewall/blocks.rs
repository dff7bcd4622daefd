//! The table of blocked addresses.

use std::{collections::BTreeMap, time::Duration};

use axum::http::StatusCode;
use ipnet::IpNet;
use serde_json::{Value, json};
use stanch_model::{Time, observable};

use crate::{answer::Answer, state::Stamp};

/// Longest expiry, in seconds: a year.
pub(super) const TTL_SECONDS_MAX: u64 = 31_536_000;
/// Blocks that the table holds.
const BLOCKS_MAX: usize = 100_000;

/// Blocked addresses by their canonical text.
#[derive(Default)]
pub(crate) struct Firewall {
    blocks: BTreeMap<String, Block>,
}

struct Block {
    key: String,
    since: Time,
    expires_at: Option<Time>,
}

impl Block {
    fn is_live(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    fn view(&self, address: &str) -> Value {
        json!({
            "address": address,
            "blocked": true,
            "key": self.key,
            "since": self.since,
            "expires_at": self.expires_at,
        })
    }
}

impl Firewall {
    /// Blocks an address, or renews its expiry.
    pub(crate) fn block(
        &mut self,
        address: &str,
        ttl_seconds: u64,
        stamp: &Stamp<'_>,
    ) -> Result<Answer, Answer> {
        let address = canonical(address)?;
        if ttl_seconds > TTL_SECONDS_MAX {
            return Err(Answer::unreadable(format!("ttl_seconds is at most {TTL_SECONDS_MAX}")));
        }
        self.blocks.retain(|_, block| block.is_live(stamp.at));
        if self.blocks.len() >= BLOCKS_MAX {
            let error = format!("the table holds {BLOCKS_MAX} blocks; lift some");
            return Err(Answer::refusal(StatusCode::INSUFFICIENT_STORAGE, error));
        }
        let ttl = Duration::from_secs(ttl_seconds);
        let block = Block {
            key: stamp.key.to_owned(),
            since: stamp.at,
            expires_at: (ttl_seconds > 0).then(|| stamp.at.plus(ttl)),
        };
        let answer = Answer::ok(block.view(&address));
        if stamp.effective_at.is_some() {
            self.blocks.insert(address, block);
        }
        Ok(answer)
    }

    /// Lifts a block; lifting what is not there is fine.
    pub(crate) fn unblock(&mut self, address: &str, stamp: &Stamp<'_>) -> Result<Answer, Answer> {
        let address = canonical(address)?;
        let was_blocked = self.blocks.get(&address).is_some_and(|block| block.is_live(stamp.at));
        if stamp.effective_at.is_some() {
            self.blocks.remove(&address);
        }
        let body = json!({ "address": address, "blocked": false, "was_blocked": was_blocked });
        Ok(Answer::ok(body))
    }

    /// Whether an address is blocked.
    pub(crate) fn show(&self, address: &str, now: Time) -> Result<Answer, Answer> {
        let address = canonical(address)?;
        if let Some(block) = self.blocks.get(&address).filter(|block| block.is_live(now)) {
            return Ok(Answer::ok(block.view(&address)));
        }
        let error = format!("`{address}` is not blocked");
        let body = json!({ "error": error, "address": address, "blocked": false });
        Err(Answer::new(StatusCode::NOT_FOUND, body))
    }

    /// All live blocks.
    pub(crate) fn list(&self, now: Time) -> Vec<Value> {
        let live = self.blocks.iter().filter(|(_, block)| block.is_live(now));
        live.map(|(address, block)| block.view(address)).collect()
    }
}

/// The one spelling of an address or network: IPv4 where it is one, host bits cleared, no prefix
/// length for a single address.
fn canonical(text: &str) -> Result<String, Answer> {
    let unreadable = || Answer::unreadable(format!("`{text}` is no IP address and no network"));
    if let Some(address) = observable::address(text) {
        return Ok(address.to_string());
    }
    let net = text.parse::<IpNet>().ok().ok_or_else(unreadable)?.trunc();
    let net = match net {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.addr().to_ipv4_mapped() {
            Some(v4) => IpNet::new(v4.into(), v6.prefix_len() - 96).ok().ok_or_else(unreadable)?,
            None => net,
        },
        IpNet::V4(_) | IpNet::V6(_) => net,
    };
    let single = net.prefix_len() == net.max_prefix_len();
    Ok(if single { net.addr().to_string() } else { net.to_string() })
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(super::canonical(text).ok().as_deref(), expect, "{text}");
    }

    #[test]
    fn one_spelling_per_network() {
        check("203.0.113.7", Some("203.0.113.7"));
        check("::ffff:203.0.113.7", Some("203.0.113.7"));
        check("203.0.113.7/32", Some("203.0.113.7"));
        check("203.0.113.7/24", Some("203.0.113.0/24"));
        check("::ffff:203.0.113.7/120", Some("203.0.113.0/24"));
        check("2001:DB8::1/128", Some("2001:db8::1"));
        check("0.0.0.0/0", Some("0.0.0.0/0"));
        check("203.0.113.7/33", None);
        check("printer", None);
    }
}
