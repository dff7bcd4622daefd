//! The contract of every connector that we ship. A new folder below content/connectors is held to it
//! without a line here.
//!
//! It loads without a finding (`rules`); its manifest sends what was recorded and reads the recorded
//! answers (`rules`); no input changes the shape of what is sent (`inputs`); and at a target that fails
//! in the ways of real ones there is at most one effect, and the words for what happened are true
//! (`hostile`, against a target that answers from the recordings).

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

#[path = "../common/mod.rs"]
mod common;
mod hostile;
mod inputs;
mod replayed;
mod rules;
mod subject;
