//! Tests of rules: `NAME.test.yaml` beside `NAME.yaml`.
//!
//! The file is a list of cases. Each case starts with empty windows, parses its events in order and runs
//! them through the rules of the rule file alone:
//!
//! ```yaml
//! - name: vssadmin deletes all shadow copies
//!   format: windows                 # a format of the intake; see below
//!   events:
//!     - 'a record as the source writes it, one line of text'
//!     - { EventID: 1, CommandLine: vssadmin delete shadows /all }   # the same as JSON
//!   match: true
//! - name: eight failures in five minutes are one alert
//!   format: sshd
//!   rule: SSH brute force            # optional: count this rule alone, by id, name or title
//!   events: [ … ]
//!   match: 1
//! ```
//!
//! * `match: true` wants at least one detection, `false` none, a number exactly so many. Rules that only
//!   feed correlations make no detections.
//! * Without `format`, an event must be a mapping; its keys are taken for the fields of an event of the
//!   rule's own log source, one second after the event before it. That tests the rule, not the intake.
//! * `repeat: 8` beside an event that is a mapping of `{ event: …, repeat: 8 }` sends it as often.
//!
//! Findings of the file itself have codes `TS0101` (shape) and `TS0102` (the rule is refused).

mod case;
mod run;

pub use run::{CaseResult, Parse, run};
