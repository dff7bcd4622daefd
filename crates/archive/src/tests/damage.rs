//! Bit flips, missing and shortened files: found, named, never repaired by deleting.

use std::{collections::BTreeMap, fs, path::Path};

use super::{MARK_BYTES, SMALL, batch, block_on, open, read_all};
use crate::{
    Error, IntakeLog, Options,
    frame::{HEADER_BYTES, record_bytes},
    segment, verify,
};

type Files = BTreeMap<std::path::PathBuf, Vec<u8>>;

fn files(dir: &Path) -> Files {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn put(files: &Files) {
    for (path, bytes) in files {
        fs::write(path, bytes).unwrap();
    }
}

/// A log of several segments, closed in good order.
fn sample(dir: &Path) -> (Files, Vec<(stanch_model::EventId, String)>) {
    let records = block_on(async {
        let (log, _) = open(dir, SMALL);
        for n in 0..9 {
            let key = format!("key {n}");
            log.append_once(Some(&key), batch(&["one", &"two".repeat(n), "three"])).await.unwrap();
        }
        let records = read_all(&log).await;
        log.close().await.unwrap();
        records
    });
    (files(dir), records)
}

/// Opens and reads everything: the records, or the first error.
fn try_read(dir: &Path) -> Result<Vec<(stanch_model::EventId, String)>, Error> {
    block_on(async {
        let (log, _) = IntakeLog::open(dir, SMALL)?;
        let mut reader = log.reader(stanch_model::EventId::default());
        let mut records = Vec::new();
        while let Some((id, bytes)) = reader.next().await? {
            records.push((id, String::from_utf8_lossy(&bytes).into_owned()));
        }
        Ok(records)
    })
}

#[test]
fn every_flipped_bit_is_found_or_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let (good, records) = sample(dir.path());
    assert!(good.len() >= 3);
    let (mut found, mut harmless) = (0, 0);
    for (path, bytes) in &good {
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(path, &bad).unwrap();
            match verify(dir.path()) {
                Err(Error::Corrupt { path: named, .. }) => {
                    assert_eq!(&named, path);
                    // Opening costs a sync, so not for each byte.
                    if at % 7 == 0 {
                        let error = try_read(dir.path()).unwrap_err();
                        assert!(
                            matches!(error, Error::Corrupt { path: named, .. } if &named == path)
                        );
                    }
                    assert_eq!(fs::read(path).unwrap(), bad, "damage is left as it was found");
                    found += 1;
                }
                Err(other) => panic!("{other}"),
                Ok(whole) => {
                    // Only the last mark, which nothing vouches for and which holds no record.
                    assert!(whole.torn_bytes > 0, "{} byte {at}", path.display());
                    assert_eq!(try_read(dir.path()).unwrap(), records);
                    harmless += 1;
                }
            }
            put(&good);
        }
    }
    assert_eq!(harmless, MARK_BYTES, "one mark");
    assert!(found > 1_000);
}

#[test]
fn a_shortened_segment_that_is_not_the_last_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (good, _) = sample(dir.path());
    let (path, bytes) = good.first_key_value().unwrap();
    for length in 0..bytes.len() {
        fs::write(path, &bytes[..length]).unwrap();
        let error = try_read(dir.path()).unwrap_err();
        assert!(matches!(&error, Error::Corrupt { path: named, .. } if named == path), "{error}");
        assert!(matches!(verify(dir.path()), Err(Error::Corrupt { .. })));
    }
    fs::write(path, [bytes.as_slice(), b"more"].concat()).unwrap();
    let error = try_read(dir.path()).unwrap_err();
    assert!(matches!(&error, Error::Corrupt { .. }), "{error}");
}

#[test]
fn a_missing_segment_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (good, _) = sample(dir.path());
    let path = good.keys().nth(1).unwrap();
    fs::remove_file(path).unwrap();
    let error = IntakeLog::open(dir.path(), SMALL).unwrap_err();
    let expect = format!(
        "{} is missing, though later segments exist; restore it from a backup",
        path.display()
    );
    assert_eq!(error.to_string(), expect);
}

#[test]
fn swapped_segments_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (good, _) = sample(dir.path());
    let mut paths = good.keys();
    let (one, two) = (paths.next().unwrap(), paths.next().unwrap());
    fs::write(one, &good[two]).unwrap();
    fs::write(two, &good[one]).unwrap();
    let error = verify(dir.path()).unwrap_err();
    let expect = format!(
        "{} is damaged at byte 0: its header names another segment; restore the file from a backup",
        one.display()
    );
    assert_eq!(error.to_string(), expect);
}

/// One segment of five batches of the same size; its path, bytes, and where the batches start.
fn five(dir: &Path) -> (std::path::PathBuf, Vec<u8>, Vec<usize>) {
    let path = segment::path(dir, 1);
    let mut starts = Vec::new();
    for n in 0..5 {
        starts.push(fs::read(&path).map_or(HEADER_BYTES, |bytes| bytes.len()));
        block_on(async {
            let (log, _) = open(dir, Options::default());
            log.append(batch(&[&n.to_string()])).await.unwrap();
            log.close().await.unwrap();
        });
    }
    let bytes = fs::read(&path).unwrap();
    (path, bytes, starts)
}

#[test]
fn a_batch_that_was_cut_out_repeated_or_swapped_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes, starts) = five(dir.path());
    let part = |from: usize, to: usize| &bytes[starts[from]..starts[to]];
    let (head, end) = (&bytes[..starts[1]], &bytes[starts[4]..]);
    assert_eq!(part(1, 2).len(), part(2, 3).len());
    let cases = [
        [head, part(2, 4), end].concat(),
        [head, part(1, 2), part(1, 4), end].concat(),
        [head, part(2, 3), part(1, 2), part(3, 4), end].concat(),
    ];
    fs::write(&path, [head, part(1, 4), end].concat()).unwrap();
    assert_eq!(verify(dir.path()).unwrap().records, 5, "positive control");
    for bad in cases {
        fs::write(&path, &bad).unwrap();
        let found = verify(dir.path());
        assert!(matches!(found, Err(Error::Corrupt { .. })), "{found:?}");
        assert!(matches!(try_read(dir.path()), Err(Error::Corrupt { .. })));
        assert_eq!(fs::read(&path).unwrap(), bad);
    }
}

#[tokio::test]
async fn the_last_group_is_vouched_for_as_soon_as_the_writer_is_idle() {
    let dir = tempfile::tempdir().unwrap();
    let path = segment::path(dir.path(), 1);
    let (log, _) = open(dir.path(), Options::default());
    log.append(batch(&["last"])).await.unwrap();
    // As after a kill: no closing. The mark comes after the answer, so it is waited for.
    let end = HEADER_BYTES + record_bytes(None, b"last");
    let bytes = loop {
        let bytes = fs::read(&path).unwrap();
        if bytes.len() >= end + MARK_BYTES {
            break bytes;
        }
        tokio::task::yield_now().await;
    };
    let copy = tempfile::tempdir().unwrap();
    let path = segment::path(copy.path(), 1);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(verify(copy.path()).unwrap().records, 1, "positive control");
    let mut bad = bytes.clone();
    bad[end - 1] ^= 1;
    fs::write(&path, bad).unwrap();
    let found = verify(copy.path());
    assert!(matches!(found, Err(Error::Corrupt { offset: 24, .. })), "{found:?}");
}
