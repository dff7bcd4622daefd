//! Secrets: references in configuration and plans, values only for the length of one call.
//!
//! [`Secrets`] turns a reference into a value, at the call and not before. What stands in the store
//! is sealed under a [`Key`] that is not there ([`Keyring`]); who opens it is a [`Vault`], which the
//! engine brings. What a target echoes is struck out by a [`Redactor`], in whatever form.

mod codes;
mod key;
mod keyring;
mod redact;
mod references;
mod secret;
mod source;

pub use codes::{CODES, Code};
pub use key::{Key, KeyError};
pub use keyring::{Keyring, Label, SealError, Sealed};
pub use redact::Redactor;
pub use references::{SecretError, Secrets, Vault, is_secret_name};
pub use secret::{REDACT_BYTES_MIN, SECRET_BYTES_MAX, Secret};
pub use source::KeySource;
pub use stanch_model::secret::Purpose;
