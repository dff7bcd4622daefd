//! Numbers from facts: times to detect, acknowledge and contain; share automated.
//!
//! Shown as distributions, never as a lone mean. Incidents that have not got there yet are part of the
//! picture (Kaplan–Meier), or the numbers would look best where most is left undone. A median that
//! was not reached is none, not a guess. Shares carry their Wilson interval, so that 10 of 10 does not read as
//! certainty.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod fact;
mod measures;
mod share;
mod times;

#[cfg(test)]
mod tests;

pub use fact::Fact;
pub use measures::{Measures, measure};
pub use share::Share;
pub use times::{Reached, Times};
