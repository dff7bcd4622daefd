//! Rows of a table: fields with a delimiter between them, in quotes where they hold it, a quote or a line break.

use crate::import::Error;

/// Longest field, in bytes.
const FIELD_BYTES_MAX: usize = 64 << 10;

/// Most fields of a row.
const FIELDS_MAX: usize = 1_000;

/// The rows of a text, each with the line at which it begins.
pub(crate) struct Rows<'a> {
    rest: &'a str,
    delimiter: char,
    line: usize,
}

impl<'a> Rows<'a> {
    pub(crate) const fn new(text: &'a str, delimiter: char) -> Self {
        Self { rest: text, delimiter, line: 1 }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Passes over empty lines and comments.
    fn skip_comments(&mut self) {
        while let Some(line) = self.rest.split_inclusive('\n').next() {
            if !line.trim().is_empty() && !line.starts_with('#') {
                return;
            }
            self.line = self.line.saturating_add(1);
            self.skip(line.len());
        }
    }

    fn row(&mut self) -> Result<Vec<String>, Error> {
        let mut fields = Vec::new();
        loop {
            if fields.len() == FIELDS_MAX {
                return Err(self.error(format!("a row has at most {FIELDS_MAX} fields")));
            }
            let field = if self.rest.starts_with('"') { self.quoted()? } else { self.bare() };
            if field.len() > FIELD_BYTES_MAX {
                return Err(self.error(format!("a field has at most {FIELD_BYTES_MAX} bytes")));
            }
            fields.push(field);
            if let Some(rest) = self.rest.strip_prefix(self.delimiter) {
                self.rest = rest;
                continue;
            }
            let rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
            if rest.is_empty() || rest.starts_with('\n') {
                self.rest = rest.strip_prefix('\n').unwrap_or(rest);
                self.line = self.line.saturating_add(1);
                return Ok(fields);
            }
            return Err(self.error("something stands behind a closing quote".to_owned()));
        }
    }

    const fn error(&self, why: String) -> Error {
        Error::Table { line: self.line, why }
    }

    fn bare(&mut self) -> String {
        let delimiter = self.delimiter;
        let end = self.rest.find([delimiter, '\n']).unwrap_or(self.rest.len());
        let field = self.rest.get(..end).unwrap_or_default();
        let is_last = !self.rest.get(end..).unwrap_or_default().starts_with(delimiter);
        let field = if is_last { field.strip_suffix('\r').unwrap_or(field) } else { field };
        let field = field.to_owned();
        self.skip(field.len());
        field
    }

    fn quoted(&mut self) -> Result<String, Error> {
        let begun = self.line;
        self.skip(1);
        let mut field = String::new();
        loop {
            let Some(end) = self.rest.find('"') else {
                return Err(Error::Table { line: begun, why: "a quote is not closed".to_owned() });
            };
            let part = self.rest.get(..end).unwrap_or_default();
            self.line = self.line.saturating_add(part.matches('\n').count());
            field.push_str(part);
            self.skip(end.saturating_add(1));
            if !self.rest.starts_with('"') {
                return Ok(field);
            }
            field.push('"');
            self.skip(1);
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<(usize, Vec<String>), Error>;
    fn next(&mut self) -> Option<Self::Item> {
        self.skip_comments();
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let row = self.row();
        if row.is_err() {
            // Where the quotes are wrong, so is everything behind.
            self.rest = "";
        }
        Some(row.map(|row| (line, row)))
    }
}
