//! The kill harness's knife: ends the process without a word just after a journal record, or lets every run
//! stand still where it is, as a dead process would leave it.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

/// After which journal record the process ends: the word of the record, and how many of them are let by.
///
/// Written `WORD:N`, as in `intended:3`; `any:N` counts every record.
#[derive(Debug)]
pub struct CrashPoint {
    word: String,
    left: AtomicU32,
    /// Set instead of ending the process.
    dead: Option<Arc<AtomicBool>>,
    /// Whether it strikes before the record is written, when what it tells of has happened.
    before: bool,
}

impl FromStr for CrashPoint {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once(':').and_then(|(word, count)| {
            let left = AtomicU32::new(count.parse().ok()?);
            Some(Self { word: word.to_owned(), left, dead: None, before: false })
        });
        parsed.ok_or_else(|| format!("`{text}` is no crash point: write WORD:N, as in intended:3"))
    }
}

impl CrashPoint {
    /// For tests in one process: with the record of that number, from 0, no run of this engine writes
    /// anything any more; before it is written, or right after. The flag says that this came.
    #[must_use]
    pub fn stand_still(record: u32, before: bool) -> (Self, Arc<AtomicBool>) {
        let dead = Arc::new(AtomicBool::new(false));
        let left = AtomicU32::new(record);
        (Self { word: "any".to_owned(), left, dead: Some(dead.clone()), before }, dead)
    }

    /// Whether every run stands still.
    pub(super) fn is_dead(&self) -> bool {
        self.dead.as_ref().is_some_and(|dead| dead.load(Ordering::Acquire))
    }

    /// Strikes if the records that are about to be written hold the one it waits for.
    pub(super) fn passes(&self, journal: impl IntoIterator<Item = &'static str>) {
        if self.before {
            self.strike(journal);
        }
    }

    /// Strikes if the records just written, given by their words, hold the one it waits for. Nothing is
    /// flushed, dropped or said: what is on disk is what a power cut would leave.
    pub(super) fn passed(&self, journal: impl IntoIterator<Item = &'static str>) {
        if !self.before {
            self.strike(journal);
        }
    }

    fn strike(&self, journal: impl IntoIterator<Item = &'static str>) {
        for word in journal {
            if self.word != "any" && self.word != word {
                continue;
            }
            if self.left.fetch_sub(1, Ordering::AcqRel) == 0 {
                match &self.dead {
                    Some(dead) => dead.store(true, Ordering::Release),
                    None => std::process::abort(),
                }
            }
        }
    }
}
