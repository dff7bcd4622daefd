//! MISP warning lists: values that are likely to be harmless (MISP warning-lists format,
//! `schema.json` of that project: `name`, `type`, `list`).

use serde::Deserialize;

use crate::{
    IndicatorSet, Meaning, Value, import,
    import::{Import, Origin},
    plain::{Finding, Findings, shorten},
    set::SetBuilder,
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
        let is_exact = is_exact(&name, &kind)?;
        let mut set = SetBuilder::new(&name, is_exact);
        let mut findings = Findings::default();
        for (entry, number) in list.iter().zip(1..) {
            findings.add(&mut set, number, entry.trim(), None);
        }
        Ok((set.build(), findings.done()))
    }
}

/// Whether the entries of a list mean only themselves.
fn is_exact(name: &str, kind: &str) -> Result<bool, Error> {
    match kind {
        "cidr" | "hostname" => Ok(false),
        "string" => Ok(true),
        _ => Err(Error::Kind { name: name.to_owned(), kind: kind.to_owned() }),
    }
}

/// Reads a warning list as claims that its values are harmless. A claim of a domain means those below it as well,
/// also that of a list of type `string`: what is harmless may be taken too widely, and never too narrowly.
pub(crate) fn read(origin: &Origin, text: &str) -> Result<Import, import::Error> {
    const WHAT: &str = "a MISP warning list";
    let list: Warninglist = import::json(WHAT, text)?;
    is_exact(&list.name, &list.kind)
        .map_err(|error| import::Error::Form { what: WHAT, why: error.to_string() })?;
    let mut found = Import::default();
    for (entry, number) in list.list.iter().map(|entry| entry.trim()).zip(1_usize..) {
        let place = format!("entry {number}");
        match Value::read(entry) {
            Ok(value) => {
                let claim = origin.claim();
                let comment = Some(list.name.clone());
                let claim = crate::Claim { meaning: Meaning::Benign, comment, ..claim };
                found.claim(&place, value, claim);
            }
            Err(why) => found.leave_out(&place, format!("`{}` {why}", shorten(entry))),
        }
    }
    Ok(found)
}
