//! What a crash leaves of the last write: any part of it, in any order of pages.

use std::{fs, ops::Range, path::Path};

use proptest::prelude::*;

use super::{MARK_BYTES, batch, block_on, open, read_all, texts};
use crate::{Error, IntakeLog, Options, frame::HEADER_BYTES, segment, verify};

/// One segment of three synced groups; returns its bytes and where the last group is. The mark
/// behind it is left out: a crash right after the write comes before it.
fn three_groups(dir: &Path, groups: &[Vec<String>; 3]) -> (Vec<u8>, Range<usize>) {
    let path = segment::path(dir, 1);
    let mut before_last = 0;
    for (n, group) in groups.iter().enumerate() {
        block_on(async {
            let (log, _) = open(dir, Options::default());
            before_last = fs::read(&path).unwrap().len();
            let records = group.iter().map(|text| text.clone().into_bytes()).collect();
            log.append_once(Some(&format!("batch {n}")), records).await.unwrap();
            log.close().await.unwrap();
        });
    }
    let bytes = fs::read(&path).unwrap();
    let end = bytes.len() - MARK_BYTES;
    (bytes, before_last..end)
}

fn groups() -> [Vec<String>; 3] {
    ["first", "second", "third"].map(|name| (0..4).map(|n| format!("{name} {n}")).collect())
}

#[test]
fn cut_at_every_byte_leaves_whole_batches() {
    let dir = tempfile::tempdir().unwrap();
    let groups = groups();
    let (bytes, _) = three_groups(dir.path(), &groups);
    let path = segment::path(dir.path(), 1);
    let all: Vec<String> = groups.concat();
    let mut lengths = std::collections::BTreeSet::new();
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let torn = verify(dir.path()).unwrap().torn_bytes;
        let (log, recovery) = open(dir.path(), Options::default());
        assert_eq!((recovery.truncated_bytes, recovery.segment), (torn, 1), "cut at {length}");
        let found = block_on(texts(&log));
        assert!(all.starts_with(&found), "cut at {length}: {found:?}");
        assert_eq!(found.len() % 4, 0, "cut at {length}: half a batch: {found:?}");
        lengths.insert(found.len());
        // The log goes on, and the retry of a batch that was cut off is no duplicate.
        let again = block_on(log.append_once(Some("batch 2"), batch(&["again"]))).unwrap();
        assert_eq!(again.duplicate, found.len() == 12, "cut at {length}");
        drop(log);
        assert_eq!(verify(dir.path()).unwrap().torn_bytes, 0);
    }
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [0, 4, 8, 12]);
}

#[test]
fn damage_before_the_last_mark_is_no_torn_write() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, last) = three_groups(dir.path(), &groups());
    let path = segment::path(dir.path(), 1);
    for at in [HEADER_BYTES, HEADER_BYTES + 30, last.start, last.end - 1] {
        let mut bad = bytes.clone();
        bad[at] ^= 0x40;
        fs::write(&path, &bad).unwrap();
        let error = IntakeLog::open(dir.path(), Options::default()).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "byte {at}: {error}");
        assert_eq!(fs::read(&path).unwrap(), bad);
    }
}

#[test]
fn frames_inside_a_record_are_text() {
    // A sender who sends a copy of a segment's own bytes, and a crash that tears that very record.
    let dir = tempfile::tempdir().unwrap();
    let path = segment::path(dir.path(), 1);
    let (bytes, _) = three_groups(dir.path(), &groups());
    block_on(async {
        let (log, _) = open(dir.path(), Options::default());
        log.append(vec![bytes.clone()]).await.unwrap();
        log.close().await.unwrap();
    });
    let mut torn = fs::read(&path).unwrap();
    torn.truncate(torn.len() - MARK_BYTES);
    let at = bytes.len() + 2;
    torn[at] ^= 1;
    fs::write(&path, &torn).unwrap();
    let (log, recovery) = open(dir.path(), Options::default());
    assert!(recovery.truncated_bytes > 0);
    assert_eq!(block_on(read_all(&log)).len(), 12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Power loss keeps or loses each piece of what was not synced, in any order, and may leave
    /// zeros or noise; what was synced stays. That is never an error and costs no acknowledged record.
    #[test]
    fn any_tear_of_the_last_group_keeps_what_was_synced(
        texts in proptest::array::uniform3(proptest::collection::vec("[ -~]{0,40}", 1..6)),
        pieces in proptest::collection::vec(0_u8..3, 1..40),
        piece_bytes in 1_usize..64,
        cut in proptest::option::of(0.0_f64..1.0),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (mut bytes, last) = three_groups(dir.path(), &texts);
        bytes.truncate(last.end);
        let mut touched = false;
        for (chunk, fate) in bytes[last.clone()].chunks_mut(piece_bytes).zip(pieces.iter().cycle()) {
            match fate {
                0 => {}
                1 => { touched |= chunk.iter().any(|b| *b != 0); chunk.fill(0); }
                _ => { touched = true; chunk.iter_mut().for_each(|b| *b = !*b); }
            }
        }
        if let Some(share) = cut {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
            let keep = (last.len() as f64 * share) as usize;
            touched |= keep < last.len();
            bytes.truncate(last.start + keep);
        }
        fs::write(segment::path(dir.path(), 1), &bytes).unwrap();
        let (log, _) = open(dir.path(), Options::default());
        let found: Vec<String> = block_on(super::texts(&log));
        let synced = [texts[0].clone(), texts[1].clone()].concat();
        let expect = if touched { synced } else { texts.concat() };
        prop_assert_eq!(found, expect);
    }
}
