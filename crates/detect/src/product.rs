//! Alerts that the source itself raised pass through as detections.

use stanch_model::{
    Event,
    alert::{RuleKind, RuleRef},
};

use crate::Detection;

/// The detection behind an event that is itself an alert of a product (Suricata, an EDR, OCSF).
#[must_use]
pub fn product_detection(event: &Event) -> Option<Detection> {
    let alert = event.product_alert.as_ref()?;
    let rule =
        RuleRef { id: alert.rule_id.clone(), title: alert.title.clone(), kind: RuleKind::Product };
    Some(Detection {
        rule,
        severity: alert.severity,
        techniques: alert.techniques.clone(),
        matched_fields: Vec::new(),
        group: Vec::new(),
        count: 1,
        events: vec![event.id],
    })
}
