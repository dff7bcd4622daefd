//! The key: where it is, whether it is the right one, and the file that holds it if nobody says.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rand::RngExt as _;
use stanch_connector::{
    Secrets,
    secrets::{Key, KeyError, KeySource, Keyring},
};
use stanch_store::SealedSecret;

use crate::{Error, config::SecretsConfig, core::Core};

/// Where the store keeps the salt of passphrases.
const SALT: &str = "secrets:salt";

/// The keys that the configuration names, or those of the managed file.
pub(super) async fn load(
    core: &Core,
    managed: Option<&Path>,
    config: &SecretsConfig,
    lookup: &Secrets,
) -> Result<Option<Keyring>, Error> {
    let mut previous = Vec::new();
    for reference in &config.previous {
        previous.push(key(core, &parse(reference)?, lookup).await?);
    }
    let current = match (&config.key, managed) {
        (Some(reference), _) => Some(key(core, &parse(reference)?, lookup).await?),
        (None, Some(path)) => {
            let next = successor(path);
            let mut found = Vec::new();
            // A rotation that a crash cut off has both, and is finished at this start.
            for path in [next.as_path(), path].into_iter().filter(|path| path.exists()) {
                found.push(key(core, &KeySource::file(path), lookup).await?);
            }
            let mut found = found.into_iter();
            let current = found.next();
            previous.extend(found);
            current
        }
        (None, None) => None,
    };
    Ok(current.map(|current| Keyring::new(current, previous)))
}

fn parse(reference: &str) -> Result<KeySource, Error> {
    reference.parse().map_err(|error| refused(&error))
}

fn refused(error: &KeyError) -> Error {
    Error::Content(error.to_string())
}

/// Reads a key; what argon2id costs is paid beside the runtime.
pub(super) async fn key(core: &Core, source: &KeySource, lookup: &Secrets) -> Result<Key, Error> {
    let salt = if source.is_passphrase() { salt(core).await? } else { [0; 16] };
    let (source, lookup) = (source.clone(), lookup.clone());
    let read = tokio::task::spawn_blocking(move || source.load(&lookup, &salt)).await;
    let read = read.map_err(|error| Error::Content(format!("reading the key died: {error}")))?;
    read.map_err(|error| refused(&error))
}

/// The salt of this installation; made once.
async fn salt(core: &Core) -> Result<[u8; 16], Error> {
    let made = hex::encode(rand::rng().random::<[u8; 16]>());
    let kept = core.store.write(move |tx| match tx.bookmark(SALT)? {
        Some(kept) => Ok(kept),
        None => tx.set_bookmark(SALT, &made).map(|()| made),
    });
    let mut salt = [0; 16];
    hex::decode_to_slice(kept.await?, &mut salt)
        .map_err(|_odd| Error::Content("the salt of the secrets' key is damaged".to_owned()))?;
    Ok(salt)
}

/// Whether every value can be opened with the keys that there are.
pub(super) fn fits(
    ring: Option<&Keyring>,
    managed: Option<&Path>,
    rows: &[SealedSecret],
) -> Result<(), Error> {
    let is_shut = |row: &&SealedSecret| ring.is_none_or(|ring| !ring.has(&row.key));
    let shut: Vec<&SealedSecret> = rows.iter().filter(is_shut).collect();
    let Some(first) = shut.first() else { return Ok(()) };
    let mut names: Vec<&str> = shut.iter().map(|row| row.head.name.as_str()).collect();
    names.dedup();
    let have = match (ring, managed) {
        (Some(ring), Some(path)) => format!("{} holds {}", path.display(), ring.id()),
        (Some(ring), None) => format!("`secrets.key` is {}", ring.id()),
        (None, path) => {
            let path = path.map(|path| path.display().to_string()).unwrap_or_default();
            format!("{path} is not there")
        }
    };
    Err(Error::Content(format!(
        "{} of the secrets ({}) are sealed under the key {}, but {have}: put that key back, or name it under \
         `secrets.previous`; if it is lost, forget them with `stanch secret remove --all --data DIR` and set \
         them anew [SC0005]",
        names.len(),
        names.join(", "),
        first.key,
    )))
}

/// Where a new managed key stands until everything is sealed under it.
pub(super) fn successor(path: &Path) -> PathBuf {
    path.with_extension("key.new")
}

/// Makes a new key and puts it on disk, readable for nobody else.
pub(super) fn create(path: &Path) -> Result<Key, Error> {
    let key = Key::generate();
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(key.to_hex().as_bytes())?;
        file.sync_all()?;
        sync_folder(path)
    };
    write().map_err(|error| Error::Content(format!("writing {}: {error}", path.display())))?;
    Ok(key)
}

/// Puts the new key in the place of the old one.
pub(super) fn succeed(path: &Path) -> Result<(), Error> {
    let renamed = fs::rename(successor(path), path).and_then(|()| sync_folder(path));
    renamed.map_err(|error| Error::Content(format!("renaming to {}: {error}", path.display())))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(path))?.sync_all()
}
