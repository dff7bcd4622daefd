//! One record before a source reads it: its text, and its JSON parsed once for all who look.

use serde_json::{Map, Value};

use crate::error::{Error, quote};

/// One record: text, and a JSON object if the text begins as one.
#[derive(Debug)]
pub struct Record<'a> {
    text: &'a str,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Object(Map<String, Value>),
    Broken(serde_json::Error),
    Text,
}

impl<'a> Record<'a> {
    /// Looks at `text`; white space and a byte order mark around it do not count.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim();
        let body = if text.starts_with('{') {
            serde_json::from_str(text).map_or_else(Body::Broken, Body::Object)
        } else {
            Body::Text
        };
        Self { text, body }
    }

    /// The text, trimmed.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The object, if the record is one.
    #[must_use]
    pub const fn object(&self) -> Option<&Map<String, Value>> {
        match &self.body {
            Body::Object(object) => Some(object),
            Body::Broken(_) | Body::Text => None,
        }
    }

    /// Whether the text begins as JSON, whole or broken.
    #[must_use]
    pub const fn looks_like_json(&self) -> bool {
        !matches!(self.body, Body::Text)
    }

    /// The object, for a source called `format` that reads nothing else.
    ///
    /// # Errors
    /// The text is no object, or broken JSON.
    pub fn into_object(self, format: &'static str) -> Result<Map<String, Value>, Error> {
        match self.body {
            Body::Object(object) => Ok(object),
            Body::Broken(cause) => Err(Error::BrokenJson { format, cause: cause.to_string() }),
            Body::Text => Err(Error::NotAnObject { format, found: quote(self.text) }),
        }
    }
}
