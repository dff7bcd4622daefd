//! Bit flips, missing and shortened files: found, named, never repaired by deleting.

use std::{collections::BTreeMap, fs, path::Path};

use super::{SMALL, batch, block_on, open, read_all};
use crate::{Error, IntakeLog, verify};

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
                    let error = try_read(dir.path()).unwrap_err();
                    assert!(matches!(error, Error::Corrupt { path: named, .. } if &named == path));
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
    assert_eq!(harmless, 21, "the length of one mark");
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
