//! Sysmon's `Hashes` (`SHA256=…,IMPHASH=…`) taken apart.

use crate::fields::Fields;

/// Sysmon's word and the field that Sigma rules use.
const ALGORITHMS: &[(&str, &str)] =
    &[("MD5", "md5"), ("SHA1", "sha1"), ("SHA256", "sha256"), ("IMPHASH", "Imphash")];

/// Adds one field per hash, lower case; `Hashes` itself stays.
pub(super) fn split(fields: &mut Fields) {
    let Some(hashes) = fields.text_of(&["Hashes", "Hash"]).map(str::to_owned) else { return };
    for (algorithm, hash) in hashes.split(',').filter_map(|part| part.split_once('=')) {
        let hash = hash.trim();
        let is_hash = !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let algorithm = algorithm.trim().to_ascii_uppercase();
        if let Some((_, name)) = ALGORITHMS.iter().find(|(word, _)| *word == algorithm && is_hash) {
            fields.set(name, hash.to_ascii_lowercase());
        }
    }
}
