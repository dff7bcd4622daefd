//! The binary: one file per noun and verb.
fn main() {}
