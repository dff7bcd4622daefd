//! Tests of the whole log: what is promised, under faults.

mod concurrent;
mod damage;
mod fault;
mod order;
mod torn;

use std::path::Path;

use stanch_model::EventId;

use crate::{IntakeLog, Options, Recovery};

/// Segments of a few records, so that rotation is always part of the test.
pub(crate) const SMALL: Options = Options {
    segment_bytes_max: 400,
    queue_batches_max: 64,
    group_bytes_max: 1 << 20,
    keys_max: 100,
};

/// The length of a mark.
pub(crate) const MARK_BYTES: usize = 29;

pub(crate) fn open(dir: &Path, options: Options) -> (IntakeLog, Recovery) {
    IntakeLog::open(dir, options).unwrap()
}

pub(crate) const fn id(segment: u64, sequence: u64) -> EventId {
    EventId { segment, sequence }
}

pub(crate) fn batch(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_owned()).collect()
}

/// Everything acknowledged, as text.
pub(crate) async fn read_all(log: &IntakeLog) -> Vec<(EventId, String)> {
    let mut reader = log.reader(EventId::default());
    let mut all = Vec::new();
    while let Some((id, bytes)) = reader.next().await.unwrap() {
        all.push((id, String::from_utf8(bytes).unwrap()));
    }
    all
}

pub(crate) async fn texts(log: &IntakeLog) -> Vec<String> {
    read_all(log).await.into_iter().map(|(_, text)| text).collect()
}

/// A runtime for proptest, whose cases are no async functions.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
