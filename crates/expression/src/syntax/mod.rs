//! From text to a capped tree with a place for every node.
//!
//! [`scan`] cuts the text into words and refuses what is too large, [`parse`] lets the `cel` crate
//! read it and translates its complaints, [`lower`] turns its tree into ours: one node for each
//! thing that was written, comprehensions unexpanded, every span known.

mod hint;
mod lower;
mod parse;
pub(crate) mod scan;
pub(crate) mod tree;

pub(crate) use parse::parse;
