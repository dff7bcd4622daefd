//! Values on the wire.

use std::error::Error as StdError;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

use crate::{
    Error,
    sql::{Cell, Kind},
};

/// What PostgreSQL cannot hold in a text, and what stands there in its place.
const NUL: (char, &str) = ('\0', "\u{2400}");

/// A parameter. `Debug` shows no value: the driver writes parameters into its debug log.
pub(super) struct Bound<'a>(pub(super) Cell<'a>);

impl std::fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(
        &self,
        to: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self.0, to) {
            (Cell::Null(_), _) => Ok(IsNull::Yes),
            (Cell::Integer(number), &Type::INT4) => i32::try_from(number)?.to_sql(to, out),
            (Cell::Integer(number), &Type::INT8) => number.to_sql(to, out),
            (Cell::Real(number), &Type::FLOAT8) => number.to_sql(to, out),
            (Cell::Blob(bytes), &Type::BYTEA) => bytes.to_sql(to, out),
            (Cell::Text(text), &Type::TEXT) => {
                if text.contains(NUL.0) {
                    text.replace(NUL.0, NUL.1).to_sql(to, out)
                } else {
                    text.to_sql(to, out)
                }
            }
            (cell, to) => Err(format!("{} cannot be a {to}", cell.told()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(from: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(match *from {
            Type::INT8 => Self::Integer(i64::from_sql(from, raw)?),
            Type::INT4 => Self::Integer(i64::from(i32::from_sql(from, raw)?)),
            Type::BOOL => Self::Integer(i64::from(bool::from_sql(from, raw)?)),
            Type::FLOAT8 => Self::Real(f64::from_sql(from, raw)?),
            Type::BYTEA => Self::Blob(raw),
            _ => Self::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self::Null(None))
    }

    fn accepts(from: &Type) -> bool {
        matches!(
            *from,
            Type::INT8 | Type::INT4 | Type::BOOL | Type::FLOAT8 | Type::BYTEA | Type::TEXT
        )
    }
}

/// The type of a parameter; left to the server where it is not known.
pub(super) fn parameter_type(cell: Cell<'_>) -> Type {
    match cell.kind() {
        Some(Kind::Integer) => Type::INT8,
        Some(Kind::Real) => Type::FLOAT8,
        Some(Kind::Text) => Type::TEXT,
        Some(Kind::Blob) => Type::BYTEA,
        None => Type::UNKNOWN,
    }
}

/// A column of a row.
pub(crate) fn cell(row: &tokio_postgres::Row, column: usize) -> Result<Cell<'_>, Error> {
    Ok(row.try_get(column)?)
}
