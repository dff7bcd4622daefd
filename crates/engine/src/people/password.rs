//! Passwords: argon2id with the parameters of the OWASP cheat sheet (19 MiB, 2 passes, 1 lane).

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};

use crate::Error;

/// Shortest password, in characters (NIST SP 800-63B §3.1.1.2: at least 8; 12 for administrators).
pub(super) const CHARS_MIN: usize = 12;

/// Longest password, in bytes.
const BYTES_MAX: usize = 1_024;

fn hasher() -> Argon2<'static> {
    let params =
        Params::new(19 * 1_024, 2, 1, None).expect("invariant: the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string of a new password.
pub(super) fn hash(password: &str) -> Result<String, Error> {
    if password.chars().count() < CHARS_MIN || password.len() > BYTES_MAX {
        return Err(Error::Invalid(format!(
            "a password has at least {CHARS_MIN} characters and at most {BYTES_MAX} bytes"
        )));
    }
    let hash = hasher().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Error::Content(error.to_string()))
}

/// Whether it is the password. Takes as long for a name that nobody has (`hash` none).
pub(super) fn fits(password: &str, hash: Option<&str>) -> bool {
    let dummy = "$argon2id$v=19$m=19456,t=2,p=1$c3RhbmNoc3RhbmNoc3Q$\
                 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let known = PasswordHash::new(hash.unwrap_or(dummy));
    let fits = password.len() <= BYTES_MAX
        && known.is_ok_and(|known| hasher().verify_password(password.as_bytes(), &known).is_ok());
    fits && hash.is_some()
}
