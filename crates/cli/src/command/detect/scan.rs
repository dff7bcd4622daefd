//! A scan: files to records, records to events, events to alerts.

use std::{
    fs::File,
    io::{self, Read},
};

use anyhow::Context as _;
use stanch_detect::{Detection, Detector, product_detection};
use stanch_engine::clock::Clock;
use stanch_ingest::{Line, Receipt};
use stanch_model::{Event, EventId, Time, event::Trust};

use super::{Args, show};
use crate::{
    exit::Usage,
    lines,
    output::{self, Output},
};

/// Lines of one file that are named because they cannot be read; more are counted.
const UNREAD_NAMED_MAX: u64 = 100;

/// A file written before 2000-01-01 has a stamp that an archive program made up.
const STAMP_MIN: Time = Time::from_micros(946_684_800_000_000);

/// A scan under way.
pub(super) struct Scan<'a> {
    args: &'a Args,
    detector: Detector,
    now: Time,
    out: &'a mut Output,
    pub(super) events: u64,
    pub(super) alerts: u64,
    pub(super) unread: u64,
}

impl<'a> Scan<'a> {
    /// With empty windows.
    pub(super) fn new(args: &'a Args, detector: Detector, out: &'a mut Output) -> Self {
        let now = Clock::new(Time::default()).now();
        Self { args, detector, now, out, events: 0, alerts: 0, unread: 0 }
    }

    /// Scans a file; `segment` numbers it in the ids of its events.
    pub(super) fn file(&mut self, segment: u64, path: &str) -> anyhow::Result<()> {
        let (from, written_at): (Box<dyn Read>, _) = if path == "-" {
            (Box::new(io::stdin()), self.now)
        } else {
            let file = File::open(path).map_err(|error| Usage(format!("{path}: {error}")))?;
            let written_at = written_at(&file).unwrap_or(self.now);
            (Box::new(file), written_at)
        };
        let mut here = Here { path, written_at, id: EventId { segment, sequence: 0 }, unread: 0 };
        // Both closures print, one after the other.
        let scan = std::cell::RefCell::new(self);
        lines::read::<anyhow::Error>(
            from,
            |line| scan.borrow_mut().line(&mut here, &line),
            || Ok(scan.borrow_mut().out.flush()?),
        )
        .with_context(|| format!("scan {path}"))?;
        let more = here.unread.saturating_sub(UNREAD_NAMED_MAX);
        if more > 0 {
            output::note(&format!("{path}: {more} more records cannot be read"));
        }
        Ok(())
    }

    fn line(&mut self, here: &mut Here<'_>, line: &Line) -> anyhow::Result<()> {
        let read = match &line.text {
            Ok(text) => here.event(self.args.format.as_deref(), text),
            Err(bad) => Err(bad.reason.clone()),
        };
        let event = match read {
            Ok(event) => event,
            Err(why) => {
                self.unread += 1;
                here.unread += 1;
                if here.unread <= UNREAD_NAMED_MAX {
                    output::note(&format!("{}:{}: {why}", here.path, line.number));
                }
                return Ok(());
            }
        };
        self.events += 1;
        let mut found = self.detector.process(&event);
        found.extend(product_detection(&event));
        for detection in found.iter().filter(|found| found.severity >= self.args.min_level) {
            self.alerts += 1;
            self.print(here.path, line.number, &event, detection)?;
        }
        Ok(())
    }

    fn print(&mut self, file: &str, line: u32, event: &Event, found: &Detection) -> io::Result<()> {
        if self.args.json {
            return self.out.json_line(&show::row(file, line, event, found));
        }
        if self.alerts == 1 {
            self.out.line(&show::head())?;
        }
        self.out.line(&show::columns_of(event, found))
    }
}

/// A file and how far it was read.
struct Here<'a> {
    path: &'a str,
    written_at: Time,
    id: EventId,
    unread: u64,
}

impl Here<'_> {
    fn event(&mut self, format: Option<&str>, text: &str) -> Result<Event, String> {
        let receipt = Receipt {
            id: self.id,
            tenant: stanch_model::TenantId::default(),
            source: self.path.to_owned(),
            trust: Trust::default(),
            received_at: self.written_at,
        };
        let mut event = stanch_ingest::parse(format, text, receipt).map_err(|e| e.to_string())?;
        // A live intake counts what claims to come from the future as received now. Here the file's stamp
        // is the doubtful one: it only serves for times that leave out the year.
        event.received_at = event.received_at.max(event.occurred_at);
        self.id.sequence += 1;
        Ok(event)
    }
}

/// When a file was last written, unless that cannot be.
fn written_at(file: &File) -> Option<Time> {
    let modified = file.metadata().ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Time::default().plus(since)).filter(|time| *time >= STAMP_MIN)
}
