//! Pure crates have no clock, randomness, socket, file, environment, thread or async.

use super::{File, is_test, none, rust};
use crate::{architecture::pure, root::read};

/// What would let the world in. Texts in `use` lines count as well as calls.
const BANNED: &[&str] = &[
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::net::ToSocketAddrs",
    "std::os::",
    "std::thread",
    "thread::spawn",
    "std::env::",
    "std::process",
    "std::time::Instant",
    "Instant::now",
    "std::time::SystemTime",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "Uuid::now",
    "Uuid::new_v4",
    "async fn",
    "async move",
    ".await",
    "tokio::",
    "rand::",
];

/// Crates that a pure one has no use for.
const BANNED_CRATES: &[&str] =
    &["tokio", "futures", "rand", "reqwest", "axum", "russh", "rusqlite", "tracing", "tempfile"];

/// What of a file is built: comments and the tests at its end are not.
fn built(file: &File) -> String {
    let end = file.text.find("#[cfg(test)]\nmod tests {");
    let text = end.and_then(|end| file.text.get(..end)).unwrap_or(&file.text);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn pure_crates_let_nothing_in() {
    let pure = pure();
    assert!(pure.len() > 5, "the map says which crates are pure: {pure:?}");
    let mut wrong = Vec::new();
    let rust = rust();
    for name in &pure {
        let folder = format!("crates/{name}/src/");
        for file in rust.iter().filter(|f| f.path.starts_with(&folder) && !is_test(&f.path)) {
            let text = built(file);
            let hits = BANNED.iter().filter(|word| text.contains(**word));
            wrong.extend(hits.map(|word| format!("{}: {word}", file.path)));
        }
        let manifest = read(&format!("crates/{name}/Cargo.toml")).unwrap();
        let dependencies = manifest.split("\n[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        let names = dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        let hits = names.filter(|name| BANNED_CRATES.contains(name));
        wrong.extend(hits.map(|of| format!("crates/{name}/Cargo.toml: {of}")));
    }
    none("pure crates that reach outside; take it as a value (`now`, ids, text)", &wrong);
}

#[test]
fn what_is_built_is_looked_at_and_nothing_else() {
    let text = "//! std::fs is not used\nuse std::fs;\n#[cfg(test)]\nmod tests {\n    use std::env::var;\n}\n";
    let file = File { path: "a.rs".to_owned(), text: text.to_owned() };
    assert_eq!(built(&file), "use std::fs;");
}
