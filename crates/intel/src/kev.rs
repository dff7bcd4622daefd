//! CISA's catalogue of known exploited vulnerabilities (KEV), as JSON; its schema is
//! `known_exploited_vulnerabilities_schema.json` beside it at cisa.gov.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use crate::import::{Error, Import, json};

/// What it is called in errors.
const WHAT: &str = "a KEV catalogue";

/// A vulnerability that is known to be exploited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// Its CVE id.
    pub cve: String,
    /// Who makes the product.
    pub vendor: String,
    /// The product.
    pub product: String,
    /// What it is called.
    pub name: String,
    /// When the catalogue took it up.
    pub added: Date,
    /// By when it is to be mended (by those whom the catalogue binds).
    pub due: Date,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
    /// What is to be done.
    pub action: String,
}

#[derive(Deserialize)]
struct Catalogue {
    vulnerabilities: Vec<serde_json::Value>,
    #[serde(default)]
    count: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "cveID")]
    cve: String,
    vendor_project: String,
    product: String,
    vulnerability_name: String,
    #[serde(deserialize_with = "day")]
    date_added: Date,
    #[serde(deserialize_with = "day")]
    due_date: Date,
    required_action: String,
    #[serde(default)]
    known_ransomware_campaign_use: String,
}

fn day<'de, D: Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
    let text = String::deserialize(d)?;
    let told =
        |_| serde::de::Error::custom(format!("`{text}` is no day; it should be as 2026-01-31"));
    text.parse().map_err(told)
}

/// Reads the catalogue. A row that cannot be read is named; the others stand.
///
/// # Errors
/// A document that is none, or has another number of rows than it says: it was cut off.
pub fn read(text: &str) -> Result<Import, Error> {
    let catalogue: Catalogue = json(WHAT, text)?;
    let rows = catalogue.vulnerabilities.len();
    if let Some(count) = catalogue.count.filter(|count| *count != rows) {
        let why = format!("`count` says {count} vulnerabilities, and there are {rows}");
        return Err(Error::Form { what: WHAT, why });
    }
    let mut import = Import::default();
    for (row, number) in catalogue.vulnerabilities.into_iter().zip(1_usize..) {
        let cve = row.get("cveID").and_then(serde_json::Value::as_str).map(str::to_owned);
        let place = cve.unwrap_or_else(|| format!("vulnerability {number}"));
        match serde_json::from_value::<Row>(row) {
            Ok(row) if is_cve(&row.cve) => import.vulnerabilities.push(row.into()),
            Ok(_) => import.leave_out(&place, "`cveID` is no CVE id"),
            Err(error) => import.leave_out(&place, error.to_string()),
        }
    }
    Ok(import)
}

impl From<Row> for Vulnerability {
    fn from(row: Row) -> Self {
        Self {
            cve: row.cve,
            vendor: row.vendor_project,
            product: row.product,
            name: row.vulnerability_name,
            added: row.date_added,
            due: row.due_date,
            ransomware: row.known_ransomware_campaign_use.eq_ignore_ascii_case("known"),
            action: row.required_action,
        }
    }
}

/// `CVE-` year `-` four digits or more.
fn is_cve(id: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let parts = id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(year, number)| {
        year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)
    })
}
