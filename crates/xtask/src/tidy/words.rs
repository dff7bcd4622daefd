//! Words that have no business in the repository: names of machines, tools and accounts that made it.

use super::{files, none};

/// Put together here, so that this file does not hold them either.
const BANNED: &[&str] = &[
    concat!("far", "m-"),
    concat!("/wo", "rk/"),
    concat!("help", "er-"),
    concat!("clau", "de"),
    concat!("anth", "ropic"),
    concat!("chat", "gpt"),
];

/// Made by package managers: lists of other people's names.
const LOCKS: &[&str] = &["Cargo.lock", "web/package-lock.json"];

#[test]
fn the_repository_is_about_stanch_alone() {
    let mut found = Vec::new();
    for file in files("").iter().filter(|file| !LOCKS.contains(&file.path.as_str())) {
        for (number, line) in file.text.lines().enumerate() {
            let line = line.to_lowercase();
            let hits = BANNED.iter().filter(|word| line.contains(**word));
            found.extend(hits.map(|word| format!("{}:{}: {word}", file.path, number + 1)));
        }
    }
    none("words that do not belong here", &found);
}
