//! Deduplication: the same finding about the same thing within the window is one alert, counted.

use std::time::Duration;

use stanch_detect::Detection;
use stanch_model::{
    Alert, Event, alert::EVENTS_MAX, canonical, event::Common, observable::address,
};

/// How long after it was last seen the same finding still counts as the same alert.
pub(super) const WINDOW: Duration = Duration::from_secs(3_600);

/// The key: the rule and the entities, or the rule and what a correlation grouped by. Each trust level
/// has alerts of its own, for an alert is believed as its first event is.
pub(super) fn key(event: &Event, detection: &Detection) -> String {
    let c = &event.common;
    let entities = if detection.group.is_empty() {
        serde_json::json!([c.host, c.user, c.src_ip, c.dst_ip, c.file_sha256, c.domain])
    } else {
        serde_json::json!(detection.group)
    };
    let parts = (&event.tenant, &detection.rule.id, event.trust, entities);
    canonical::sha256(&parts).expect("invariant: texts and addresses are JSON")
}

/// Counts one more sighting.
pub(super) fn seen_again(alert: &mut Alert, event: &Event, detection: &Detection) {
    alert.count = alert.count.saturating_add(1);
    alert.first_seen_at = alert.first_seen_at.min(event.occurred_at);
    alert.last_seen_at = alert.last_seen_at.max(event.occurred_at);
    alert.severity = alert.severity.max(detection.severity);
    if alert.events.len() < EVENTS_MAX {
        alert.events.push(event.id);
    }
}

/// What a correlation grouped by is what the alert is about, even if the last event lacks it.
pub(super) fn carry_group(common: &mut Common, detection: &Detection) {
    for (field, value) in &detection.group {
        let text = value.as_str();
        match field.as_str() {
            "src_ip" | "SourceIp" | "IpAddress" => common.src_ip = address(text).or(common.src_ip),
            "user" | "User" | "TargetUserName" => common.user = Some(text.to_owned()),
            "host" | "Computer" | "hostname" => common.host = Some(text.to_owned()),
            _ => {}
        }
    }
}
