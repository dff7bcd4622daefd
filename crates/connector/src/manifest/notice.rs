//! Whether a mail or a log line could be sent at all.

use serde_json::Value;
use stanch_model::manifest::{SmtpCall, SyslogCall};

use super::{Findings, codes, source::Path};
use crate::syslog::{FACILITIES, SEVERITIES};

pub(super) fn mail(call: &SmtpCall, at: &Path, findings: &mut Findings<'_>) {
    let is_address = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let has_recipient = match &call.to {
        Value::Array(list) => !list.is_empty() && list.iter().all(is_address),
        one => is_address(one),
    };
    if !has_recipient {
        let help = "write an address, or a list of them";
        findings.error(codes::REQUEST, &at.key("to"), "mail goes to nobody", help);
    }
    if call.from.trim().is_empty() {
        let help = "write `${{ config.from }}`";
        findings.error(codes::REQUEST, &at.key("from"), "mail comes from nobody", help);
    }
}

pub(super) fn log_line(call: &SyslogCall, at: &Path, findings: &mut Findings<'_>) {
    let words =
        [("facility", &call.facility, &FACILITIES[..]), ("severity", &call.severity, &SEVERITIES)];
    for (key, word, known) in words {
        if !word.contains("${{") && !known.contains(&word.as_str()) {
            findings.error(
                codes::REQUEST,
                &at.key(key),
                format!("`{}` is no {key}", crate::outside::quote(word)),
                stanch_expression::suggest::help(word, known.iter().copied()),
            );
        }
    }
}
