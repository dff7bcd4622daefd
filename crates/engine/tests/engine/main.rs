//! The engine against the lab: one binary, since each would compile the whole engine anew.

mod approvals;
mod backtest;
mod backup;
mod deaths;
mod durable;
mod guard;
mod hostile_target;
mod intake;
mod language;
mod ledger;
mod limits;
mod mailbox;
mod main_job;
mod notices;
mod proposals;
mod reconcile;
mod secrets;
mod trust;
mod versions;
mod votes;
mod world;
