//! SQL and migrations; the journal; one group-commit writer; queries.
