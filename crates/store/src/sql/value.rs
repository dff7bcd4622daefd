//! What goes into a statement and what comes out of a row.

use crate::Error;

/// One parameter, or one column of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// SQL's null.
    Null,
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
    fn kind(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Integer(_) => "an integer",
            Self::Real(_) => "a real",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

/// What can be a parameter.
pub(crate) trait ToCell {
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
            found: cell.kind(),
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
            fn cell(&self) -> Cell<'_> {
                Cell::Integer(i64::from(*self))
            }
        }
    )*};
}
lossless!(i64, i32, u32, u16, u8, bool);

impl ToCell for f64 {
    fn cell(&self) -> Cell<'_> {
        Cell::Real(*self)
    }
}

impl ToCell for str {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for String {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for [u8] {
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl ToCell for Vec<u8> {
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl<T: ToCell + ?Sized> ToCell for &T {
    fn cell(&self) -> Cell<'_> {
        (**self).cell()
    }
}

impl<T: ToCell> ToCell for Option<T> {
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, T::cell)
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
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// The parameters of a statement: what [`params!`] makes, or `[]`.
pub(crate) trait Params {
    /// In the order of `?1`, `?2` and so on.
    fn cells(&self) -> &[Cell<'_>];
}

impl Params for &[Cell<'_>] {
    fn cells(&self) -> &[Cell<'_>] {
        self
    }
}

impl Params for [Cell<'static>; 0] {
    fn cells(&self) -> &[Cell<'_>] {
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
