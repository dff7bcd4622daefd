//! The contract of a connector: what its manifest says, held against what its target was seen to do.
//!
//! A [`Recording`] is one example of an action with the exchanges that were recorded for it, in the
//! order in which they happened; it stands in `examples/` beside the manifest. [`replay`] fills the
//! manifest's requests in and compares, and reads the recorded answers as a run would. [`coverage`]
//! says what was never recorded. [`live`] tries a manifest at a real target, and makes recordings.

mod coverage;
mod live;
mod planned;
mod read;
mod recording;
mod rendered;
mod replay;
mod tape;

pub use coverage::coverage;
pub use live::{Drill, Report, Step, live};
pub use planned::planned;
pub use read::read;
pub use recording::{Exchange, First, Part, Recording, Setting};
pub(crate) use rendered::{filled, http_path, rendered, rendered_first};
pub use replay::replay;
pub use tape::{Tape, Taped, recorded};
