//! Identifiers: UUIDv7 with a readable prefix, so that two ids can never be swapped.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An id that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is no {what}: expected `{prefix}_` and 32 hexadecimal digits")]
pub struct ParseIdError {
    text: String,
    what: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix that every id of this kind is written with.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a UUID that the caller made.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| ParseIdError {
                        text: text.to_owned(),
                        what: stringify!($name),
                        prefix: $prefix,
                    })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// An alert.
    AlertId, "alr";
    /// An incident.
    IncidentId, "inc";
    /// One execution of one playbook version.
    RunId, "run";
    /// A question put to people about one plan.
    ApprovalId, "apr";
    /// A row of the containment ledger.
    ContainmentId, "ctn";
    /// A person with a login.
    UserId, "usr";
    /// An API or intake token.
    TokenId, "tok";
}

/// Whose data a record is. `default` unless set up otherwise; taken from the caller's
/// credentials, never from a URL.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct TenantId(pub String);

impl Default for TenantId {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an event stands in the intake log: the segment and the record's number in it.
///
/// Written `evt_SEGMENT-SEQUENCE`. Two events never share one, and a restart does not change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EventId {
    /// Number of the segment file, from 1.
    pub segment: u64,
    /// Number of the record in the segment, from 0.
    pub sequence: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "evt_{}-{}", self.segment, self.sequence)
    }
}

impl FromStr for EventId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let parsed = text.strip_prefix("evt_").and_then(|rest| {
            let (segment, sequence) = rest.split_once('-')?;
            Some(Self { segment: segment.parse().ok()?, sequence: sequence.parse().ok()? })
        });
        parsed.ok_or_else(|| ParseIdError { text: text.to_owned(), what: "EventId", prefix: "evt" })
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for EventId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^evt_[0-9]+-[0-9]+$"))
            .into()
    }
}
impl utoipa::ToSchema for EventId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_refuse_each_other() {
        let id = RunId::new(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
        let err = id.to_string().parse::<IncidentId>().unwrap_err();
        assert_eq!(
            err.to_string(),
            "`run_00000000000000000000000000000007` is no IncidentId: expected `inc_` and 32 hexadecimal digits"
        );
        let evt = EventId { segment: 3, sequence: 9 };
        assert_eq!(evt.to_string().parse::<EventId>().unwrap(), evt);
    }
}
