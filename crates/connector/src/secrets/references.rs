//! References to secrets, and what turns them into values.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use stanch_model::secret::Purpose;

use super::{SECRET_BYTES_MAX, Secret};

/// Longest name of a secret, in characters.
const NAME_CHARS_MAX: usize = 64;

/// Whether `name` can be a secret's: a word that `secrets.NAME` in a playbook reads as one.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    name.len() <= NAME_CHARS_MAX
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A reference that gave no secret. The texts name the reference, never a value.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// None of the forms.
    #[error(
        "the credential is no reference: write `secret:NAME`, `env:NAME` or `file:PATH`, never the secret itself"
    )]
    Reference,
    /// The variable is not set.
    #[error("the environment variable `{0}` is not set: set it where stanch is started")]
    Variable(String),
    /// The file cannot be read.
    #[error("the secret file `{path}` cannot be read")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing in it.
    #[error("the secret `{0}` is empty")]
    Empty(String),
    /// Too much in it.
    #[error("the secret file `{0}` is longer than 64 KiB: it holds something else")]
    Length(String),
    /// No such secret in the store.
    #[error("there is no secret `{0}`: set it with `stanch secret set {0}`")]
    Missing(String),
    /// It is there for something else.
    #[error("the secret `{name}` is not for that: {help}")]
    Purpose {
        /// The secret.
        name: String,
        /// What to do.
        help: &'static str,
    },
    /// The store or the key failed.
    #[error("the secret `{name}` cannot be opened: {why}")]
    Vault {
        /// The secret.
        name: String,
        /// Why not; no part of the value.
        why: String,
    },
}

/// Opens what is kept in the store.
pub trait Vault: Send + Sync {
    /// The value in force of the secret `name`, if it is there for that.
    fn open<'a>(
        &'a self,
        name: &'a str,
        purpose: Purpose,
    ) -> BoxFuture<'a, Result<Secret, SecretError>>;
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Turns references (`secret:NAME`, `env:NAME`, `file:PATH`) into values, at the call and not before.
#[derive(Clone)]
pub struct Secrets {
    variable: Arc<Lookup>,
    vault: Option<Arc<dyn Vault>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// `variable` looks an environment variable up; only the binary may read the environment.
    #[must_use]
    pub fn new(variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { variable: Arc::new(variable), vault: None }
    }

    /// The same with a store of secrets.
    #[must_use]
    pub fn with_vault(mut self, vault: Arc<dyn Vault>) -> Self {
        self.vault = Some(vault);
        self
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }

    /// The credential behind `reference`, without the line end that editors leave.
    ///
    /// # Errors
    /// A text that is no reference; a variable that is not set; a file that cannot be read, is
    /// empty or longer than [`SECRET_BYTES_MAX`]; a secret that is not in the store, is there for
    /// something else, or does not open.
    pub async fn resolve(&self, reference: &str) -> Result<Secret, SecretError> {
        let value = match reference.split_once(':') {
            Some(("secret", name)) => return self.open(name, Purpose::Credential).await,
            Some(("env", name)) => {
                self.variable(name).ok_or_else(|| SecretError::Variable(name.to_owned()))?
            }
            Some(("file", path)) => read(path).await?,
            _ => return Err(SecretError::Reference),
        };
        let value = Secret::from(value);
        let trimmed = value.expose().trim_end_matches(['\r', '\n']);
        if trimmed.is_empty() {
            return Err(SecretError::Empty(reference.to_owned()));
        }
        Ok(Secret::from(trimmed.to_owned()))
    }

    /// The value that a playbook names as `${{ secrets.NAME }}`.
    ///
    /// # Errors
    /// A secret that is not in the store, is there for something else, or does not open.
    pub async fn input(&self, name: &str) -> Result<Secret, SecretError> {
        self.open(name, Purpose::Input).await
    }

    async fn open(&self, name: &str, purpose: Purpose) -> Result<Secret, SecretError> {
        match &self.vault {
            Some(vault) if is_secret_name(name) => vault.open(name, purpose).await,
            _ => Err(SecretError::Missing(crate::outside::quote(name))),
        }
    }
}

async fn read(path: &str) -> Result<String, SecretError> {
    let file = |source| SecretError::File { path: path.to_owned(), source };
    let length = tokio::fs::metadata(path).await.map_err(file)?.len();
    if length > SECRET_BYTES_MAX {
        return Err(SecretError::Length(path.to_owned()));
    }
    tokio::fs::read_to_string(path).await.map_err(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn references_resolve_at_the_call_and_never_show() {
        let secrets = Secrets::new(|name| (name == "TOKEN").then(|| "s3cret-value\n".to_owned()));
        let secret = secrets.resolve("env:TOKEN").await.unwrap();
        assert_eq!(secret.expose(), "s3cret-value");
        assert_eq!(format!("{secret:?} {secrets:?}"), "Secret([redacted]) Secrets");

        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from-a-file\r\n").unwrap();
        let reference = format!("file:{}", file.path().display());
        assert_eq!(secrets.resolve(&reference).await.unwrap().expose(), "from-a-file");
        std::fs::write(file.path(), "\n").unwrap();
        assert!(matches!(secrets.resolve(&reference).await, Err(SecretError::Empty(_))));
        std::fs::write(file.path(), "x".repeat(70_000)).unwrap();
        assert!(matches!(secrets.resolve(&reference).await, Err(SecretError::Length(_))));
    }

    #[tokio::test]
    async fn a_bare_secret_is_refused_and_not_repeated() {
        let secrets = Secrets::new(|_| None);
        for reference in ["hunter2hunter2", "https://hunter2hunter2", ""] {
            let error = secrets.resolve(reference).await.unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let error = secrets.resolve("env:NO_SUCH").await.unwrap_err().to_string();
        assert!(error.contains("NO_SUCH"), "{error}");
        assert!(secrets.resolve("file:/no/such/file").await.is_err());
    }

    struct One;
    impl Vault for One {
        fn open<'a>(
            &'a self,
            name: &'a str,
            purpose: Purpose,
        ) -> BoxFuture<'a, Result<Secret, SecretError>> {
            let found = match (name, purpose) {
                ("edr", Purpose::Credential) => Ok(Secret::from("of the store".to_owned())),
                ("edr", Purpose::Input) => {
                    Err(SecretError::Purpose { name: name.to_owned(), help: "help" })
                }
                _ => Err(SecretError::Missing(name.to_owned())),
            };
            Box::pin(async { found })
        }
    }

    #[tokio::test]
    async fn the_store_is_asked_for_what_is_a_name_and_for_what_it_is_for() {
        let without = Secrets::new(|_| None);
        assert!(matches!(without.resolve("secret:edr").await, Err(SecretError::Missing(_))));
        let with = without.with_vault(Arc::new(One));
        assert_eq!(with.resolve("secret:edr").await.unwrap().expose(), "of the store");
        assert!(matches!(with.input("edr").await, Err(SecretError::Purpose { .. })));
        for name in ["", "a-b", "1a", "a b", "ü", &"a".repeat(65)] {
            let error = with.resolve(&format!("secret:{name}")).await.unwrap_err();
            assert!(matches!(error, SecretError::Missing(_)), "{name}");
        }
    }
}
