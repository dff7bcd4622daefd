//! Suites over whole playbooks, those that we ship and those of the corpus: their own cases, every crash
//! point, every fault at every step, everything delivered twice.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod content;
mod crash;
mod driver;
mod faults;
mod load;
mod twice;
mod world;
