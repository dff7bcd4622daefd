//! What a source is, and what it hands back.

use serde_json::{Map, Value};
use stanch_model::{
    Time,
    event::{Common, LogSource, ProductAlert},
};

use crate::{error::Error, record::Record};

/// One kind of record that can be read. Implementations are pure, never panic, and map
/// addresses through [`stanch_model::observable::address`].
pub trait Source: Sync {
    /// The word in configuration and URLs; also the name of its folder.
    fn name(&self) -> &'static str;

    /// What people read in a list of sources.
    fn title(&self) -> &'static str;

    /// Where its format is described.
    fn spec(&self) -> &'static str;

    /// Whether this source should read a record whose format nobody said.
    fn recognises(&self, record: &Record<'_>) -> bool;

    /// Whether this format only wraps what others write, so that a more particular source reads
    /// the records that it recognises even where this format was asked for.
    fn is_envelope(&self) -> bool {
        false
    }

    /// Reads one record; `received_at` is there for stamps that leave out the year.
    ///
    /// # Errors
    /// The record is not what this source writes.
    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error>;
}

/// What a source read: an event without its receipt.
#[derive(Debug, Default)]
pub struct Draft {
    /// When it happened; nothing if the record does not say.
    pub occurred_at: Option<Time>,
    /// What rules it is for.
    pub log_source: LogSource,
    /// The record's own fields, flat.
    pub fields: Map<String, Value>,
    /// The mapped fields.
    pub common: Common,
    /// Present if the product raised an alert with it.
    pub product_alert: Option<ProductAlert>,
}

/// A log source by its three words.
pub(crate) fn log_source(product: &str, service: Option<&str>, categories: &[&str]) -> LogSource {
    LogSource {
        product: Some(product.to_owned()),
        service: service.map(str::to_owned),
        categories: categories.iter().map(|&category| category.to_owned()).collect(),
    }
}
