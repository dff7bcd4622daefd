//! MISP warning lists: values that are likely to be harmless (MISP warning-lists format,
//! `schema.json` of that project: `name`, `type`, `list`).

use serde::Deserialize;

use crate::{
    IndicatorSet,
    plain::{Finding, Findings},
};

/// Why a warning list could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No JSON, or none of this form.
    #[error("not a MISP warning list")]
    Form(#[from] serde_json::Error),
    /// A list whose entries are no values but rules.
    #[error("warning list `{name}` is of type `{kind}`; cidr, string and hostname can be read")]
    Kind {
        /// The list.
        name: String,
        /// Its type.
        kind: String,
    },
}

#[derive(Deserialize)]
struct Warninglist {
    name: String,
    #[serde(rename = "type", default = "string")]
    kind: String,
    list: Vec<String>,
}

fn string() -> String {
    "string".to_owned()
}

impl IndicatorSet {
    /// Reads a warning list; its `name` becomes the set's. In a list of type `hostname` and `cidr` an entry means
    /// what is below it, in one of type `string` only itself.
    ///
    /// # Errors
    /// [`Error::Form`], and [`Error::Kind`] for `substring` and `regex`.
    pub fn load_warninglist(text: &str) -> Result<(Self, Vec<Finding>), Error> {
        let Warninglist { name, kind, list } = serde_json::from_str(text)?;
        let mut set = Self::new(&name);
        match kind.as_str() {
            "cidr" | "hostname" => {}
            "string" => set = set.with_exact_domains(),
            _ => return Err(Error::Kind { name, kind }),
        }
        let mut findings = Findings::default();
        for (n, entry) in list.iter().enumerate() {
            findings.add(&mut set, n + 1, entry.trim(), None);
        }
        Ok((set, findings.done()))
    }
}
