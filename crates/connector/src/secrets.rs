//! Secrets: references in configuration, values only for the length of one call.

use std::{fmt, sync::Arc};

use serde_json::Value;

/// Longest secret, in bytes; a private key is about 3 KiB.
pub const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Shortest value that [`Secret::redact`] looks for; shorter ones would eat ordinary words.
const REDACT_BYTES_MIN: usize = 8;

/// A secret value. `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with the value struck out, for what a target echoes.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        if self.0.len() < REDACT_BYTES_MIN {
            return text.to_owned();
        }
        text.replace(&self.0, "[redacted]")
    }

    /// Strikes the value out of every text in `value`.
    pub fn redact_json(&self, value: &mut Value) {
        match value {
            Value::String(text) if text.contains(&self.0) => *text = self.redact(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_json(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.redact_json(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// A reference that gave no secret. The texts name the reference, never a value.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Neither `env:` nor `file:`.
    #[error(
        "the credential is no reference: write `env:NAME` or `file:PATH`, never the secret itself"
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
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Turns references (`env:NAME`, `file:PATH`) into values, at the call and not before.
#[derive(Clone)]
pub struct Secrets {
    variable: Arc<Lookup>,
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
        Self { variable: Arc::new(variable) }
    }

    /// The value behind `reference`, without the line end that editors leave.
    ///
    /// # Errors
    /// A text that is no reference; a variable that is not set; a file that cannot be read, is
    /// empty or longer than [`SECRET_BYTES_MAX`].
    pub async fn resolve(&self, reference: &str) -> Result<Secret, SecretError> {
        let value = match reference.split_once(':') {
            Some(("env", name)) => {
                (self.variable)(name).ok_or_else(|| SecretError::Variable(name.to_owned()))?
            }
            Some(("file", path)) => read(path).await?,
            _ => return Err(SecretError::Reference),
        };
        let value = value.trim_end_matches(['\r', '\n']);
        if value.is_empty() {
            return Err(SecretError::Empty(reference.to_owned()));
        }
        Ok(Secret(value.to_owned()))
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
        let mut echo = serde_json::json!({ "seen": ["Bearer s3cret-value", 1] });
        secret.redact_json(&mut echo);
        assert_eq!(echo, serde_json::json!({ "seen": ["Bearer [redacted]", 1] }));

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
}
