//! Where the key of the secrets is: a file, the environment, or a passphrase in one of them.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    str::FromStr,
};

use zeroize::Zeroizing;

use super::{Key, KeyError, Secrets};

/// Longest file that may hold a key, in bytes.
const FILE_BYTES_MAX: u64 = 4 * 1_024;

/// A reference to a key: `file:PATH`, `env:NAME`, or either after `passphrase:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySource {
    place: Place,
    is_passphrase: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    File(PathBuf),
    Variable(String),
}

impl FromStr for KeySource {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (is_passphrase, rest) = match text.strip_prefix("passphrase:") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let place = match rest.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Place::File(PathBuf::from(path)),
            Some(("env", name)) if !name.is_empty() => Place::Variable(name.to_owned()),
            _ => return Err(KeyError::Reference),
        };
        Ok(Self { place, is_passphrase })
    }
}

impl KeySource {
    /// The key in a file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::File(path.into()), is_passphrase: false }
    }

    /// Whether it is a passphrase, so that loading takes half a second and needs a salt.
    #[must_use]
    pub const fn is_passphrase(&self) -> bool {
        self.is_passphrase
    }

    /// Reads the key. `salt` is the installation's own, and used for passphrases.
    ///
    /// # Errors
    /// A place that cannot be read, a file that others may read, and what is no key.
    pub fn load(&self, secrets: &Secrets, salt: &[u8; 16]) -> Result<Key, KeyError> {
        let (place, text) = match &self.place {
            Place::File(path) => (path.display().to_string(), read(path)?),
            Place::Variable(name) => {
                let place = format!("env:{name}");
                let missing = "the environment variable is not set where stanch is started";
                let text = secrets.variable(name).ok_or_else(|| KeyError::Unreadable {
                    place: place.clone(),
                    why: missing.to_owned(),
                })?;
                (place, Zeroizing::new(text))
            }
        };
        if self.is_passphrase {
            Key::from_passphrase(&text, salt, &place)
        } else {
            Key::from_hex(&text, &place)
        }
    }
}

/// The text of a file that nobody else may read.
fn read(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let unreadable = |why: String| KeyError::Unreadable { place: path.display().to_string(), why };
    let meta = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !meta.is_file() || meta.len() > FILE_BYTES_MAX {
        return Err(unreadable("it is no file, or too long for a key".to_owned()));
    }
    let mode = meta.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.display().to_string(), mode });
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    Ok(Zeroizing::new(text))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn secrets() -> Secrets {
        Secrets::new(|name| match name {
            "KEY" => Some("ab".repeat(32)),
            "PASS" => Some("correct horse battery staple".to_owned()),
            _ => None,
        })
    }

    #[track_caller]
    fn load(reference: &str) -> Result<Key, KeyError> {
        reference.parse::<KeySource>()?.load(&secrets(), &[7; 16])
    }

    #[test]
    fn a_key_comes_from_where_the_reference_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, format!("{}\n", "ab".repeat(32))).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file = format!("file:{}", path.display());
        assert_eq!(load(&file).unwrap().id(), load("env:KEY").unwrap().id());
        let of_passphrase = load("passphrase:env:PASS").unwrap();
        assert_ne!(of_passphrase.id(), load("env:KEY").unwrap().id());
        for mode in [0o640, 0o604, 0o660, 0o644, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = load(&file).unwrap_err();
            assert_eq!(error.code(), "SC0003");
            assert!(error.to_string().contains(&format!("{mode:03o}")), "{error}");
        }
    }

    #[test]
    fn what_is_no_reference_or_leads_nowhere_is_said() {
        for (reference, code) in [
            ("", "SC0001"),
            ("abcdef", "SC0001"),
            ("file:", "SC0001"),
            ("vault:x", "SC0001"),
            ("passphrase:hunter2hunter2hunter2", "SC0001"),
            ("env:UNSET", "SC0002"),
            ("file:/no/such/key", "SC0002"),
            ("file:/", "SC0002"),
            ("env:PASS", "SC0004"),
        ] {
            let error = load(reference).unwrap_err();
            assert_eq!(error.code(), code, "{reference}: {error}");
            assert!(error.to_string().contains(code), "the code stands in the text: {error}");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("horse"));
        }
    }
}
