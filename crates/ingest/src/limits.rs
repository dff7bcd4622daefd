//! Limits on what comes from outside, each with its unit and its reason.

/// Longest record that is parsed, in bytes. Windows script block records reach tens of kilobytes;
/// a mebibyte is room for every honest record and cheap to refuse above.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// Levels of objects and lists that get names of their own; what lies deeper is kept as JSON text
/// in one field.
pub const DEPTH_MAX: usize = 16;

/// Fields of one event. Suricata's `stats` records, the widest honest ones, stay below 1,500.
pub const FIELDS_MAX: usize = 2_000;

/// Longest name of a field, in bytes. Names repeat their parents' names, so that a record of
/// [`RECORD_BYTES_MAX`] bytes could otherwise grow to gigabytes when it is flattened.
pub const NAME_BYTES_MAX: usize = 512;

/// The field that says how many fields were left out for [`FIELDS_MAX`] or [`NAME_BYTES_MAX`].
pub const DROPPED_FIELD: &str = "stanch.fields_dropped";

/// Longest head of a table, in bytes. It stands in front of each of its rows; Zeek's widest, of
/// `x509` and `ssl` with all additions, stay below 4,000.
pub const TABLE_HEAD_BYTES_MAX: usize = 8 << 10;

/// Longest text that is written before each row of an osquery result, in bytes: names, times and
/// decorations. A result with a longer one stays one record.
pub const ROW_HEAD_BYTES_MAX: usize = 4 << 10;

/// Bytes that may be added to a small osquery result when it is cut into rows; a large one may
/// grow eightfold. What would grow more stays one record.
pub const ROWS_GROWTH_BYTES_MAX: usize = 1 << 20;

/// Levels of elements in an event that comes as XML; honest ones have five.
pub const XML_DEPTH_MAX: usize = 32;

/// Elements of an event that comes as XML; as many as an event has fields, twice.
pub const XML_ELEMENTS_MAX: usize = 4_000;

/// Characters of a record that an error message quotes.
pub const QUOTE_CHARS_MAX: usize = 60;
