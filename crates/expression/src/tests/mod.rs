//! Tests of the crate, by what they ask.
