//! The language: parse, check, compile to a graph; Run::apply.
