//! What every program needs of the system to start, and nothing more.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Programs, libraries, and what the loader and the interpreters read.
const PATHS: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/openssl.cnf",
];

/// Certificate authorities, for programs that reach others.
const AUTHORITIES: &[&str] =
    &["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted"];

/// Debian keeps a part of Python there.
const PYTHON: &str = "python3";

/// Of these, the ones that there are.
pub(super) fn paths(reaches_others: bool) -> Vec<PathBuf> {
    let authorities = if reaches_others { AUTHORITIES } else { &[] };
    let fixed = PATHS.iter().chain(authorities).map(PathBuf::from);
    fixed.filter(|path| path.exists()).chain(python()).collect()
}

fn python() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(Path::new("/etc")) else { return Vec::new() };
    let is_python = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(PYTHON);
    entries.flatten().filter(is_python).map(|entry| entry.path()).collect()
}
