//! The measures: one file each, and this list.

mod backtest;
mod detect;
mod durable;
mod intake;
mod latency;
mod script;
mod start;
mod stores;

use crate::{setup::Setup, table::Outcome};

/// One measure.
pub(crate) struct Measure {
    /// As it is typed.
    pub(crate) name: &'static str,
    /// In plain words.
    pub(crate) about: &'static str,
    /// Takes it.
    pub(crate) run: fn(&Setup) -> anyhow::Result<Outcome>,
}

/// All of them, in the order of the table.
pub(crate) const MEASURES: &[Measure] = &[
    Measure {
        name: "intake",
        about: "events through HTTP to disk and detection, against JSON parsing; memory",
        run: intake::run,
    },
    Measure {
        name: "detect",
        about: "evaluation of the public rules, against rsigma without routing",
        run: detect::run,
    },
    Measure {
        name: "durable",
        about: "journal and intake log, against a raw file synced in groups",
        run: durable::run,
    },
    Measure {
        name: "stores",
        about: "the journal on SQLite and on PostgreSQL, against bare rows committed in groups there",
        run: stores::run,
    },
    Measure {
        name: "latency",
        about: "from an alert's last event to the intent on disk, in fdatasyncs",
        run: latency::run,
    },
    Measure {
        name: "backtest",
        about: "alerts of the past through a playbook, against only reading them",
        run: backtest::run,
    },
    Measure {
        name: "script",
        about: "a script in the sandbox, against a bare child",
        run: script::run,
    },
    Measure {
        name: "start",
        about: "time until it listens, and idle memory, against an empty process",
        run: start::run,
    },
];
