//! The names that rules use, for all shapes.

use serde_json::{Map, Value};

use crate::fields::Fields;

/// Parts that rules search as a whole.
pub(super) const WHOLES: &[&str] = &[
    "properties.targetResources",
    "properties.initiatedBy",
    "targetResources",
    "initiatedBy",
    "TargetResources",
    "InitiatedBy",
];

/// Columns of Log Analytics that hold JSON as text.
const JSON_COLUMNS: &[&str] = &[
    "DeviceDetail",
    "LocationDetails",
    "Status",
    "MfaDetail",
    "InitiatedBy",
    "TargetResources",
    "AdditionalDetails",
    "Properties",
    "Authorization",
    "Claims",
];

/// The record, with columns of JSON text opened.
pub(super) fn opened(mut object: Map<String, Value>) -> Map<String, Value> {
    for name in JSON_COLUMNS {
        let Some(Value::String(text)) = object.get(*name) else { continue };
        let is_json = text.starts_with(['{', '[']);
        if let Some(value) =
            Some(text).filter(|_| is_json).and_then(|t| serde_json::from_str(t).ok())
        {
            object.insert((*name).to_owned(), value);
        }
    }
    object
}

/// Where a value is, by shape, and the names that rules have for it; the first that is there.
type Row = (&'static [&'static str], &'static [&'static str]);

const ACTIVITY: &[&str] = &[
    "properties.activityDisplayName",
    "activityDisplayName",
    "operationName",
    "OperationName",
    "operationName.value",
];

const ALL: &[Row] = &[
    (
        ACTIVITY,
        &[
            "operationName",
            "OperationName",
            "properties.message",
            "ActivityDisplayName",
            "ActivityType",
            "activityType",
        ],
    ),
    (
        &["callerIpAddress", "properties.ipAddress", "ipAddress", "IPAddress", "CallerIpAddress"],
        &["callerIpAddress", "IPAddress", "IPaddress", "src_ip"],
    ),
    (
        &["properties.userPrincipalName", "userPrincipalName", "UserPrincipalName"],
        &["UserPrincipalName", "Username"],
    ),
    (
        &["properties.riskEventType", "riskEventType", "RiskEventType", "riskType"],
        &["riskEventType"],
    ),
    (&["properties.riskState", "riskState"], &["RiskState"]),
    (&["resultDescription", "ResultDescription"], &["ResultDescription", "Resultdescription"]),
    (&["resultType", "ResultType"], &["resultType", "ResultType"]),
];

const SIGN_INS: &[Row] = &[
    (
        &["properties.status.errorCode", "status.errorCode", "Status.errorCode"],
        &["resultType", "ResultType"],
    ),
    (
        &["properties.status.failureReason", "status.failureReason", "Status.failureReason"],
        &["ResultDescription", "Resultdescription", "failure_status_reason"],
    ),
    (
        &[
            "properties.authenticationRequirement",
            "authenticationRequirement",
            "AuthenticationRequirement",
        ],
        &["AuthenticationRequirement", "properties.authenticationRequirement"],
    ),
    (
        &["properties.deviceDetail.isCompliant", "deviceDetail.isCompliant"],
        &["DeviceDetail.isCompliant"],
    ),
    (
        &["properties.deviceDetail.trustType", "deviceDetail.trustType", "DeviceDetail.trustType"],
        &["DeviceDetail.trusttype"],
    ),
    (
        &["properties.deviceDetail.deviceId", "deviceDetail.deviceId", "DeviceDetail.deviceId"],
        &["DeviceDetail.deviceId", "properties.deviceDetail.deviceId"],
    ),
    (
        &[
            "properties.location.countryOrRegion",
            "location.countryOrRegion",
            "LocationDetails.countryOrRegion",
            "location",
            "Location",
        ],
        &["location", "Location"],
    ),
    (&["properties.userAgent", "userAgent", "UserAgent"], &["userAgent"]),
    (&["properties.appId", "appId", "AppId"], &["properties.appId"]),
    (&["properties.resourceDisplayName", "resourceDisplayName"], &["ResourceDisplayName"]),
    (&["properties.clientAppUsed", "clientAppUsed", "ClientAppUsed"], &["ClientApp"]),
    (
        &[
            "properties.conditionalAccessStatus",
            "conditionalAccessStatus",
            "ConditionalAccessStatus",
        ],
        &["conditionalAccessStatus"],
    ),
    (&["properties.homeTenantId", "homeTenantId", "HomeTenantId"], &["homeTenantId"]),
    (
        &["properties.resourceTenantId", "resourceTenantId", "ResourceTenantId"],
        &["resourceTenantId"],
    ),
];

