//! Tests of the checker: the corpus of planted faults, the table of codes, the valid playbooks.

pub(crate) mod catalog;
mod codes;
mod corpus;
