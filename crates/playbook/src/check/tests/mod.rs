//! Tests of the checker: planted faults, the corpus of several faults at once, the table of codes, the
//! valid playbooks.

pub(crate) mod catalog;
mod codes;
mod corpus;
mod mutants;
pub(crate) mod planted;
mod valid;
