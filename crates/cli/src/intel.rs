//! Files of indicators, as the commands about them read them.

use std::path::Path;

use stanch_intel::{AllowList, Columns, Format, Import, Intel, Meaning, Origin, import};
use stanch_model::Time;

use crate::{exit::Usage, output, walk};

/// How files are read.
#[derive(clap::Args, Debug)]
pub(crate) struct Reading {
    /// What the columns of a table hold, by name or number:
    /// value=ioc,confidence=3,tlp=TLP,valid_until=until,tags=tags,comment=note,delimiter=tab
    #[arg(long, value_name = "WHAT=COLUMN,…", value_parser = columns)]
    columns: Option<Columns>,
    /// The moment for which it is said what is valid, RFC 3339; now if absent
    #[arg(long, value_name = "TIME")]
    at: Option<Time>,
}

fn columns(text: &str) -> Result<Columns, String> {
    text.parse()
}

impl Reading {
    /// The moment that is meant.
    pub(crate) fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "a look-up on files has no server's clock")]
        let now = || Time::from(jiff::Timestamp::now());
        self.at.unwrap_or_else(now)
    }

    /// What a file says, and in which format; its name without folder and ending is the source.
    ///
    /// # Errors
    /// A file that cannot be read, or is of no format that is known.
    pub(crate) fn read(&self, path: &str) -> anyhow::Result<(Format, Import)> {
        let text = text(path)?;
        let is_table = ends_in(path, "csv") || ends_in(path, "tsv");
        let format = match (&self.columns, Format::of(&text).map_err(|error| told(path, &error))?) {
            (Some(columns), Format::Plain) => Format::Csv(Box::new(columns.clone())),
            (None, Format::Plain) if is_table => {
                let how = "name what its columns hold, as in --columns value=ioc";
                return Err(Usage(format!("{path}: a table; {how}")).into());
            }
            (_, format) => format,
        };
        let origin = Origin::new(&source(path), self.now());
        let import = format.read(&origin, &text).map_err(|error| told(path, &error))?;
        Ok((format, import))
    }

    /// Adds the lists of harmless values in a file: an allow-list, a warning list, or values one per line.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub(crate) fn benign(&self, path: &str, intel: &mut Intel) -> anyhow::Result<()> {
        let text = text(path)?;
        let name = source(path);
        let (set, findings) = match Format::of(&text).map_err(|error| told(path, &error))? {
            Format::Warninglist => stanch_intel::IndicatorSet::load_warninglist(&text)
                .map_err(|error| Usage(format!("{path}: {error}")))?,
            Format::Plain if ends_in(path, "csv") => {
                let read = AllowList::read(&name, &text).map_err(|error| told(path, &error))?;
                (read.0.in_force(self.now()), read.1)
            }
            Format::Plain => stanch_intel::IndicatorSet::load(&name, &text),
            other => {
                let text = format!("{path}: a list of harmless values is no {}", other.word());
                return Err(Usage(text).into());
            }
        };
        for finding in findings {
            output::note(&format!("{path}: {finding}"));
        }
        intel.add(Meaning::Benign, set);
        Ok(())
    }
}

/// What a file is called as a source.
pub(crate) fn source(path: &str) -> String {
    let stem = Path::new(path).file_stem();
    stem.map_or_else(|| path.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn ends_in(path: &str, wanted: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case(wanted))
}

fn text(path: &str) -> anyhow::Result<String> {
    let max = u64::try_from(import::DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
    let bytes = walk::read_up_to(path, max, "more than a file of indicators may have")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn told(path: &str, error: &import::Error) -> Usage {
    Usage(format!("{path}: {error}"))
}