const AUDIT: &[Row] = &[
    (&["properties.category", "category", "Category"], &["Category"]),
    (&["properties.result", "result", "Result"], &["Status", "properties.result"]),
    (
        &["properties.resultReason", "resultReason", "ResultReason"],
        &["ResultDescription", "failure_status_reason"],
    ),
    (&["properties.loggedByService", "loggedByService"], &["LoggedByService"]),
    (
        &[
            "properties.initiatedBy.user.userPrincipalName",
            "initiatedBy.user.userPrincipalName",
            "InitiatedBy.user.userPrincipalName",
        ],
        &["Initiatied.By", "Initiatedby"],
    ),
    (&["properties.initiatedBy", "initiatedBy", "InitiatedBy"], &["properties.initiatedBy"]),
    (
        &["properties.targetResources", "targetResources", "TargetResources"],
        &["TargetResources", "properties.targetResources"],
    ),
    (
        &["properties.targetResources.type", "targetResources.type", "TargetResources.type"],
        &["targetResources.type"],
    ),
    (
        &[
            "properties.targetResources.userPrincipalName",
            "targetResources.userPrincipalName",
            "TargetResources.userPrincipalName",
        ],
        &["Target", "TargetUserName"],
    ),
    (
        &[
            "properties.targetResources.modifiedProperties.displayName",
            "targetResources.modifiedProperties.displayName",
            "TargetResources.modifiedProperties.displayName",
        ],
        &["TargetResources.ModifiedProperties.DisplayName", "TargetResources.modifiedProperties"],
    ),
    (
        &[
            "properties.targetResources.modifiedProperties.newValue",
            "targetResources.modifiedProperties.newValue",
            "TargetResources.modifiedProperties.newValue",
        ],
        &[
            "TargetResources.ModifiedProperties.NewValue",
            "TargetResources.modifiedProperties.newValue",
        ],
    ),
    (
        &[
            "properties.additionalDetails.value",
            "additionalDetails.value",
            "AdditionalDetails.value",
        ],
        &["additionalDetails.additionalInfo"],
    ),
];

const ACTIVITIES: &[Row] = &[
    (&["category", "Category", "category.value"], &["CategoryValue"]),
    (ACTIVITY, &["OperationNameValue"]),
    (
        &["resourceProviderName.value", "resourceProvider", "ResourceProvider"],
        &["ResourceProviderValue"],
    ),
    (&["resourceId", "_ResourceId"], &["ResourceId"]),
];

/// Adds the names to a record of `service`.
pub(super) fn add(fields: &mut Fields, service: &str) {
    let own = match service {
        "signinlogs" => SIGN_INS,
        "auditlogs" => AUDIT,
        "activitylogs" => ACTIVITIES,
        _ => &[],
    };
    for (from, to) in own.iter().chain(ALL) {
        for name in *to {
            fields.alias_first(from, name);
        }
    }
    match service {
        "signinlogs" => outcome(fields),
        "auditlogs" => audit(fields),
        _ => {}
    }
}

/// `Status` of a sign-in by its error code, 0 being none.
fn outcome(fields: &mut Fields) {
    let is_said = fields.text("Status").is_some();
    let word = match fields.number("ResultType") {
        Some(0) => "Success",
        Some(_) => "Failure",
        None => return,
    };
    if !is_said {
        fields.set("Status", word);
    }
}

/// The audit's own category beside the stream's, and the consent that an application was given.
fn audit(fields: &mut Fields) {
    let category = fields.text("properties.category").map(str::to_owned);
    if let Some(category) = category {
        fields.flatten("category", category.into());
    }
    const ADMIN_CONSENT: &str = "ConsentContext.IsAdminConsent";
    let names: Vec<_> = fields.texts("TargetResources.ModifiedProperties.DisplayName").collect();
    let values = fields.value("TargetResources.ModifiedProperties.NewValue");
    let at = names.iter().position(|name| *name == ADMIN_CONSENT);
    let value = at.and_then(|at| values?.as_array()?.get(at)?.as_str());
    let value = value.map(|value| value.trim_matches('"').to_owned());
    fields.set_some(ADMIN_CONSENT, value);
}
