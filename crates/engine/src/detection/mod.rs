//! Detection: reads the intake log in order, detects, and hands what was found to triage.
//!
//! The offset moves in the store change that holds what came of the events, so every event is
//! processed exactly once as far as alerts go.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use stanch_archive::IntakeLog;
use stanch_detect::{Detection, Detector, RuleSet, product_detection};
use stanch_model::{Event, EventId, TenantId, Time, event::Trust};
use tokio_util::sync::CancellationToken;

use crate::{
    Error,
    core::Core,
    intake::Envelope,
    runs::Runs,
    triage::{Outcome, Triage},
};

/// How many events share one store change at the most.
const BATCH_MAX: usize = 512;

/// How long to wait before a full disk is tried again.
const FULL_PAUSE: Duration = Duration::from_secs(1);

/// The detection stage.
#[derive(Debug)]
pub struct Detect {
    core: Core,
    log: IntakeLog,
    detectors: Detectors,
    triage: Triage,
    runs: Runs,
}

/// Records that anybody can write are counted apart from the rest: else they could bring a count
/// to its threshold, and the alert would be believed for the one trusted record that came last.
#[derive(Debug)]
struct Detectors {
    open: Detector,
    trusted: Detector,
}

impl Detectors {
    fn new(rules: Arc<RuleSet>) -> Self {
        Self { open: Detector::new(rules.clone()), trusted: Detector::new(rules) }
    }

    fn of(&mut self, event: &Event) -> &mut Detector {
        if event.trust == Trust::Low { &mut self.open } else { &mut self.trusted }
    }
}

/// What is to be written for one batch.
#[derive(Debug, Default)]
struct Batch {
    last: EventId,
    found: Vec<(Event, Detection)>,
    unread: Vec<(TenantId, String, u32, String, String)>,
    counts: BTreeMap<(TenantId, String), Count>,
}

#[derive(Debug, Default)]
struct Count {
    trust: &'static str,
    events: u32,
    last: Option<Time>,
}

impl Detect {
    /// Reads `log` on from where the store says, with `rules`.
    #[must_use]
    pub fn new(
        core: Core,
        log: IntakeLog,
        rules: Arc<RuleSet>,
        triage: Triage,
        runs: Runs,
    ) -> Self {
        Self { core, log, detectors: Detectors::new(rules), triage, runs }
    }

    /// Reads until `shutdown`.
    ///
    /// # Errors
    /// Storage that failed; a log that is shorter than the store remembers.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), Error> {
        let done = self.core.store.read(|view| view.intake_offset()).await?;
        if let Some(done) = done {
            self.warm_up(done).await?;
        }
        let mut reader = self.log.reader_after(done)?;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                ready = reader.wait() => match ready {
                    Err(stanch_archive::Error::Closed) => return Ok(()),
                    ready => ready?,
                },
            }
            let records = reader.next_batch(BATCH_MAX).await?;
            if !records.is_empty() {
                self.take(&records).await?;
            }
        }
    }

    /// Feeds what was processed before once more to the correlations, so that their windows survive
    /// a restart. Nothing comes of it but their state.
    async fn warm_up(&mut self, done: EventId) -> Result<(), Error> {
        let window = self.detectors.trusted.rules().max_window();
        if window.is_zero() {
            return Ok(());
        }
        let since = self.core.clock.now().minus(window);
        let from = EventId { segment: done.segment.saturating_sub(1).max(1), sequence: 0 };
        let mut reader = self.log.reader(from);
        while let Some((id, bytes)) = reader.next().await? {
            if id > done {
                break;
            }
            let event = Envelope::from_bytes(&bytes).and_then(|envelope| envelope.event(id));
            if let Ok(event) = event
                && event.received_at >= since
            {
                self.detectors.of(&event).warm(&event);
            }
        }
        Ok(())
    }

    async fn take(&mut self, records: &[(EventId, Vec<u8>)]) -> Result<(), Error> {
        let batch = Arc::new(self.read(records));
        let outcome = loop {
            match self.write(batch.clone()).await {
                Err(Error::Full) => {
                    tracing::error!("the disk is full: detection waits");
                    tokio::time::sleep(FULL_PAUSE).await;
                }
                other => break other?,
            }
        };
        for change in outcome.changes {
            self.core.live.tell(change.kind, change.id);
        }
        for run in outcome.runs {
            self.core.live.tell("run", run.id);
            self.runs.begin(&run.tenant, run.id).await;
        }
        Ok(())
    }

    fn read(&mut self, records: &[(EventId, Vec<u8>)]) -> Batch {
        let mut batch = Batch::default();
        for (id, bytes) in records {
            batch.last = *id;
            let envelope = match Envelope::from_bytes(bytes) {
                Ok(envelope) => envelope,
                Err(why) => {
                    let raw = String::from_utf8_lossy(bytes).into_owned();
                    batch.unread.push((TenantId::default(), "intake".to_owned(), 0, why, raw));
                    continue;
                }
            };
            match envelope.event(*id) {
                Ok(event) => self.detect(&event, &mut batch),
                Err(why) => batch.unread.push((
                    envelope.tenant().clone(),
                    envelope.source().to_owned(),
                    envelope.line(),
                    why,
                    envelope.raw().to_owned(),
                )),
            }
        }
        batch
    }

    fn detect(&mut self, event: &Event, batch: &mut Batch) {
        let key = (event.tenant.clone(), event.source.clone());
        let count = batch.counts.entry(key).or_default();
        count.events += 1;
        count.trust = match event.trust {
            Trust::Low => "low",
            Trust::Medium => "medium",
            Trust::High => "high",
        };
        count.last = Some(event.received_at);
        let span = tracing::debug_span!("detect.process");
        let mut detections = span.in_scope(|| self.detectors.of(event).process(event));
        detections.extend(product_detection(event));
        batch.found.extend(detections.into_iter().map(|detection| (event.clone(), detection)));
    }

    async fn write(&self, batch: Arc<Batch>) -> Result<Outcome, Error> {
        let triage = self.triage.clone();
        let now = self.core.clock.now();
        let written = self.core.store.write(move |tx| {
            let mut outcome = Outcome::default();
            for (event, detection) in &batch.found {
                triage.take(tx, event, detection, now, &mut outcome)?;
            }
            for (tenant, source, line, why, raw) in &batch.unread {
                tx.add_dead_letter(tenant, source, *line, now, (why, raw))?;
            }
            for ((tenant, source), count) in &batch.counts {
                tx.count_source(tenant, source, count.trust, (count.events, 0), count.last)?;
            }
            tx.set_intake_offset(batch.last)?;
            Ok(outcome)
        });
        Ok(written.await?)
    }
}
