//! The language: parse, check, compile to a graph; Run::apply.
//!
//! Pure: no clock, randomness, socket or file. Text becomes an [`ast::Playbook`] ([`parse`]), which is
//! checked against the catalog ([`check`]) and compiled to a [`graph::Graph`]. A [`run::Run`] is the
//! state machine over that graph; its journal is the run, memory a cache of it. [`testing`] runs the cases
//! of `NAME.test.yaml` through the same machine, [`backtest`] what happened once.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod agenda;
pub mod ast;
pub mod backtest;
pub mod check;
pub mod fmt;
pub mod graph;
pub mod language;
pub mod parse;
pub mod picture;
pub mod run;
pub mod schedule;
pub mod testing;

pub use ast::Playbook;
pub use graph::Graph;
pub use run::{Called, Effect, IllegalEvent, Planner, PlannerStep, Run, RunEvent};
