//! What files refer to in each other: ids are unique, references lead to loaded rules, in no circle.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{Body, File, Item};
use crate::codes::{self, Code};

/// How many correlations may stand on each other; the evaluator passes no longer chain on.
const CHAIN_MAX: usize = 10;

/// Adds the findings of all files together. A refused file takes its rules with it, and so the files that
/// refer to them; this is repeated until nothing changes.
pub(super) fn link(files: &mut [File]) {
    duplicates(files);
    while refuse_dangling(files) {}
}

fn sound(files: &[File]) -> impl Iterator<Item = &Item> {
    files.iter().filter(|file| !file.is_refused()).flat_map(|file| &file.items)
}

/// Ids and names share one space: a reference may use either.
fn duplicates(files: &mut [File]) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for file in files.iter_mut().filter(|file| !file.is_refused()) {
        let mut findings = Vec::new();
        for item in &file.items {
            let own = [Some(&item.id), item.name.as_ref()].into_iter().flatten();
            for key in own.filter(|key| !key.is_empty()).collect::<BTreeSet<_>>() {
                match seen.get(key) {
                    Some(other) => {
                        let message =
                            format!("`{key}` is also the id or name of a rule in {other}");
                        findings.push(codes::DUPLICATE.at(item.id_span, message));
                    }
                    None => {
                        seen.insert(key.clone(), file.path.clone());
                    }
                }
            }
        }
        file.findings.extend(findings);
    }
}

/// Refuses the files whose references lead nowhere, or, once all lead somewhere, those that lead in a circle
/// or too far. Returns whether a file was refused.
fn refuse_dangling(files: &mut [File]) -> bool {
    let depths = depths(files);
    let known: BTreeSet<String> = sound(files)
        .flat_map(|item| [Some(item.id.clone()), item.name.clone()])
        .flatten()
        .collect();
    let missing = |item: &Item, target: &str| match item.body {
        Body::Filter(_) if depths.get(target).is_some_and(|depth| *depth > 0) => {
            let message = format!("`{target}` is a correlation; a filter is for rules");
            Some((&codes::DANGLING, message))
        }
        _ if !known.contains(target) => {
            Some((&codes::DANGLING, format!("rule `{target}` is not loaded")))
        }
        _ => None,
    };
    let circular = |_: &Item, target: &str| {
        let is_far = depths.get(target).is_none_or(|depth| *depth >= CHAIN_MAX);
        let message = format!("`{target}` leads back to this correlation, or too far");
        is_far.then_some((&codes::CYCLE, message))
    };
    refuse(files, missing) || refuse(files, circular)
}

/// Refuses the files that have a reference of which `wrong` says what is wrong with it.
fn refuse(
    files: &mut [File],
    wrong: impl Fn(&Item, &str) -> Option<(&'static Code, String)>,
) -> bool {
    let mut changed = false;
    for file in files.iter_mut().filter(|file| !file.is_refused()) {
        let mut findings = Vec::new();
        for item in &file.items {
            let is_filter = matches!(item.body, Body::Filter(_));
            for (target, span) in &item.refs {
                let any = is_filter && target.eq_ignore_ascii_case("any");
                if let Some((code, message)) = wrong(item, target).filter(|_| !any) {
                    findings.push(code.at(*span, message));
                }
            }
        }
        changed |= !findings.is_empty();
        file.findings.extend(findings);
    }
    changed
}

/// For each id and name that can be referred to, how many correlations stand below it: 0 for a rule. What
/// is in a circle, or stands on something that is not there, has no depth.
pub(super) fn depths(files: &[File]) -> BTreeMap<String, usize> {
    let mut depths = BTreeMap::new();
    let mut waiting: Vec<&Item> = Vec::new();
    for item in sound(files) {
        match item.body {
            Body::Rule(_) => note(&mut depths, item, 0),
            Body::Correlation(_) => waiting.push(item),
            Body::Filter(_) => {}
        }
    }
    loop {
        let before = waiting.len();
        waiting.retain(|item| {
            let below: Option<Vec<usize>> =
                item.refs.iter().map(|(target, _)| depths.get(target).copied()).collect();
            match below {
                Some(below) => {
                    note(&mut depths, item, below.into_iter().max().unwrap_or_default() + 1);
                    false
                }
                None => true,
            }
        });
        if waiting.len() == before {
            return depths;
        }
    }
}

fn note(depths: &mut BTreeMap<String, usize>, item: &Item, depth: usize) {
    for key in [Some(&item.id), item.name.as_ref()].into_iter().flatten() {
        depths.insert(key.clone(), depth);
    }
}
