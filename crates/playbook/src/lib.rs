//! The language: parse, check, compile to a graph; Run::apply.
//!
//! Pure: no clock, randomness, socket or file. Text becomes an [`ast::Playbook`] ([`parse`]), which is
//! checked against the catalog ([`check`]) and compiled to a [`graph::Graph`]. A [`run::Run`] is the
//! state machine over that graph; its journal is the run, memory a cache of it. [`testing`] runs the cases
//! of `NAME.test.yaml` through the same machine.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod ast;
pub mod check;
pub mod graph;
pub mod parse;
pub mod run;
pub mod testing;

pub use ast::Playbook;
pub use graph::Graph;
pub use run::{Effect, IllegalEvent, Planner, PlannerStep, Run, RunEvent};
