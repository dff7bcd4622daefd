//! The kill harness's knife: ends the process without a word just after a journal record.

use std::{
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};

/// After which journal record the process ends: the word of the record, and how many of them are let by.
///
/// Written `WORD:N`, as in `intended:3`; `any:N` counts every record.
#[derive(Debug)]
pub struct CrashPoint {
    word: String,
    left: AtomicU32,
}

impl FromStr for CrashPoint {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once(':').and_then(|(word, count)| {
            Some(Self { word: word.to_owned(), left: AtomicU32::new(count.parse().ok()?) })
        });
        parsed.ok_or_else(|| format!("`{text}` is no crash point: write WORD:N, as in intended:3"))
    }
}

impl CrashPoint {
    /// Ends the process if the records just written, given by their words, hold the one it waits
    /// for. Nothing is flushed, dropped or said: what is on disk is what a power cut would leave.
    pub(super) fn passed(&self, journal: impl IntoIterator<Item = &'static str>) {
        for word in journal {
            if self.word != "any" && self.word != word {
                continue;
            }
            if self.left.fetch_sub(1, Ordering::AcqRel) == 0 {
                std::process::abort();
            }
        }
    }
}
