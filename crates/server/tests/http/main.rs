//! The surface as whoever can reach it sees it: a real server on a port of its own, asked over HTTP.
//!
//! What every answer must have is checked in [`bench`], so each test checks it too.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod bench;
mod bodies;
mod cross_site;
mod feeds;
mod files;
mod forge;
mod hostile;
mod inert;
mod ingest;
mod setup;
mod sign_in;
mod stream;
