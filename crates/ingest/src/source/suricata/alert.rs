//! The alert inside an alert record.

use stanch_model::{Severity, event::ProductAlert};

use super::NAME;
use crate::{error::Error, fields::Fields};

/// Rule id `suricata:SID`; severity 1 is high, 2 medium, 3 low, 4 and above info, none medium
/// (`classification.config`; 1 is the worst that Suricata knows). Techniques come from the
/// rule's `metadata: mitre_technique_id`.
pub(super) fn product_alert(fields: &Fields) -> Result<ProductAlert, Error> {
    let sid = fields.number("alert.signature_id").ok_or(Error::Missing {
        format: NAME,
        field: "alert.signature_id",
        fix: "an alert has to say which rule raised it; enable `alert` in Suricata's eve-log",
    })?;
    let rule_id = format!("{NAME}:{sid}");
    let title = fields.text("alert.signature").unwrap_or(&rule_id).to_owned();
    let severity = match fields.number("alert.severity") {
        Some(0 | 1) => Severity::High,
        Some(2) | None => Severity::Medium,
        Some(3) => Severity::Low,
        Some(_) => Severity::Info,
    };
    let techniques = fields.texts("alert.metadata.mitre_technique_id");
    let mut techniques: Vec<_> = techniques.filter_map(technique).collect();
    techniques.sort();
    techniques.dedup();
    Ok(ProductAlert { rule_id, title, severity, techniques })
}

/// `T1071`, `T1071.001` or, as some rule sets write it, `T1071_001`.
fn technique(text: &str) -> Option<String> {
    let id = text.to_ascii_uppercase().replace('_', ".");
    let (technique, sub) = id.split_once('.').map_or((id.as_str(), None), |(t, s)| (t, Some(s)));
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let is_technique = technique.strip_prefix('T').is_some_and(|number| digits(number, 4));
    let is_sub = sub.is_none_or(|sub| digits(sub, 3));
    (is_technique && is_sub).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technique_ids_are_of_attack() {
        let check = |text, expect: Option<&str>| assert_eq!(technique(text).as_deref(), expect);
        check("T1071", Some("T1071"));
        check("t1071_001", Some("T1071.001"));
        check("T1071.001", Some("T1071.001"));
        check("TA0011", None);
        check("T1071.1", None);
        check("T10711", None);
    }
}
