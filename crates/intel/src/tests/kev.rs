//! The catalogue of exploited vulnerabilities.

use serde_json::{Value as Json, json};

use super::left_out;
use crate::kev;

fn row(cve: &str) -> Json {
    json!({"cveID": cve, "vendorProject": "Acme", "product": "Gate", "vulnerabilityName": "Gate Bypass",
        "dateAdded": "2026-01-02", "dueDate": "2026-01-23", "requiredAction": "Update it.",
        "knownRansomwareCampaignUse": "Known", "shortDescription": "", "notes": "", "cwes": ["CWE-59"]})
}

#[test]
fn rows_are_vulnerabilities() {
    let text =
        json!({"catalogVersion": "1", "count": 1, "vulnerabilities": [row("CVE-2026-12345")]});
    let import = kev::read(&text.to_string()).unwrap();
    let found = &import.vulnerabilities[0];
    assert_eq!(
        (found.cve.as_str(), found.vendor.as_str(), found.ransomware),
        ("CVE-2026-12345", "Acme", true)
    );
    assert_eq!(
        (found.added.to_string(), found.due.to_string()),
        ("2026-01-02".into(), "2026-01-23".into())
    );
    assert_eq!(import.left_out.count, 0);
}

#[test]
fn rows_that_cannot_be_read_are_named() {
    let mut late = row("CVE-2026-0002");
    late["dueDate"] = json!("soon");
    let text =
        json!({"vulnerabilities": [row("CVE-26-1"), late, {"product": "x"}, row("CVE-2026-0001")]});
    let import = kev::read(&text.to_string()).unwrap();
    assert_eq!(import.vulnerabilities.len(), 1);
    let found = left_out(&import);
    assert_eq!(found[0], "CVE-26-1: `cveID` is no CVE id");
    assert!(found[1].starts_with("CVE-2026-0002: ") && found[1].contains("soon"), "{}", found[1]);
    assert_eq!(found[2], "vulnerability 3: missing field `cveID`");
}

#[test]
fn a_catalogue_that_was_cut_off_is_refused() {
    let text = json!({"count": 2, "vulnerabilities": [row("CVE-2026-12345")]}).to_string();
    let error = kev::read(&text).unwrap_err().to_string();
    assert_eq!(error, "not a KEV catalogue: `count` says 2 vulnerabilities, and there are 1");
    let error = kev::read("{}").unwrap_err().to_string();
    assert_eq!(error, "not a KEV catalogue: line 1, column 2: missing field `vulnerabilities`");
}
