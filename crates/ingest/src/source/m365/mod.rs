//! Microsoft 365's unified audit log, as the Office 365 Management Activity API delivers it.
//!
//! Fields keep their names, dotted (`Parameters.Name`). `Parameters`, `OperationProperties`,
//! `ExtendedProperties`, `ModifiedProperties` and `Item` are lists of parts, and are there as
//! JSON text as well, because rules search them as a whole. Rules of the services below also ask
//! for `eventSource` (the workload), `eventName` (the alert's name, else the operation) and
//! `status` (`success` or `failure`), which are set.
//!
//! The product is `m365`, the service `audit`; records of alerts (`AlertId`) are
//! `threat_management`, and are alerts of the product unless they are resolved or dismissed,
//! rule `m365:NAME`.
//!
//! Spec: <https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema>.

use serde_json::Value;
use stanch_model::{
    Severity, Time,
    event::{Common, ProductAlert},
};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
};

/// Microsoft 365.
pub(super) struct M365;

const NAME: &str = "m365";

/// Parts that rules search as a whole.
const WHOLES: &[&str] = &[
    "Parameters",
    "OperationProperties",
    "ExtendedProperties",
    "ModifiedProperties",
    "Item",
    "AffectedItems",
];

impl Source for M365 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Microsoft 365 audit (management activity)"
    }

    fn spec(&self) -> &'static str {
        "https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        record.object().is_some_and(|object| {
            let is_text = |name| object.get(name).is_some_and(Value::is_string);
            is_text("CreationTime") && is_text("Operation") && is_text("Workload")
        })
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let mut fields = Fields::with_texts(record.into_object(NAME)?, WHOLES);
        for field in ["Operation", "Workload"] {
            if fields.text(field).is_none() {
                let fix = "send the audit records as the Management Activity API delivers them";
                return Err(Error::Missing { format: NAME, field, fix });
            }
        }
        let occurred_at = occurred_at(&fields)?;
        let is_alert = fields.text("AlertId").is_some() && fields.text("Name").is_some();
        name(&mut fields, is_alert);
        let service = if is_alert { "threat_management" } else { "audit" };
        Ok(Draft {
            occurred_at,
            log_source: log_source(NAME, Some(service), &[]),
            common: common(&fields),
            product_alert: product_alert(&fields, is_alert),
            fields: fields.finish(),
        })
    }
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let Some(stamp) = fields.value("CreationTime") else { return Ok(None) };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "a time in `CreationTime`, such as 2026-11-24T10:00:00",
        found: quote(&stamp.to_string()),
        fix: "send the audit records as the Management Activity API delivers them",
    })?;
    Ok(Some(time))
}

/// Adds what rules call the parts.
fn name(fields: &mut Fields, is_alert: bool) {
    fields.alias("Workload", "eventSource");
    fields.alias(if is_alert { "Name" } else { "Operation" }, "eventName");
    let status = match fields.text("ResultStatus").map(str::to_ascii_lowercase).as_deref() {
        Some("succeeded" | "success" | "true" | "partiallysucceeded") => Some("success"),
        Some("failed" | "failure" | "false") => Some("failure"),
        // That an alert was raised is not said to have succeeded, and rules ask that it did.
        None if is_alert => Some("success"),
        Some(_) | None => None,
    };
    fields.set_some("status", status);
    let address = address(fields).map(str::to_owned);
    fields.set_some("src_ip", address);
}

/// The client's address, without the port that Exchange writes behind it.
fn address(fields: &Fields) -> Option<&str> {
    let text = fields.text_of(&["ClientIP", "ClientIPAddress", "ActorIpAddress"])?;
    if let Some((inner, _port)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return Some(inner);
    }
    match text.split_once(':') {
        Some((v4, port)) if v4.contains('.') && port.bytes().all(|b| b.is_ascii_digit()) => {
            Some(v4)
        }
        _ => Some(text),
    }
}

/// Statuses of an alert that is no longer one.
const CLOSED: &[&str] = &["resolved", "dismissed"];

fn product_alert(fields: &Fields, is_alert: bool) -> Option<ProductAlert> {
    let name = fields.text("Name").filter(|_| is_alert)?;
    let status = fields.text("Status").map(str::to_ascii_lowercase).unwrap_or_default();
    if CLOSED.contains(&status.as_str()) {
        return None;
    }
    let severity = match fields.text("Severity").map(str::to_ascii_lowercase).as_deref() {
        Some("high") => Severity::High,
        Some("low") => Severity::Low,
        Some("informational") => Severity::Info,
        Some(_) | None => Severity::Medium,
    };
    let rule_id = format!("{NAME}:{name}");
    Some(ProductAlert { rule_id, title: name.to_owned(), severity, techniques: Vec::new() })
}

fn common(fields: &Fields) -> Common {
    Common {
        user: fields.text_of(&["UserId", "MailboxOwnerUPN"]).and_then(bare_account),
        src_ip: fields.ip_of(&["src_ip"]),
        file_sha256: fields.sha256_of(&["SHA256"]),
        url: fields.text_of(&["Url", "ObjectUrl"]).map(str::to_owned),
        ..Common::default()
    }
}
