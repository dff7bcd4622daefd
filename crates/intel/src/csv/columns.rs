//! Which column holds what.

use std::str::FromStr;

use crate::import::Error;

/// A column, by its name in the first row or by its number from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// As the first row calls it; capitals do not matter.
    Name(String),
    /// The first is 1.
    Number(usize),
}

/// Which column holds what. Only the value has to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// What stands between fields.
    pub delimiter: char,
    /// The value.
    pub value: Column,
    /// The kind of value; it is checked against what the value is.
    pub kind: Option<Column>,
    /// From 0 to 100.
    pub confidence: Option<Column>,
    /// A word of TLP.
    pub tlp: Option<Column>,
    /// `malicious` or `benign`.
    pub meaning: Option<Column>,
    /// A time.
    pub valid_from: Option<Column>,
    /// A time.
    pub valid_until: Option<Column>,
    /// A time.
    pub first_seen: Option<Column>,
    /// A time.
    pub last_seen: Option<Column>,
    /// Words with `,`, `;` or `|` between them.
    pub tags: Option<Column>,
    /// A text that is shown with a match.
    pub comment: Option<Column>,
    /// What the source calls the row.
    pub id: Option<Column>,
}

/// Where each stands, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) value: usize,
    pub(super) kind: Option<usize>,
    pub(super) confidence: Option<usize>,
    pub(super) tlp: Option<usize>,
    pub(super) meaning: Option<usize>,
    pub(super) valid_from: Option<usize>,
    pub(super) valid_until: Option<usize>,
    pub(super) first_seen: Option<usize>,
    pub(super) last_seen: Option<usize>,
    pub(super) tags: Option<usize>,
    pub(super) comment: Option<usize>,
    pub(super) id: Option<usize>,
}

impl Columns {
    /// A table in which only the values matter.
    #[must_use]
    pub const fn of_value(value: Column) -> Self {
        Self {
            delimiter: ',',
            value,
            kind: None,
            confidence: None,
            tlp: None,
            meaning: None,
            valid_from: None,
            valid_until: None,
            first_seen: None,
            last_seen: None,
            tags: None,
            comment: None,
            id: None,
        }
    }

    /// What can be named, beside the value.
    fn optional(&mut self) -> [(&'static str, &mut Option<Column>); 11] {
        [
            ("kind", &mut self.kind),
            ("confidence", &mut self.confidence),
            ("tlp", &mut self.tlp),
            ("meaning", &mut self.meaning),
            ("valid_from", &mut self.valid_from),
            ("valid_until", &mut self.valid_until),
            ("first_seen", &mut self.first_seen),
            ("last_seen", &mut self.last_seen),
            ("tags", &mut self.tags),
            ("comment", &mut self.comment),
            ("id", &mut self.id),
        ]
    }

    /// Whether a first row with names is needed.
    pub(super) fn have_names(&self) -> bool {
        let mut own = self.clone();
        let is_name = |column: &Column| matches!(column, Column::Name(_));
        is_name(&self.value) || own.optional().iter().any(|(_, c)| c.as_ref().is_some_and(is_name))
    }

    /// Finds every column in the first row.
    pub(super) fn places(&self, header: Option<(usize, &[String])>) -> Result<Places, Error> {
        let (line, names) = header.unwrap_or((1, &[]));
        let place = |column: &Column| match column {
            Column::Number(number) => number.checked_sub(1).ok_or_else(|| Error::Table {
                line,
                why: "the first column is number 1".to_owned(),
            }),
            Column::Name(name) => {
                let is_it = |cell: &String| cell.trim().eq_ignore_ascii_case(name);
                names.iter().position(is_it).ok_or_else(|| Error::Table {
                    line,
                    why: format!("there is no column `{name}`; there are {}", names.join(", ")),
                })
            }
        };
        let may = |column: &Option<Column>| column.as_ref().map(place).transpose();
        Ok(Places {
            value: place(&self.value)?,
            kind: may(&self.kind)?,
            confidence: may(&self.confidence)?,
            tlp: may(&self.tlp)?,
            meaning: may(&self.meaning)?,
            valid_from: may(&self.valid_from)?,
            valid_until: may(&self.valid_until)?,
            first_seen: may(&self.first_seen)?,
            last_seen: may(&self.last_seen)?,
            tags: may(&self.tags)?,
            comment: may(&self.comment)?,
            id: may(&self.id)?,
        })
    }
}

/// `value=ioc,confidence=3,tlp=TLP`: what is what, by name or number; `delimiter=;`, or `tab`.
impl FromStr for Columns {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut columns = Self::of_value(Column::Number(0));
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (what, column) = pair
                .split_once('=')
                .ok_or_else(|| format!("`{pair}` has no `=`; write value=NAME or value=NUMBER"))?;
            if what == "delimiter" {
                columns.delimiter = delimiter(column)?;
                continue;
            }
            let column = match column.parse::<usize>() {
                Ok(0) => return Err(format!("{what}: the first column is number 1")),
                Ok(number) => Column::Number(number),
                Err(_) => Column::Name(column.to_owned()),
            };
            if what == "value" {
                columns.value = column;
                continue;
            }
            let mut known = columns.optional();
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            match known.iter_mut().find(|(name, _)| *name == what) {
                Some((_, place)) => **place = Some(column),
                None => {
                    let names = names.join(", ");
                    return Err(format!(
                        "there is no `{what}`; there are value, {names}, delimiter"
                    ));
                }
            }
        }
        match columns.value {
            Column::Number(0) => {
                Err("the column of the values is missing; write value=NAME".to_owned())
            }
            Column::Name(_) | Column::Number(_) => Ok(columns),
        }
    }
}

fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab", ..) => Ok('\t'),
        (_, Some(one), None) if !one.is_alphanumeric() && one != '"' => Ok(one),
        _ => Err(format!("`{text}` is no delimiter; write one sign, or tab")),
    }
}
