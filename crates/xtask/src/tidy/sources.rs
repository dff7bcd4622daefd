//! Source files: how each begins, how long it may be, and what it may not hold.

use std::collections::BTreeSet;

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
    let mut used: BTreeSet<String> = BTreeSet::new();
    for file in
        rust().iter().filter(|f| f.path.starts_with("crates/server/src/") && !is_test(&f.path))
    {
        if file.path.ends_with("/codes.rs") {
            continue;
        }
        let quoted = file.text.split('"').filter(|text| text.len() == 6 && text.starts_with("AP"));
        used.extend(quoted.map(str::to_owned));
    }
    let table: BTreeSet<String> =
        stanch_server::codes::CODES.iter().map(|entry| entry.code.to_owned()).collect();
    assert_eq!(used, table, "codes in crates/server/src, and in its codes.rs");
}
