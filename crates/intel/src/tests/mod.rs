//! Documents in, indicators and answers out.

mod allow;
mod blocklist;
mod corpora;
mod csv;
mod event;
mod format;
mod index;
mod indicator;
mod kev;
mod lookup;
mod misp;
mod pattern;
mod score;
mod stix;
mod value;

use stanch_model::Time;

use crate::{Import, Origin};

/// When everything here is read.
fn now() -> Time {
    time("2026-03-01T00:00:00Z")
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn origin() -> Origin {
    Origin::new("feed", now())
}

/// What was left out, a line each.
fn left_out(import: &Import) -> Vec<String> {
    assert_eq!(import.left_out.parts.len(), import.left_out.count);
    import.left_out.parts.iter().map(ToString::to_string).collect()
}

/// The values of all claims.
fn values(import: &Import) -> Vec<String> {
    import.claims.iter().map(|(value, _)| value.to_string()).collect()
}
