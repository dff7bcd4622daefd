//! The imperative shell: intake, detection, triage, runs, acting, people, clock.
//!
//! One folder per stage, in the order that data takes. A stage is a service with options and a
//! handle; it never reaches into another stage's state. Walk one alert through:
//! [`intake`] puts records on disk, [`detection`] reads them back and detects, [`triage`] makes alerts,
//! incidents and runs of what was found, [`runs`] carries the runs out, [`acting`] asks the guard,
//! acts and keeps the ledger, [`people`] decide. [`jobs`] look at what is in the store.

pub mod acting;
pub mod assets;
pub mod backup;
pub mod clock;
pub mod config;
pub mod connectors;
pub mod content;
pub mod core;
pub mod detection;
mod engine;
mod error;
pub mod feeds;
pub mod intake;
pub mod jobs;
pub mod live;
mod opening;
pub mod people;
pub mod runs;
pub mod secrets;
pub mod tenure;
pub mod triage;

pub use engine::{Engine, Options};
pub use error::Error;
pub use stanch_measure::{Measures, Share, Times};
pub use stanch_store::{
    DeadLetter, Error as StoreError, KillSwitch, PolicyVersion, Question, QuestionState, Repeated,
    SourceStatus, UnknownOutcome,
};
