//! `restore`: a data folder made of a backup.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use stanch_engine::{backup, clock::Clock};

use crate::{
    exit::Exit,
    output::{self, Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The backup; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data folder to make; it must not be there yet
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let from: Box<dyn Read> = if args.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(&args.file);
        Box::new(BufReader::new(file.with_context(|| format!("opening {}", args.file.display()))?))
    };
    let now = Clock::new(stanch_model::Time::default()).now();
    let contents = backup::restore(from, &args.data, now)?;
    if args.format.json {
        out.json(&contents)?;
        return Ok(Exit::Done);
    }
    let bytes: u64 = contents.files.iter().map(|file| file.bytes).sum();
    out.line(&format!(
        "{} holds the backup of {}: {} files, {bytes} bytes, all of them as they were",
        args.data.display(),
        contents.taken_at,
        contents.files.len()
    ))?;
    output::note(
        "what starts on it acts on nothing until its containments have been compared with their targets",
    );
    Ok(Exit::Done)
}
