//! Detection Findings.

use stanch_model::{Severity, event::ProductAlert};

use super::NAME;
use crate::{error::Error, fields::Fields};

/// Detection Finding.
const DETECTION_FINDING: u64 = 2004;

/// `activity_id`: Close.
const CLOSE: u64 = 3;

/// The alert in a finding, unless it is about the end of one.
///
/// The rule is `finding_info.analytic` by `uid` or `name`, else the finding's first type, else
/// its title: `finding_info.uid` names the single finding and would make every alert a new one.
/// It is prefixed by the product's name.
pub(super) fn product_alert(
    fields: &Fields,
    class_uid: u64,
) -> Result<Option<ProductAlert>, Error> {
    if class_uid != DETECTION_FINDING || is_over(fields) {
        return Ok(None);
    }
    let title = fields.text_of(&["finding_info.title", "message"]).ok_or(Error::Missing {
        format: NAME,
        field: "finding_info.title",
        fix: "a Detection Finding needs a title",
    })?;
    let rule = fields
        .text_of(&["finding_info.analytic.uid", "finding_info.analytic.name", "finding_info.types"])
        .unwrap_or(title);
    let product = fields.text("metadata.product.name").map_or_else(|| NAME.to_owned(), slug);
    Ok(Some(ProductAlert {
        rule_id: format!("{product}:{rule}"),
        title: title.to_owned(),
        severity: severity(fields.number("severity_id")),
        techniques: techniques(fields),
    }))
}

/// Closed (`activity_id`), or `status_id` 3 suppressed, 4 resolved, 5 archived, 6 deleted.
fn is_over(fields: &Fields) -> bool {
    fields.number("activity_id") == Some(CLOSE) || matches!(fields.number("status_id"), Some(3..=6))
}

/// `severity_id`; 6 is Fatal, 0 Unknown and 99 Other.
const fn severity(id: Option<u64>) -> Severity {
    match id {
        Some(1) => Severity::Info,
        Some(2) => Severity::Low,
        Some(4) => Severity::High,
        Some(5 | 6) => Severity::Critical,
        Some(_) | None => Severity::Medium,
    }
}

/// Sub-techniques say more than their techniques, which are left out beside them.
fn techniques(fields: &Fields) -> Vec<String> {
    let all = |names: [&str; 4]| -> Vec<String> {
        let texts = names.into_iter().flat_map(|name| fields.texts(name));
        texts.filter(|id| id.starts_with('T')).map(str::to_ascii_uppercase).collect()
    };
    let subs = all([
        "finding_info.attacks.sub_technique.uid",
        "attacks.sub_technique.uid",
        "finding_info.attacks.sub_techniques.uid",
        "attacks.sub_techniques.uid",
    ]);
    let techniques = all([
        "finding_info.attacks.technique.uid",
        "attacks.technique.uid",
        "finding_info.attacks.techniques.uid",
        "attacks.techniques.uid",
    ]);
    let has_sub = |id: &String| {
        subs.iter().any(|sub| sub.strip_prefix(id.as_str()).is_some_and(|s| s.starts_with('.')))
    };
    let mut found: Vec<_> = techniques.into_iter().filter(|id| !has_sub(id)).collect();
    found.extend(subs.iter().cloned());
    found.sort();
    found.dedup();
    found
}

/// A product's name as a prefix: `Acme EDR` is `acme-edr`.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
