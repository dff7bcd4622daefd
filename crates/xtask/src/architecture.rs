//! The tables of ARCHITECTURE.md, which tests hold the code to.

use std::collections::{BTreeMap, BTreeSet};

use crate::root::read;

/// Which crates a crate may depend on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrows {
    /// In what is built.
    pub(crate) built: BTreeSet<String>,
    /// In its tests beside that.
    pub(crate) tests: BTreeSet<String>,
}

/// Crate → its line in the map.
pub(crate) fn map() -> BTreeMap<String, String> {
    rows("The map").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

/// Crate → what it may depend on.
pub(crate) fn arrows() -> BTreeMap<String, Arrows> {
    let words = |cell: &str| cell.split_whitespace().map(|w| bare(w.trim_matches(','))).collect();
    let arrows = |row: &Vec<String>| Arrows { built: words(&row[1]), tests: words(&row[2]) };
    rows("The arrows").iter().map(|row| (row[0].clone(), arrows(row))).collect()
}

/// The crates that are pure, by the map's third column.
pub(crate) fn pure() -> Vec<String> {
    let is_pure = |row: &Vec<String>| row[2] == "pure";
    rows("The map").into_iter().filter(is_pure).map(|row| row[0].clone()).collect()
}

/// (crate, function, span), in the order in which one alert meets them.
pub(crate) fn walk() -> Vec<(String, String, String)> {
    let row = |row: Vec<String>| (row[0].clone(), row[1].clone(), row[2].clone());
    rows("One alert, from socket to firewall").into_iter().map(row).collect()
}

/// The rows of the first table below `## HEADING`, without its head.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = read("ARCHITECTURE.md").unwrap();
    let rows: Vec<Vec<String>> = text
        .lines()
        .skip_while(|line| line.strip_prefix("## ") != Some(heading))
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(|cell| bare(cell.trim())).collect())
        .collect();
    assert!(!rows.is_empty(), "ARCHITECTURE.md has no table below `## {heading}`");
    rows
}

fn bare(cell: &str) -> String {
    let inner = cell.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    inner.filter(|inner| !inner.contains('`')).unwrap_or(cell).to_owned()
}
