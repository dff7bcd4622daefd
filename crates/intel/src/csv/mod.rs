//! Tables (RFC 4180) whose columns somebody named.

mod columns;
pub(crate) mod rows;

use stanch_model::Time;

pub use self::columns::{Column, Columns};
use self::{columns::Places, rows::Rows};
use crate::{
    Claim, Confidence, Meaning, Value,
    import::{Error, Import, Origin, bounded},
};

/// Reads a table. Lines that begin with `#` are comments. A row that cannot be read is named; the others stand.
///
/// # Errors
/// A column that is named and not there, a quote that is not closed, a field beyond all bounds.
pub fn read(origin: &Origin, columns: &Columns, text: &str) -> Result<Import, Error> {
    bounded(text)?;
    let mut rows = Rows::new(text.strip_prefix('\u{feff}').unwrap_or(text), columns.delimiter);
    let header = if columns.have_names() { rows.next().transpose()? } else { None };
    let places = columns.places(header.as_ref().map(|(line, row)| (*line, row.as_slice())))?;
    let mut import = Import::default();
    for row in rows {
        let (line, row) = row?;
        let place = format!("line {line}");
        match claim(origin, &places, &row) {
            Ok((value, claim)) => import.claim(&place, value, claim),
            Err(why) => import.leave_out(&place, why),
        }
    }
    Ok(import)
}

fn claim(origin: &Origin, places: &Places, row: &[String]) -> Result<(Value, Claim), String> {
    let cell = |column: Option<usize>| {
        let text = row.get(column?).map(|text| text.trim()).unwrap_or_default();
        Some(text).filter(|text| !text.is_empty())
    };
    let text = cell(Some(places.value)).ok_or("it has no value")?;
    let value = Value::read(text).map_err(|why| format!("`{text}` {why}"))?;
    if let Some(kind) = cell(places.kind) {
        let is_said = kind.eq_ignore_ascii_case(value.kind().word());
        is_said
            .then_some(())
            .ok_or_else(|| format!("`{text}` is a {}, and its row says {kind}", value.kind()))?;
    }
    let mut claim = origin.claim();
    if let Some(text) = cell(places.confidence) {
        let number = text.parse().ok().and_then(Confidence::new);
        claim.confidence =
            Some(number.ok_or_else(|| format!("confidence `{text}` is not 0 to 100"))?);
    }
    if let Some(text) = cell(places.tlp) {
        claim.tlp = Some(text.parse().map_err(|error: crate::UnknownTlp| error.to_string())?);
    }
    if let Some(text) = cell(places.meaning) {
        claim.meaning = match text.to_ascii_lowercase().as_str() {
            "malicious" => Meaning::Malicious,
            "benign" => Meaning::Benign,
            _ => return Err(format!("meaning `{text}` is neither malicious nor benign")),
        };
    }
    claim.valid_from = cell(places.valid_from).map(time).transpose()?;
    claim.valid_until = cell(places.valid_until).map(time).transpose()?;
    claim.first_seen = cell(places.first_seen).map(time).transpose()?;
    claim.last_seen = cell(places.last_seen).map(time).transpose()?;
    claim.id = cell(places.id).map(str::to_owned);
    claim.comment = cell(places.comment).map(str::to_owned);
    let tags = cell(places.tags).into_iter().flat_map(|text| text.split([',', ';', '|']));
    claim.tags = tags.map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    Ok((value, claim))
}

/// A time as tables have it: RFC 3339, a day, a day and a time in UTC, or seconds since 1970.
pub(crate) fn time(text: &str) -> Result<Time, String> {
    let seconds =
        || text.parse::<i64>().ok().map(|s| Time::from_micros(s.saturating_mul(1_000_000)));
    let civil = || {
        let civil = text.trim_end_matches(" UTC").parse::<jiff::civil::DateTime>().ok()?;
        Some(Time::from(jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?))
    };
    let read = text.parse().ok().or_else(seconds).or_else(civil);
    read.ok_or_else(|| format!("`{text}` is no time; write 2026-01-31 or 2026-01-31T12:00:00Z"))
}
