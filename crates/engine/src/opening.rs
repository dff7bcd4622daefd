//! Where the store is, and under what name this data folder opens it.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::Duration,
};

use stanch_connector::Secrets;
use stanch_model::duration;
use stanch_store::{Address, Store};
use uuid::Uuid;

use crate::{
    Error,
    config::{Config, StoreConfig},
    tenure::Terms,
};

/// Names the data folder, and so its intake log and the process on it.
const NODE: &str = "node-id";

/// Where Linux says what this host is called: for whoever reads who holds the lease.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// The holder of the lease where the store is in the data folder: whoever has the folder's lock.
const EMBEDDED: &str = "data folder";

/// The shortest lease: it is renewed several times while it lasts, each time with a commit.
const LEASE_MIN: Duration = Duration::from_secs(1);

/// Opens the store that the configuration names, and says on what terms it is driven.
pub(crate) async fn open_store(
    data: &Path,
    config: &Config,
    secrets: &Secrets,
) -> Result<(Store, Terms), Error> {
    let Some(StoreConfig { url, lease: time }) = &config.store else {
        let terms =
            Terms { holder: EMBEDDED.to_owned(), time: StoreConfig::default().lease, alone: true };
        return Ok((Store::open(data)?, terms));
    };
    if *time < LEASE_MIN {
        return Err(Error::Content(format!(
            "store.lease: {} is too short to be renewed in; at least {}",
            duration::format(*time),
            duration::format(LEASE_MIN)
        )));
    }
    let mut address: Address = url.parse()?;
    if let Some(reference) = address.password_reference().map(str::to_owned) {
        let password = secrets.resolve(&reference).await;
        let password = password.map_err(|error| Error::Content(format!("the store: {error}")))?;
        address.set_password(password.expose());
    }
    let node = node(data)?;
    tracing::info!(%address, %node, "opening the store");
    let store = Store::connect(address, &node).await?;
    let host = fs::read_to_string(HOST_NAME).unwrap_or_default();
    let holder = format!("{node} on {}", host.trim());
    Ok((store, Terms { holder, time: *time, alone: false }))
}

/// The name of this data folder, made at its first start.
fn node(data: &Path) -> Result<String, Error> {
    let path = data.join(NODE);
    let failed = |error: std::io::Error| Error::Content(format!("{}: {error}", path.display()));
    match fs::read_to_string(&path) {
        Ok(text) if Uuid::try_parse(text.trim()).is_ok() => return Ok(text.trim().to_owned()),
        // Cut off by a crash at the very first start, before anything was under that name.
        Ok(text) if text.is_empty() => {}
        Ok(_) => {
            return Err(Error::Content(format!(
                "{} does not hold the name of this data folder any more: restore it from a backup, since \
                 the store keeps the place in this folder's intake log under it",
                path.display()
            )));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    #[expect(clippy::disallowed_methods, reason = "made once, before there is a clock")]
    let name = Uuid::now_v7().to_string();
    let mut file = File::create(&path).map_err(failed)?;
    file.write_all(name.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    File::open(data).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let name = node(folder.path()).unwrap();
        assert_eq!(node(folder.path()).unwrap(), name);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(node(other.path()).unwrap(), name);
        fs::write(folder.path().join(NODE), "").unwrap();
        assert_ne!(node(folder.path()).unwrap(), name);
        fs::write(folder.path().join(NODE), "scratch").unwrap();
        assert!(node(folder.path()).unwrap_err().to_string().contains("restore it"));
    }
}
