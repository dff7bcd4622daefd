//! Orders: the things that can be done to the lab, as they are kept in the act log.

use serde::{Deserialize, Serialize};

/// One thing to do. Ids and addresses are as the caller wrote them; `state` reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Order {
    /// Cut a host off; takes effect later.
    IsolateHost {
        /// The host's id or name.
        host: String,
    },
    /// Let a host back; takes effect later.
    ReleaseHost {
        /// The host's id or name.
        host: String,
    },
    /// Collect a package of evidence from a host.
    CollectTriagePackage {
        /// The host's id or name.
        host: String,
    },
    /// Block an address at the firewall.
    BlockAddress {
        /// IPv4, IPv6 or CIDR.
        address: String,
        /// When the firewall itself lifts the block; 0 for never.
        ttl_seconds: u64,
    },
    /// Lift a block.
    UnblockAddress {
        /// IPv4, IPv6 or CIDR.
        address: String,
    },
    /// Disable an account.
    DisableAccount {
        /// The account's name.
        account: String,
    },
    /// Enable an account.
    EnableAccount {
        /// The account's name.
        account: String,
    },
    /// Take a message out of a mailbox.
    QuarantineMessage {
        /// The message's id.
        message: String,
    },
    /// Put a message back.
    RestoreMessage {
        /// The message's id.
        message: String,
    },
}

impl Order {
    /// The host that the order names, if it is one about a host.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::IsolateHost { host }
            | Self::ReleaseHost { host }
            | Self::CollectTriagePackage { host } => Some(host),
            Self::BlockAddress { .. }
            | Self::UnblockAddress { .. }
            | Self::DisableAccount { .. }
            | Self::EnableAccount { .. }
            | Self::QuarantineMessage { .. }
            | Self::RestoreMessage { .. } => None,
        }
    }

    /// Whether the target accepts first and takes effect later.
    #[must_use]
    pub const fn is_asynchronous(&self) -> bool {
        matches!(self, Self::IsolateHost { .. } | Self::ReleaseHost { .. })
    }
}
