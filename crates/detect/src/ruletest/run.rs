//! Running the cases of a test file.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::{Map, Value};
use stanch_model::{
    Event, EventId, Span, TenantId, Time,
    event::{Common, LogSource, Trust},
};

use super::case::{self, Case, Expect, Record};
use crate::{Detection, Detector, RuleSet, codes, load};

/// How one case went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// Its name; of a test file that cannot be read, the code of the finding.
    pub name: String,
    /// Where the case stands in the test file, or the finding in the file it is in.
    pub span: Span,
    /// Whether what was seen is what was wanted.
    pub passed: bool,
    /// If not, what was seen instead; empty otherwise.
    pub message: String,
}

/// Parses one raw record in a named format of the intake.
pub type Parse<'a> = &'a dyn Fn(&str, &str) -> Result<Event, String>;

/// Runs every case of `test_text` against the rules of `rule_text`.
///
/// A rule file that is refused, or a test file that cannot be read, gives one failed result that says why.
pub fn run(rule_text: &str, test_text: &str, parse: Parse<'_>) -> Vec<CaseResult> {
    let (rules, findings) = load(&[("rule".to_owned(), rule_text.to_owned())]);
    if let Some(found) = findings.iter().find(|found| found.diagnostic.is_error()) {
        let diagnostic = &found.diagnostic;
        return vec![CaseResult {
            name: codes::TEST_RULE.id.to_owned(),
            span: diagnostic.span,
            passed: false,
            message: format!("the rule is refused: {diagnostic}"),
        }];
    }
    let rules = Arc::new(rules);
    match case::cases(test_text) {
        Ok(cases) => cases.iter().map(|case| result(case, &rules, parse)).collect(),
        Err(found) => vec![CaseResult {
            name: codes::TEST_SHAPE.id.to_owned(),
            span: found.span,
            passed: false,
            message: found.message,
        }],
    }
}

fn result(case: &Case, rules: &Arc<RuleSet>, parse: Parse<'_>) -> CaseResult {
    let message = match detections(case, rules, parse) {
        Ok(found) => verdict(case, &found),
        Err(why) => Some(why),
    };
    CaseResult {
        name: case.name.clone(),
        span: case.span,
        passed: message.is_none(),
        message: message.unwrap_or_default(),
    }
}

/// What is wrong with what was found, if anything.
fn verdict(case: &Case, found: &[Detection]) -> Option<String> {
    let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let (is_met, wanted) = match case.expect {
        Expect::Some => (count > 0, "a match".to_owned()),
        Expect::None => (count == 0, "no match".to_owned()),
        Expect::Exactly(wanted) => (count == wanted, format!("{wanted} matches")),
    };
    let titles: Vec<&str> = found.iter().map(|d| d.rule.title.as_str()).collect();
    (!is_met).then(|| format!("wanted {wanted}, saw {count}: {titles:?}"))
}

fn detections(
    case: &Case,
    rules: &Arc<RuleSet>,
    parse: Parse<'_>,
) -> Result<Vec<Detection>, String> {
    if let Some(wanted) = &case.rule
        && !rules.rules().iter().any(|rule| rule.id == *wanted || rule.title == *wanted)
    {
        return Err(format!("the rule file has no rule `{wanted}`"));
    }
    let mut detector = Detector::new(Arc::clone(rules));
    let mut found = Vec::new();
    for (number, record) in case.events.iter().enumerate() {
        let mut event = match &case.format {
            Some(format) => parse(format, &text(record))
                .map_err(|why| format!("event {} cannot be read as {format}: {why}", number + 1))?,
            None => bare(record, rules)?,
        };
        let sequence = u64::try_from(number).unwrap_or(u64::MAX);
        event.id = EventId { segment: 1, sequence };
        if case.format.is_none() {
            event.occurred_at = Time::from_micros(1).plus(Duration::from_secs(sequence));
        }
        found.extend(detector.process(&event));
    }
    let is_wanted = |d: &Detection| {
        case.rule.as_ref().is_none_or(|wanted| d.rule.id == *wanted || d.rule.title == *wanted)
    };
    found.retain(is_wanted);
    Ok(found)
}

fn text(record: &Record) -> String {
    match record {
        Record::Text(text) => text.clone(),
        Record::Json(map) => Value::Object(map.clone()).to_string(),
    }
}

/// An event that is given by its fields, of the log source of the first rule.
fn bare(record: &Record, rules: &RuleSet) -> Result<Event, String> {
    let Record::Json(fields) = record else {
        return Err("an event that is a text needs `format`".to_owned());
    };
    let source = rules.router.rules().next().map(|rule| rule.logsource.clone()).unwrap_or_default();
    Ok(event(
        fields.clone(),
        LogSource {
            product: source.product,
            service: source.service,
            categories: source.category.into_iter().collect(),
        },
    ))
}

fn event(fields: Map<String, Value>, log_source: LogSource) -> Event {
    Event {
        id: EventId::default(),
        tenant: TenantId::default(),
        source: "test".to_owned(),
        trust: Trust::default(),
        occurred_at: Time::default(),
        received_at: Time::default(),
        log_source,
        fields,
        common: Common::default(),
        product_alert: None,
        raw: String::new(),
    }
}
