//! Notices: what people are told outside the program.

use serde::{Deserialize, Serialize};

use crate::{NoticeId, TenantId, Time};

/// What happened.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NoticeEvent {
    /// A plan waits for a yes or a no, or a question for an answer.
    Asked,
    /// Nobody answered, and others are asked.
    Escalated,
    /// Nobody has answered, and the time is nearly over.
    Lapsing,
    /// Fewer people exist than are asked for: a delay takes their place.
    Alone,
    /// It could not be found out whether an act happened.
    Unknown,
    /// Somebody proposed what lets the guard through more.
    Proposed,
}

/// Which way a notice goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "by", rename_all = "lowercase")]
pub enum Channel {
    /// A mail to one person.
    Mail {
        /// Login name.
        person: String,
        /// Their address.
        to: String,
    },
    /// A webhook of the configuration.
    Webhook {
        /// Its name.
        name: String,
    },
}

impl Channel {
    /// Who gets it, as a key to count by.
    #[must_use]
    pub fn receiver(&self) -> String {
        match self {
            Self::Mail { to, .. } => format!("mail {to}"),
            Self::Webhook { name } => format!("webhook {name}"),
        }
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoticeState {
    /// It is to be sent.
    Waiting,
    /// It was taken.
    Sent,
    /// It was tried often enough, or cannot be sent as it is.
    Dead,
}

/// One notice to one receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    /// Its id: the same for each repetition, so that a receiver can tell one.
    pub id: NoticeId,
    /// Whose.
    pub tenant: TenantId,
    /// What happened.
    pub event: NoticeEvent,
    /// Id of the thing it is about.
    pub subject: String,
    /// Which way it goes.
    pub channel: Channel,
    /// In one line.
    pub title: String,
    /// Plain text.
    pub text: String,
    /// Where the thing can be looked at; opening it decides nothing.
    pub link: String,
    /// Where it stands.
    pub state: NoticeState,
    /// How often it was tried.
    pub tries: u32,
    /// When it was written.
    pub created_at: Time,
    /// When it is tried next.
    pub due_at: Time,
    /// When it was taken.
    pub sent_at: Option<Time>,
    /// Why it was not taken the last time; empty if it was.
    pub error: String,
}
