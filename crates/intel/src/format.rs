//! The formats in which indicators come, told apart by what stands in them.

use crate::{
    Columns, csv,
    import::{DOCUMENT_BYTES_MAX, Error, Import, Origin, bounded},
    kev, misp, plain, stix, warninglist,
};

/// How a document is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// One value per line.
    Plain,
    /// A table, with what its columns hold.
    Csv(Box<Columns>),
    /// A STIX 2.1 bundle.
    Stix,
    /// Events of MISP.
    Misp,
    /// A MISP warning list: values that are harmless.
    Warninglist,
    /// CISA's catalogue of exploited vulnerabilities.
    Kev,
}

impl Format {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Csv(_) => "csv",
            Self::Stix => "stix",
            Self::Misp => "misp",
            Self::Warninglist => "warninglist",
            Self::Kev => "kev",
        }
    }

    /// Tells the format of a document by its top-level keys. What is no JSON is a plain list: a table cannot be told
    /// from it, and its columns have to be named anyway.
    ///
    /// # Errors
    /// JSON of a form that is none of these.
    pub fn of(text: &str) -> Result<Self, Error> {
        bounded(text)?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('[') && text.trim_start_matches('[').trim_start().starts_with('{') {
            return Ok(Self::Misp);
        }
        if !text.starts_with('{') {
            return Ok(Self::Plain);
        }
        let keys = TopKeys::read(text)?;
        let has = |key: &str| keys.0.iter().any(|known| known == key);
        if has("objects") {
            Ok(Self::Stix)
        } else if has("Event") || has("response") {
            Ok(Self::Misp)
        } else if has("vulnerabilities") {
            Ok(Self::Kev)
        } else if has("list") {
            Ok(Self::Warninglist)
        } else {
            let why = "it has none of `objects`, `Event`, `response`, `vulnerabilities`, `list`";
            Err(Error::Form { what: "a document of indicators", why: why.to_owned() })
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// A document that is not of this format, or larger than [`DOCUMENT_BYTES_MAX`].
    pub fn read(&self, origin: &Origin, text: &str) -> Result<Import, Error> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(Error::TooLarge { bytes: text.len() });
        }
        match self {
            Self::Plain => Ok(plain::read(origin, text)),
            Self::Csv(columns) => csv::read(origin, columns, text),
            Self::Stix => stix::read(origin, text),
            Self::Misp => misp::read(origin, text),
            Self::Warninglist => warninglist::read(origin, text),
            Self::Kev => kev::read(text),
        }
    }
}

/// The keys of a JSON object; what they hold is passed over.
struct TopKeys(Vec<String>);

impl TopKeys {
    fn read(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| Error::json("JSON", &error))
    }
}

impl<'de> serde::Deserialize<'de> for TopKeys {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> serde::de::Visitor<'de> for Keys {
            type Value = TopKeys;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: serde::de::MapAccess<'de>>(
                self,
                mut map: M,
            ) -> Result<TopKeys, M::Error> {
                let mut keys = Vec::new();
                while let Some((key, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                    if keys.len() < 64 {
                        keys.push(key);
                    }
                }
                Ok(TopKeys(keys))
            }
        }
        d.deserialize_map(Keys)
    }
}
