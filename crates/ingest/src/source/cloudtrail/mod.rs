//! AWS CloudTrail: management, data and insight events, one JSON object each.
//!
//! Files of many (`{"Records": […]}`) are cut by the splitter. What Amazon EventBridge delivers
//! (`detail-type`, `detail`) is opened; what it says beside the event is kept under
//! `eventbridge.`. Fields keep CloudTrail's names, dotted (`userIdentity.type`), which are
//! Sigma's. `requestParameters`, `responseElements`, `additionalEventData` and
//! `serviceEventDetails` are there as JSON text as well, because rules search them as a whole;
//! `sourceIPAddress` is `src_ip` as well. The log source is `aws`, `cloudtrail`.
//!
//! `common.user` is who acted by name: the IAM user, the role that was assumed, else the root
//! account. `common.src_ip` is empty where an AWS service acted.
//!
//! Spec: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html>
//! (eventVersion 1.0 to 1.11).

use serde_json::{Map, Value};
use stanch_model::{Time, event::Common};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
};

/// AWS CloudTrail.
pub(super) struct CloudTrail;

const NAME: &str = "cloudtrail";

/// Parts that rules search as a whole.
const WHOLES: &[&str] =
    &["requestParameters", "responseElements", "additionalEventData", "serviceEventDetails"];

impl Source for CloudTrail {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "AWS CloudTrail"
    }

    fn spec(&self) -> &'static str {
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        let is_event = |object: &Map<String, Value>| {
            let is_text = |name| object.get(name).is_some_and(Value::is_string);
            is_text("eventVersion") && is_text("eventTime") && is_text("awsRegion")
        };
        record.object().is_some_and(|object| {
            let detail = object.get("detail").and_then(Value::as_object);
            is_event(object) || (object.contains_key("detail-type") && detail.is_some_and(is_event))
        })
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let mut object = record.into_object(NAME)?;
        let around = match object.get_mut("detail").map(Value::take) {
            Some(Value::Object(detail)) => Some(std::mem::replace(&mut object, detail)),
            Some(other) => {
                object.insert("detail".to_owned(), other);
                None
            }
            None => None,
        };
        let mut fields = Fields::with_texts(object, WHOLES);
        if let Some(mut around) = around {
            around.shift_remove("detail");
            fields.flatten("eventbridge", Value::Object(around));
        }
        for field in ["eventName", "eventSource"] {
            // Insight events are about a name and come from no source.
            if fields.text(field).is_none() && fields.text("insightDetails.eventName").is_none() {
                let fix = "send CloudTrail's records as they are delivered";
                return Err(Error::Missing { format: NAME, field, fix });
            }
        }
        let occurred_at = occurred_at(&fields)?;
        let common = common(&fields);
        fields.alias("sourceIPAddress", "src_ip");
        Ok(Draft {
            occurred_at,
            log_source: log_source("aws", Some(NAME), &[]),
            common,
            product_alert: None,
            fields: fields.finish(),
        })
    }
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let Some(stamp) = fields.value("eventTime") else { return Ok(None) };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "a time in `eventTime`, such as 2026-11-24T10:00:00Z",
        found: quote(&stamp.to_string()),
        fix: "send CloudTrail's records as they are delivered",
    })?;
    Ok(Some(time))
}

fn common(fields: &Fields) -> Common {
    let is_root = fields.text("userIdentity.type") == Some("Root");
    let user = fields.text_of(&[
        "userIdentity.userName",
        "userIdentity.sessionContext.sessionIssuer.userName",
        "userIdentity.onBehalfOf.userId",
    ]);
    Common {
        user: user.and_then(bare_account).or_else(|| is_root.then(|| "root".to_owned())),
        src_ip: fields.ip_of(&["sourceIPAddress"]),
        ..Common::default()
    }
}
