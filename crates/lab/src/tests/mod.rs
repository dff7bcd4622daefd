//! The lab through HTTP, on a free port, with a clock that the test moves.

mod acts;
mod bench;
mod contract;
mod durable;
mod modes;
