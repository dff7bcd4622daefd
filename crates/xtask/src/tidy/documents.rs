//! Documents: what they name is there, and the walk of one alert is the code's.

use super::{File, files, none, rust};
use crate::{architecture::walk, root::root};

fn documents() -> Vec<File> {
    let mut files = files("");
    files.retain(|file| file.path.ends_with(".md"));
    files
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for file in documents() {
        let folder = root().join(&file.path).parent().unwrap().to_owned();
        for target in file.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            let elsewhere = path.contains("://") || path.starts_with("mailto:");
            if !path.is_empty() && !elsewhere && !folder.join(path).exists() {
                broken.push(format!("{}: {target}", file.path));
            }
        }
    }
    none("links that lead nowhere", &broken);
}

/// `crates/…`, `docs/…` and so on in the type of the machine are paths, unless they hold a placeholder.
#[test]
fn paths_that_are_named_are_there() {
    let tops = ["crates/", "content/", "docs/", "scripts/", "web/"];
    let mut absent = Vec::new();
    for file in documents().iter().filter(|file| !file.path.starts_with("web/node_modules")) {
        for word in file.text.split('`').skip(1).step_by(2) {
            let path = word.split([' ', ':', '#']).next().unwrap_or_default();
            let is_path = tops.iter().any(|top| path.starts_with(top));
            let is_pattern =
                path.contains(['*', '…', '{', '<']) || path.split('/').any(is_placeholder);
            if is_path && !is_pattern && !root().join(path).exists() {
                absent.push(format!("{}: {path}", file.path));
            }
        }
    }
    none("paths that are not there", &absent);
}

/// `NAME`, `FORMAT`, `NAME.yaml`.
fn is_placeholder(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default();
    stem.len() > 1 && stem.chars().all(|c| c.is_ascii_uppercase() || c == '_') && stem != "README"
}

#[test]
fn design_pages_answer_one_question_each() {
    let mut wrong = Vec::new();
    for file in files("docs/design") {
        let first = file.text.lines().next().unwrap_or_default();
        let asks = first.starts_with("# Why ") && first.ends_with('?');
        if !asks || file.text.lines().filter(|line| line.starts_with("# ")).count() != 1 {
            wrong.push(format!("{}: {first}", file.path));
        }
    }
    none("pages of docs/design that do not open with `# Why …?`", &wrong);
}

#[test]
fn the_walk_of_one_alert_names_functions_and_spans_that_exist() {
    let rust = rust();
    let mut wrong = Vec::new();
    for (of, function, span) in walk() {
        let folder = format!("crates/{of}/src/");
        let name = function.rsplit("::").next().unwrap_or_default();
        let defined = format!("fn {name}(");
        let has = |text: &str, folder: &str| {
            rust.iter().any(|f| f.path.starts_with(folder) && f.text.contains(text))
        };
        if !has(&defined, &folder) {
            wrong.push(format!("{of}: no `{defined}…)`"));
        }
        let spans = [format!("name = \"{span}\""), format!("span!(\"{span}\"")];
        // Pure crates open no span of their own: whoever calls them does.
        if !spans.iter().any(|text| has(text, "crates/")) {
            wrong.push(format!("{of}: no span `{span}`"));
        }
    }
    none("ARCHITECTURE.md, One alert: what is not in the code", &wrong);
}
