//! `backup`: a running instance's books, log and configuration in one file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    client::{Client, Connection},
    exit::{Exit, NotFound},
    output::{self, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Where it goes, a new file; `-` is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data folder of the instance on this host; without it a server is asked, as an administrator
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, _: &mut Output) -> anyhow::Result<Exit> {
    let client = match &args.data {
        Some(data) => over_socket(data)?,
        None => args.connection.open()?,
    };
    let bytes = if args.file == Path::new("-") {
        client.download(&["backup"], &mut io::stdout().lock())?
    } else {
        into_file(&client, &args.file)?
    };
    output::note(&format!("{bytes} bytes written"));
    Ok(Exit::Done)
}

fn over_socket(data: &Path) -> anyhow::Result<Client> {
    let socket = data.join("control.sock");
    if !socket.exists() {
        let why = format!("{}: no server runs on this data folder", data.display());
        return Err(NotFound(why).into());
    }
    Client::over_socket(&socket)
}

/// The file is there under its name once it is whole.
fn into_file(client: &Client, file: &Path) -> anyhow::Result<u64> {
    anyhow::ensure!(!file.exists(), "{} is there already", file.display());
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let mut to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)
        .with_context(|| format!("making {}", partial.display()))?;
    let written = client.download(&["backup"], &mut to).and_then(|bytes| {
        to.flush().and_then(|()| to.sync_all()).context("syncing the backup")?;
        fs::rename(&partial, file).with_context(|| format!("naming {}", file.display()))?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .context("syncing the folder")?;
        Ok(bytes)
    });
    if written.is_err() && partial.exists() {
        fs::remove_file(&partial).with_context(|| format!("removing {}", partial.display()))?;
    }
    written
}
