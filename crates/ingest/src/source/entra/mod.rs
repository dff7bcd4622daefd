//! Microsoft Entra ID: sign-ins, audit, risk detections; and Azure's activity log, which comes by
//! the same ways.
//!
//! Three shapes are read: the diagnostic stream (`category`, `operationName`, `properties`),
//! Microsoft Graph (`createdDateTime`, `activityDisplayName`, …), and rows of Log Analytics
//! (`TimeGenerated`, `OperationName`, `DeviceDetail` as JSON text). Fields keep the shape's names,
//! dotted. Public rules are written for all three and for tables of older exports, so the names
//! they ask for stand beside, whichever shape it was (`names.rs`).
//!
//! The product is `azure`, the service `signinlogs`, `auditlogs`, `riskdetection`, `pim` (alerts of
//! Privileged Identity Management) or `activitylogs`. A risk detection that is still open is an
//! alert of the product, rule `entra:RISKEVENTTYPE`, as severe as its `riskLevel`.
//!
//! Spec: <https://learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options>,
//! <https://learn.microsoft.com/graph/api/resources/signin>,
//! <https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs>.

mod names;

use serde_json::{Map, Value};
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

/// Microsoft Entra ID.
pub(super) struct Entra;

const NAME: &str = "entra";

/// Categories of the stream and tables of Log Analytics, and Sigma's service.
const CATEGORIES: &[(&str, &str)] = &[
    ("SignInLogs", "signinlogs"),
    ("SigninLogs", "signinlogs"),
    ("NonInteractiveUserSignInLogs", "signinlogs"),
    ("AADNonInteractiveUserSignInLogs", "signinlogs"),
    ("ServicePrincipalSignInLogs", "signinlogs"),
    ("AADServicePrincipalSignInLogs", "signinlogs"),
    ("ManagedIdentitySignInLogs", "signinlogs"),
    ("AADManagedIdentitySignInLogs", "signinlogs"),
    ("ADFSSignInLogs", "signinlogs"),
    ("AuditLogs", "auditlogs"),
    ("ProvisioningLogs", "auditlogs"),
    ("AADProvisioningLogs", "auditlogs"),
    ("UserRiskEvents", "riskdetection"),
    ("AADUserRiskEvents", "riskdetection"),
    ("RiskyUsers", "riskdetection"),
    ("AADRiskyUsers", "riskdetection"),
    ("ServicePrincipalRiskEvents", "riskdetection"),
    ("RiskyServicePrincipals", "riskdetection"),
    ("Administrative", "activitylogs"),
    ("AzureActivity", "activitylogs"),
];

/// Where the time is, the happening before its recording.
const TIMES: &[&str] = &[
    "properties.createdDateTime",
    "createdDateTime",
    "properties.activityDateTime",
    "activityDateTime",
    "ActivityDateTime",
    "CreatedDateTime",
    "detectedDateTime",
    "properties.detectedDateTime",
    "time",
    "TimeGenerated",
    "eventTimestamp",
];

impl Source for Entra {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Microsoft Entra ID and Azure activity"
    }

    fn spec(&self) -> &'static str {
        "https://learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        record.object().is_some_and(|object| service(object).is_some())
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let object = record.into_object(NAME)?;
        let Some(service) = service(&object) else {
            return Err(Error::Missing {
                format: NAME,
                field: "category",
                fix: "send sign-in, audit, risk or activity records as the diagnostic settings, \
                      Microsoft Graph or Log Analytics write them",
            });
        };
        let mut fields = Fields::with_texts(names::opened(object), names::WHOLES);
        let occurred_at = occurred_at(&fields)?;
        let product_alert = risk(&fields, service);
        names::add(&mut fields, service);
        Ok(Draft {
            occurred_at,
            log_source: log_source("azure", Some(service), &[]),
            common: common(&fields),
            product_alert,
            fields: fields.finish(),
        })
    }
}

/// Sigma's service of a record; nothing if it is no record of Entra's.
fn service(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |name: &str| object.contains_key(name);
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let find =
        |word: &str| CATEGORIES.iter().find(|(name, _)| *name == word).map(|(_, service)| *service);
    let is_stream = has("time") && (has("properties") || has("resourceId") || has("tenantId"));
    let is_row = has("TimeGenerated");
    let of_stream = text("category").filter(|_| is_stream).and_then(find);
    let of_row = ["Type", "Category"].iter().find_map(|name| text(name).and_then(find));
    let risk = text("riskEventType").or_else(|| {
        object.get("properties").and_then(|p| p.get("riskEventType")).and_then(Value::as_str)
    });
    if risk
        .is_some_and(|kind| kind.ends_with("AlertIncident") || kind.ends_with("AlertConfiguration"))
    {
        return Some("pim");
    }
    of_stream.or(of_row.filter(|_| is_row)).or_else(|| {
        let is_risk = risk.is_some() && (has("riskLevel") || has("detectedDateTime"));
        let is_audit = has("activityDisplayName") && (has("initiatedBy") || has("targetResources"));
        let is_sign_in = has("createdDateTime") && has("status") && has("appDisplayName");
        match (is_risk, is_audit, is_sign_in) {
            (true, ..) => Some("riskdetection"),
            (_, true, _) => Some("auditlogs"),
            (.., true) => Some("signinlogs"),
            _ => None,
        }
    })
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let Some(stamp) = TIMES.iter().find_map(|name| fields.value(name)) else { return Ok(None) };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "a time, such as 2026-11-24T10:00:00.0000000Z",
        found: quote(&stamp.to_string()),
        fix: "send the record as Microsoft wrote it",
    })?;
    Ok(Some(time))
}

/// States in which a risk is no longer one.
const CLOSED: &[&str] = &["dismissed", "remediated", "confirmedSafe"];

fn risk(fields: &Fields, service: &str) -> Option<ProductAlert> {
    let both = |name: &str, long: &str| fields.text(long).or_else(|| fields.text(name));
    let is_risk = service == "riskdetection" || service == "pim";
    let kind = both("riskEventType", "properties.riskEventType").filter(|_| is_risk)?;
    let state = both("riskState", "properties.riskState").unwrap_or_default();
    if CLOSED.contains(&state) {
        return None;
    }
    let severity = match both("riskLevel", "properties.riskLevel") {
        Some("high") => Severity::High,
        Some("low") => Severity::Low,
        Some("hidden" | "none") => Severity::Info,
        Some(_) | None => Severity::Medium,
    };
    let title = format!("Entra ID risk detection: {kind}");
    Some(ProductAlert {
        rule_id: format!("{NAME}:{kind}"),
        title,
        severity,
        techniques: Vec::new(),
    })
}

fn common(fields: &Fields) -> Common {
    let text = |names: &[&str]| fields.text_of(names).map(str::to_owned);
    let user = fields.text_of(&[
        "properties.userPrincipalName",
        "userPrincipalName",
        "UserPrincipalName",
        "properties.initiatedBy.user.userPrincipalName",
        "initiatedBy.user.userPrincipalName",
        "InitiatedBy.user.userPrincipalName",
        "Caller",
        "caller",
    ]);
    Common {
        host: text(&[
            "properties.deviceDetail.displayName",
            "deviceDetail.displayName",
            "DeviceDetail.displayName",
        ]),
        user: user.and_then(bare_account),
        src_ip: fields.ip_of(&[
            "properties.ipAddress",
            "ipAddress",
            "IPAddress",
            "callerIpAddress",
            "CallerIpAddress",
            "properties.initiatedBy.user.ipAddress",
            "initiatedBy.user.ipAddress",
            "InitiatedBy.user.ipAddress",
        ]),
        ..Common::default()
    }
}
