//! Intake: deliveries become records of the intake log; acknowledged means on disk.
//!
//! What cannot be read is answered by line number and kept as a dead letter; it never stops the rest.

mod envelope;
mod file;
mod syslog;

use stanch_archive::IntakeLog;
use stanch_ingest::{Receipt, TableHead, parse, recognise, split_after};
use stanch_model::{EventId, TenantId, Time, canonical, event::Trust};

pub use self::{
    envelope::Envelope,
    file::{Tail, TailOptions},
    syslog::{SyslogOptions, SyslogProtocol, listen as listen_syslog},
};
use crate::{Error, core::Core};

/// Who delivers: what its token or configuration says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whose events they are.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// How far it is believed.
    pub trust: Trust,
    /// The format of its records; recognised record by record if not set.
    pub format: Option<String>,
}

/// What became of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// How many records are on disk.
    pub accepted: u64,
    /// How many were on disk from an earlier try of the same delivery.
    pub duplicates: u64,
    /// The lines that could not be read, and why.
    pub dead_letters: Vec<(u32, String)>,
}

/// How many unreadable lines of one delivery are kept and named.
const DEAD_LETTERS_MAX: usize = 1_000;

/// The way in.
#[derive(Clone, Debug)]
pub struct Intake {
    core: Core,
    log: IntakeLog,
}

impl Intake {
    /// The way into `log`.
    #[must_use]
    pub fn new(core: Core, log: IntakeLog) -> Self {
        Self { core, log }
    }

    /// Takes a delivery. `retry_key` recognises a repeated one; without it the same bytes within the
    /// log's window are taken for a repetition.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Poisoned`]: then nothing of it is acknowledged.
    #[tracing::instrument(name = "engine.intake.accept", skip_all, fields(source = %source.name))]
    pub async fn accept(
        &self,
        source: &Source,
        body: &[u8],
        retry_key: Option<&str>,
    ) -> Result<Delivered, Error> {
        let key = match retry_key {
            Some(key) => format!("{}:{key}", source.name),
            None => format!("{}:{}", source.name, canonical::sha256_bytes(body)),
        };
        self.take(source, (&TableHead::default(), body), Some(&key)).await
    }

    /// Takes records of a stream, where the same bytes twice are two records.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub async fn stream(&self, source: &Source, body: &[u8]) -> Result<Delivered, Error> {
        self.take(source, (&TableHead::default(), body), None).await
    }

    /// The same in the middle of a table that began with `head`.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub async fn stream_after(
        &self,
        source: &Source,
        head: &TableHead,
        body: &[u8],
    ) -> Result<Delivered, Error> {
        self.take(source, (head, body), None).await
    }

    /// Follows the last record that is on disk.
    #[must_use]
    pub fn acknowledged(&self) -> tokio::sync::watch::Receiver<Option<EventId>> {
        self.log.acknowledged()
    }

    async fn take(
        &self,
        source: &Source,
        (head, body): (&TableHead, &[u8]),
        key: Option<&str>,
    ) -> Result<Delivered, Error> {
        let now = self.core.clock.now();
        let (records, dead) = read_lines(source, (head, body), now);
        let mut delivered = Delivered::default();
        if !records.is_empty() {
            let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
            let appended = self.log.append_once(key, records).await?;
            if appended.duplicate {
                delivered.duplicates = count;
                return Ok(delivered);
            }
            delivered.accepted = count;
        }
        if !dead.is_empty() {
            delivered.dead_letters =
                dead.iter().map(|letter| (letter.line, letter.reason.clone())).collect();
            self.bury(source.clone(), dead, now).await?;
        }
        Ok(delivered)
    }

    async fn bury(&self, source: Source, dead: Vec<Unread>, now: Time) -> Result<(), Error> {
        let written = self.core.store.write(move |tx| {
            for letter in &dead {
                let what = (letter.reason.as_str(), letter.raw.as_str());
                tx.add_dead_letter(&source.tenant, &source.name, letter.line, now, what)?;
            }
            Ok(())
        });
        Ok(written.await?)
    }
}

/// A line that could not be read.
struct Unread {
    line: u32,
    reason: String,
    raw: String,
}

fn read_lines(
    source: &Source,
    (head, body): (&TableHead, &[u8]),
    now: Time,
) -> (Vec<Vec<u8>>, Vec<Unread>) {
    let mut records = Vec::new();
    let mut dead: Vec<Unread> = Vec::new();
    let mut more = 0_u64;
    for line in split_after(head, body) {
        let number = line.number;
        let read = match line.text {
            Ok(text) => match check(source, &text, now) {
                Ok(format) => Ok((text, format)),
                Err(reason) => Err((reason, text)),
            },
            Err(bad) => Err((bad.reason, bad.lossy)),
        };
        match read {
            Ok((raw, format)) => {
                records.push(Envelope::new(source, format, number, now, raw).to_bytes());
            }
            Err((reason, raw)) if dead.len() < DEAD_LETTERS_MAX => {
                dead.push(Unread { line: number, reason, raw });
            }
            Err(_) => more = more.saturating_add(1),
        }
    }
    if let (1.., Some(last)) = (more, dead.last()) {
        let reason =
            format!("{more} more lines after this one could not be read either, and are not kept");
        dead.push(Unread { line: last.line, reason, raw: String::new() });
    }
    (records, dead)
}

/// Whether the record can be read, and as what: a reader of the log must not find out otherwise.
fn check(source: &Source, text: &str, now: Time) -> Result<&'static str, String> {
    let format = match &source.format {
        Some(format) => stanch_ingest::SOURCES.iter().find(|known| known.name() == format),
        None => None,
    };
    let format = match format {
        Some(format) => format.name(),
        None => recognise(text)
            .map(stanch_ingest::Source::name)
            .ok_or_else(|| "no known format: send JSON objects or syslog lines".to_owned())?,
    };
    let receipt = Receipt {
        id: EventId::default(),
        tenant: source.tenant.clone(),
        source: source.name.clone(),
        trust: source.trust,
        received_at: now,
    };
    match parse(Some(format), text, receipt) {
        Ok(_) => Ok(format),
        Err(error) => Err(error.to_string()),
    }
}
