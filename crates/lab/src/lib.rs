//! A practice target: EDR, firewall, directory and mailbox by HTTP; records every act, fails on command.
//!
//! Nothing in here is real, and every surface says so: the page, the header
//! `X-Stanch-Practice: true` on each answer, and `"practice": true` in each JSON body. It stands
//! in for the systems that a response acts on, so that a demonstration runs on any laptop, and it
//! is the hostile counterpart of the tests: it can be told to act and then answer wrongly, late or
//! not at all ([`Mode`]), and it keeps its own log of what was done to it ([`Act`]), which is what
//! a test believes when it asks whether something happened twice.
//!
//! A request walks: `http` (token) → `delivery` (planned failures) → a product's folder → `desk`
//! (one act: key known? apply, write down, answer) → `world` (what is true now) → `delivery`
//! again, which spoils the answer if it was told to.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod acts;
mod answer;
mod call;
mod clock;
mod delivery;
mod desk;
mod directory;
mod edr;
mod failures;
mod firewall;
mod http;
mod log;
mod mailbox;
mod order;
mod page;
mod serve;
mod state;
mod switch;
mod wire;

#[cfg(test)]
mod tests;

pub use acts::{Act, Outcome};
pub use clock::Clock;
pub use failures::Mode;
pub use order::Order;
pub use serve::{Lab, Options, serve};
