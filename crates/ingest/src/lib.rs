//! Bytes to events, one folder per source.
