//! The one place that reads the time: the lab is a target of its own, not a part of the engine.

use std::sync::Arc;

use stanch_model::Time;

/// Where the lab reads the time; tests hand in one that they move.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the lab plays a foreign system, which has a clock of its own"
        )]
        Self::from_fn(|| jiff::Timestamp::now().into())
    }

    /// A clock that shows what `read` returns.
    #[must_use]
    pub fn from_fn(read: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Time {
        (self.0)()
    }
}
