//! What goes into a statement and what comes out of a row.

use std::borrow::Cow;

use stanch_model::canonical;

use crate::Error;

/// How long a text from outside may be in an index, in bytes. PostgreSQL refuses rows of more than
/// 2,700 bytes in one, all columns together.
const KEY_BYTES_MAX: usize = 800;

/// A text from outside as it stands in an index: a long one by its beginning and its hash.
pub(crate) fn index_key(text: &str) -> Cow<'_, str> {
    if text.len() <= KEY_BYTES_MAX {
        return Cow::Borrowed(text);
    }
    let hash = canonical::sha256_bytes(text.as_bytes());
    let start = text.get(..text.floor_char_boundary(KEY_BYTES_MAX - hash.len() - 1));
    Cow::Owned(format!("{}…{hash}", start.unwrap_or_default()))
}

/// What a value is. PostgreSQL asks for it even where there is none: `?1 IS NULL` alone does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number, a time, a flag.
    Integer,
    /// A measure.
    Real,
    /// A text.
    Text,
    /// Bytes.
    Blob,
}

/// One parameter, or one column of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// SQL's null, where a value of that kind could be. What is read from a row is of no kind.
    Null(Option<Kind>),
    /// Numbers, times in microseconds, flags as 0 and 1.
    Integer(i64),
    /// Measures that are no counts.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl Cell<'_> {
    /// What it is, or would be.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Self::Null(kind) => kind,
            Self::Integer(_) => Some(Kind::Integer),
            Self::Real(_) => Some(Kind::Real),
            Self::Text(_) => Some(Kind::Text),
            Self::Blob(_) => Some(Kind::Blob),
        }
    }

    /// What it is, for people.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Null(_) => "null",
            Self::Integer(_) => "an integer",
            Self::Real(_) => "a real",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

/// What can be a parameter.
pub(crate) trait ToCell {
    /// What it is.
    const KIND: Kind;

    /// It as SQL has it.
    fn cell(&self) -> Cell<'_>;
}

/// What can be read from a column.
pub(crate) trait FromCell: Sized {
    /// What a column must hold.
    const WANTED: &'static str;

    /// The value, if the column holds one of this type.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;

    /// The value, or what the column holds instead.
    fn read(cell: Cell<'_>, column: usize) -> Result<Self, Error> {
        Self::from_cell(cell).ok_or(Error::Column {
            column,
            wanted: Self::WANTED,
            found: cell.told(),
        })
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl FromCell for $type {
            const WANTED: &'static str = concat!("an integer within ", stringify!($type));
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Integer(number) => Self::try_from(number).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
integers!(i64, u64, i32, u32, u16, u8);

macro_rules! lossless {
    ($($type:ty),*) => {$(
        impl ToCell for $type {
    const KIND: Kind = Kind::Integer;
            fn cell(&self) -> Cell<'_> {
                Cell::Integer(i64::from(*self))
            }
        }
    )*};
}
lossless!(i64, i32, u32, u16, u8, bool);

impl ToCell for f64 {
    const KIND: Kind = Kind::Real;
    fn cell(&self) -> Cell<'_> {
        Cell::Real(*self)
    }
}

impl ToCell for str {
    const KIND: Kind = Kind::Text;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for String {
    const KIND: Kind = Kind::Text;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for Cow<'_, str> {
    const KIND: Kind = Kind::Text;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for [u8] {
    const KIND: Kind = Kind::Blob;
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl ToCell for Vec<u8> {
    const KIND: Kind = Kind::Blob;
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl<T: ToCell + ?Sized> ToCell for &T {
    const KIND: Kind = T::KIND;
    fn cell(&self) -> Cell<'_> {
        (**self).cell()
    }
}

impl<T: ToCell> ToCell for Option<T> {
    const KIND: Kind = T::KIND;
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null(Some(T::KIND)), T::cell)
    }
}

impl FromCell for bool {
    const WANTED: &'static str = "0 or 1";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Integer(0) => Some(false),
            Cell::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl FromCell for f64 {
    const WANTED: &'static str = "a real";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Real(number) => Some(number),
            _ => None,
        }
    }
}

impl FromCell for String {
    const WANTED: &'static str = "text";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl FromCell for Vec<u8> {
    const WANTED: &'static str = "bytes";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Blob(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    const WANTED: &'static str = T::WANTED;
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null(_) => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// The parameters of a statement: what [`params!`] makes, or `[]`.
pub(crate) trait Params<'a> {
    /// In the order of `?1`, `?2` and so on.
    fn cells(self) -> &'a [Cell<'a>];
}

impl<'a> Params<'a> for &'a [Cell<'a>] {
    fn cells(self) -> &'a [Cell<'a>] {
        self
    }
}

impl<'a> Params<'a> for [Cell<'a>; 0] {
    fn cells(self) -> &'a [Cell<'a>] {
        &[]
    }
}

/// The parameters of a statement, in the order of `?1`, `?2` and so on.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::sql::ToCell::cell(&$value)),*][..]
    };
}
pub(crate) use params;
