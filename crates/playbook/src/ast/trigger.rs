//! What starts a playbook by itself.

use std::fmt;

use stanch_expression::Expression;
use stanch_model::Span;

use super::Spanned;

/// Runs that a trigger may start in an hour, if it does not say.
pub const PER_HOUR: u32 = 60;

/// Runs that a trigger may start in an hour, at the most.
pub const PER_HOUR_MAX: u32 = 1_000;

/// What starts a playbook by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// What it waits for.
    pub kind: TriggerKind,
    /// Runs that it may start in an hour.
    pub per_hour: u32,
    /// Where it stands.
    pub span: Span,
}

/// What a trigger waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerKind {
    /// A new alert for which this is true; only `alert` is in scope.
    Alert(Spanned<Expression>),
    /// A new incident, or one whose severity rose, for which this is true; only `incident` is in scope.
    Incident(Spanned<Expression>),
    /// A new finding for which this is true; only `finding` is in scope.
    Finding(Spanned<Expression>),
    /// A reported mail for which this is true; only `mail` is in scope.
    Mail(Spanned<Expression>),
    /// A moment.
    Schedule {
        /// Five fields as in cron.
        cron: Spanned<String>,
        /// Name in the IANA time zone database; UTC if absent.
        time_zone: Option<Spanned<String>>,
    },
    /// A signed call of `POST /hooks/NAME`; its JSON body is `webhook`.
    Webhook(Spanned<String>),
}

impl TriggerKind {
    /// The key in the text.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Alert(_) => "alert",
            Self::Incident(_) => "incident",
            Self::Finding(_) => "finding",
            Self::Mail(_) => "mail",
            Self::Schedule { .. } => "schedule",
            Self::Webhook(_) => "webhook",
        }
    }

    /// The condition, if it has one.
    #[must_use]
    pub const fn condition(&self) -> Option<&Spanned<Expression>> {
        match self {
            Self::Alert(condition)
            | Self::Incident(condition)
            | Self::Finding(condition)
            | Self::Mail(condition) => Some(condition),
            Self::Schedule { .. } | Self::Webhook(_) => None,
        }
    }
}

impl fmt::Display for TriggerKind {
    /// As people read it: the condition of an alert, and after its word what else it waits for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert(condition) => f.write_str(condition.value.text()),
            Self::Incident(condition) | Self::Finding(condition) | Self::Mail(condition) => {
                write!(f, "{}: {}", self.word(), condition.value.text())
            }
            Self::Schedule { cron, time_zone } => {
                let zone = time_zone.as_ref().map_or("UTC", |zone| zone.value.as_str());
                write!(f, "schedule: {} ({zone})", cron.value)
            }
            Self::Webhook(name) => write!(f, "webhook: {}", name.value),
        }
    }
}
