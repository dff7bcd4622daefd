//! Source files: how each begins, how long it may be, and what it may not hold.

use std::collections::BTreeSet;

use stanch_server::codes::{CODES, Code};

use super::{files, is_test, none, rust};

/// Lines that a source file may have, tests aside.
const LINES_MAX: usize = 600;

/// Longer files, each with the reason.
const LONG: &[(&str, &str)] = &[];

#[test]
fn every_file_opens_with_what_it_is_about() {
    let silent = rust().into_iter().filter(|file| !file.text.starts_with("//! "));
    let silent: Vec<String> = silent.map(|file| file.path).collect();
    none("files whose first line is no `//!` sentence", &silent);
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<String> = rust()
        .iter()
        .filter(|file| !is_test(&file.path) && !LONG.iter().any(|(path, _)| *path == file.path))
        .map(|file| (file.text.lines().count(), &file.path))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    none(&format!("files of more than {LINES_MAX} lines; make two of each"), &long);
}

#[test]
fn nothing_is_put_off_in_a_comment() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let endings = [".rs", ".ts", ".svelte", ".mjs", ".sh", ".sql", ".yaml", ".toml"];
    let mut found = Vec::new();
    for file in files("").iter().filter(|f| endings.iter().any(|end| f.path.ends_with(end))) {
        for (number, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    none("work that was put off; do it, or open an issue", &found);
}

/// The table that people read, and the codes that handlers answer with.
#[test]
fn problems_have_the_codes_of_the_table() {
    let answers = |path: &str| {
        path.starts_with("crates/server/src/") && !path.ends_with("/codes.rs") && !is_test(path)
    };
    let mut used: BTreeSet<(String, u16, String)> = BTreeSet::new();
    for file in rust().iter().filter(|file| answers(&file.path)) {
        for (before, after) in file.text.match_indices("\"AP").map(|(at, _)| file.text.split_at(at))
        {
            let mut quoted = after.split('"').skip(1).step_by(2).map(str::to_owned);
            let (code, title) = (quoted.next().unwrap(), quoted.next().unwrap());
            let status = before.rsplit("StatusCode::").next().unwrap().split(',').next().unwrap();
            let status = STATUSES.iter().find(|(name, _)| *name == status);
            used.insert((code, status.expect("a status before the code").1, title));
        }
    }
    let row = |entry: &Code| (entry.code.to_owned(), entry.status, entry.title.to_owned());
    let table: BTreeSet<_> = CODES.iter().map(row).collect();
    assert_eq!(used, table, "codes in crates/server/src, and in its codes.rs");
}

/// RFC 9110 §15, as far as it is used.
const STATUSES: &[(&str, u16)] = &[
    ("UNAUTHORIZED", 401),
    ("FORBIDDEN", 403),
    ("NOT_FOUND", 404),
    ("METHOD_NOT_ALLOWED", 405),
    ("CONFLICT", 409),
    ("PAYLOAD_TOO_LARGE", 413),
    ("UNSUPPORTED_MEDIA_TYPE", 415),
    ("UNPROCESSABLE_ENTITY", 422),
    ("TOO_MANY_REQUESTS", 429),
    ("INTERNAL_SERVER_ERROR", 500),
    ("SERVICE_UNAVAILABLE", 503),
    ("INSUFFICIENT_STORAGE", 507),
];
