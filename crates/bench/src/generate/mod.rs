//! Records as sensors and hosts write them, the same for the same seed, benign but for two in a thousand.

mod random;
mod sshd;
mod suricata;
mod sysmon;

use jiff::Timestamp;

use self::random::Random;

/// The intake sources, named like their formats.
pub(crate) const SOURCES: [&str; 3] = ["suricata", "windows", "sshd"];

/// Records in one body.
const BODY_RECORDS: usize = 500;

/// When the first record of seed 0 happened: 2026-01-01T00:00:00Z. Each seed has an hour of its own.
const START_SECONDS: u64 = 1_767_225_600;

/// Records a second, as the sensors' clocks see it.
const MICROS_PER_RECORD: u64 = 1_000;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// One of [`SOURCES`].
    pub(crate) source: &'static str,
    /// One line.
    pub(crate) line: String,
}

/// What one request carries.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    /// One of [`SOURCES`].
    pub(crate) source: &'static str,
    /// The lines.
    pub(crate) bytes: Vec<u8>,
    /// How many.
    pub(crate) count: usize,
}

/// `count` records: half of them Suricata's, four tenths Sysmon's, the rest sshd's.
pub(crate) fn records(seed: u64, count: usize) -> Vec<Record> {
    let mut random = Random::new(seed);
    let start = START_SECONDS.saturating_add(seed.saturating_mul(3_600)).saturating_mul(1_000_000);
    let times = (0_u64..).map(|number| stamp(start + number * MICROS_PER_RECORD));
    let record = |(time, _): (String, usize)| {
        let (source, line) = match random.below(10) {
            0..5 => ("suricata", suricata::line(&mut random, &time)),
            5..9 => ("windows", sysmon::line(&mut random, &time)),
            _ => ("sshd", sshd::line(&mut random, &time)),
        };
        Record { source, line }
    };
    times.zip(0..count).map(record).collect()
}

/// The same records as bodies of one source each, in the order in which these fill.
pub(crate) fn bodies(records: &[Record]) -> Vec<Body> {
    let mut full = Vec::new();
    let mut open = SOURCES.map(|source| Body { source, bytes: Vec::new(), count: 0 });
    for record in records {
        let Some(body) = open.iter_mut().find(|body| body.source == record.source) else {
            continue;
        };
        body.bytes.extend_from_slice(record.line.as_bytes());
        body.bytes.push(b'\n');
        body.count += 1;
        if body.count == BODY_RECORDS {
            let next = Body { source: body.source, bytes: Vec::new(), count: 0 };
            full.push(std::mem::replace(body, next));
        }
    }
    full.extend(open.into_iter().filter(|body| body.count > 0));
    full
}

/// RFC 3339 with microseconds.
fn stamp(micros: u64) -> String {
    let micros = i64::try_from(micros).unwrap_or_default();
    let time = Timestamp::from_microsecond(micros).unwrap_or_default();
    format!("{time:.6}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use stanch_ingest::{Receipt, parse};
    use stanch_model::{Event, EventId, TenantId, event::Trust};

    use super::*;

    fn events(seed: u64, count: usize) -> Vec<Event> {
        let event = |record: Record| {
            let receipt = Receipt {
                id: EventId::default(),
                tenant: TenantId::default(),
                source: record.source.to_owned(),
                trust: Trust::Medium,
                received_at: "2026-11-24T10:00:00Z".parse().unwrap(),
            };
            parse(Some(record.source), &record.line, receipt)
                .unwrap_or_else(|error| panic!("{error}: {}", record.line))
        };
        records(seed, count).into_iter().map(event).collect()
    }

    #[test]
    fn a_seed_gives_the_same_records_and_another_gives_others() {
        assert_eq!(records(3, 500), records(3, 500));
        let (three, four) = (records(3, 500), records(4, 500));
        assert!(three.iter().zip(&four).all(|(three, four)| three != four));
    }

    #[test]
    fn every_record_is_read_as_what_it_is() {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let (mut alerts, mut downloads, all) = (0, 0, events(1, 10_000));
        for event in &all {
            assert_eq!(event.occurred_at.to_string().split(':').next(), Some("2026-01-01T01"));
            let service = event.log_source.service.clone().unwrap_or_default();
            let category = event.log_source.categories.first().cloned().unwrap_or_default();
            *seen.entry(format!("{service} {category}")).or_default() += 1;
            alerts += usize::from(event.product_alert.is_some());
            let process = event.common.process.as_deref().unwrap_or_default();
            downloads += usize::from(process.ends_with("certutil.exe"));
        }
        for kind in [
            "sysmon process_creation",
            "sysmon network_connection",
            "sysmon file_event",
            "sysmon dns_query",
        ] {
            assert!(seen.get(kind).is_some_and(|count| *count > 200), "{kind}: {seen:?}");
        }
        assert!(seen.keys().any(|kind| kind.starts_with("sshd")), "{seen:?}");
        assert!((2..=20).contains(&alerts), "about one in a thousand: {alerts}");
        assert!((2..=20).contains(&downloads), "about one in a thousand: {downloads}");
        let with_peer = all.iter().filter(|event| event.common.src_ip.is_some()).count();
        assert!(with_peer > 7_000, "{with_peer}");
    }

    #[test]
    fn bodies_hold_every_record_once() {
        let all = records(2, 2_345);
        let bodies = bodies(&all);
        assert_eq!(bodies.iter().map(|body| body.count).sum::<usize>(), all.len());
        for source in SOURCES {
            let sent = bodies.iter().filter(|body| body.source == source);
            let sent: Vec<u8> = sent.flat_map(|body| body.bytes.clone()).collect();
            let own = all.iter().filter(|record| record.source == source);
            let own: String = own.map(|record| format!("{}\n", record.line)).collect();
            assert!(sent == own.into_bytes(), "{source}");
        }
    }
}
