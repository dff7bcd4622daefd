//! Crate arrows: `cargo metadata` against the table in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use super::none;
use crate::{
    architecture::{Arrows, arrows, map},
    root::{read, root},
};

/// Outside the arrows: they read everybody, nobody depends on them, and neither is shipped.
const OUTSIDE: &[&str] = &["bench", "xtask"];

fn packages() -> BTreeMap<String, Package> {
    let mut command = MetadataCommand::new();
    let metadata = command.manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let short = |package: Package| (strip(package.name.as_ref()).unwrap().to_owned(), package);
    metadata.packages.into_iter().map(short).collect()
}

fn strip(name: &str) -> Option<&str> {
    name.strip_prefix("stanch-")
}

fn found(package: &Package) -> Arrows {
    let of = |wanted: &[DependencyKind]| -> BTreeSet<String> {
        let dependencies = package.dependencies.iter().filter(|d| wanted.contains(&d.kind));
        dependencies.filter_map(|d| strip(&d.name)).map(str::to_owned).collect()
    };
    let built = of(&[DependencyKind::Normal, DependencyKind::Build]);
    let tests = &of(&[DependencyKind::Development]) - &built;
    Arrows { built, tests }
}

#[test]
fn arrows_are_those_of_the_table() {
    let table = arrows();
    let mut wrong = Vec::new();
    for (name, package) in packages().iter().filter(|(name, _)| !OUTSIDE.contains(&name.as_str())) {
        let Some(allowed) = table.get(name) else {
            wrong.push(format!("{name} has no row in ARCHITECTURE.md, The arrows"));
            continue;
        };
        let Arrows { built, tests } = found(package);
        wrong.extend(built.difference(&allowed.built).map(|to| {
            format!("{name} depends on {to}, and the table of ARCHITECTURE.md has no such arrow")
        }));
        wrong.extend(tests.difference(&(&allowed.built | &allowed.tests)).map(|to| {
            format!("tests of {name} use {to}, and the table of ARCHITECTURE.md has no such arrow")
        }));
    }
    none("arrows that are not in the table", &wrong);
}

#[test]
fn the_table_knows_no_crate_and_no_arrow_that_is_not_there() {
    let packages = packages();
    let mut wrong = Vec::new();
    for (name, allowed) in arrows() {
        let Some(package) = packages.get(&name) else {
            wrong.push(format!("there is no crate {name}"));
            continue;
        };
        let found = found(package);
        wrong.extend(allowed.built.difference(&found.built).map(|to| format!("{name} → {to}")));
        wrong.extend(
            allowed.tests.difference(&found.tests).map(|to| format!("{name} → {to}, in tests")),
        );
    }
    none("the table of ARCHITECTURE.md has more than there is", &wrong);
}

/// An arrow may only lead downwards: no crate reaches itself, and siblings do not know each other.
#[test]
fn pure_siblings_do_not_know_each_other() {
    let table = arrows();
    let siblings = [
        "ingest",
        "detect",
        "intel",
        "playbook",
        "guard",
        "measure",
        "connector",
        "store",
        "archive",
    ];
    let mut wrong = Vec::new();
    for name in siblings {
        let known = &table[name].built;
        wrong.extend(
            siblings.iter().filter(|s| known.contains(**s)).map(|s| format!("{name} → {s}")),
        );
    }
    none("siblings that import each other", &wrong);
    assert!(table["model"].built.is_empty(), "model knows nobody");
    for outside in OUTSIDE {
        assert!(
            !table.values().any(|arrows| arrows.built.contains(*outside)),
            "nothing uses {outside}"
        );
    }
}

#[test]
fn the_first_line_of_a_crate_is_its_line_in_the_map() {
    let map = map();
    let mut wrong = Vec::new();
    for (name, package) in packages() {
        let library = read(&format!("crates/{name}/src/lib.rs"));
        let text = library.or_else(|_| read(&format!("crates/{name}/src/main.rs"))).unwrap();
        let first =
            text.lines().next().unwrap_or_default().strip_prefix("//! ").unwrap_or_default();
        if map.get(&name).map(String::as_str) != Some(first) {
            wrong.push(format!("{name}: `{first}` in its source, {:?} in the map", map.get(&name)));
        }
        if package.description.as_deref() != Some(first) {
            wrong.push(format!("{name}: `{first}` in its source, another one in Cargo.toml"));
        }
        if package.publish != Some(Vec::new()) {
            wrong.push(format!("{name} may be published: add publish.workspace = true"));
        }
    }
    none("crates that are described in two ways", &wrong);
}
