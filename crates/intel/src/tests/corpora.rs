//! Public data of `../shared/corpora` beside the checkout; where that is absent, the tests say so and are skipped.

use std::{fs, path::Path};

use crate::{IndicatorSet, Intel, Meaning, Verdict, kev};

/// A corpus, unpacked for as long as the value lives.
fn unpacked(name: &str) -> Option<tempfile::TempDir> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let archive = corpora.join(format!("{name}.tar.xz"));
    if !archive.exists() {
        println!("skipped: {} is not there", archive.display());
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    #[expect(clippy::disallowed_methods, reason = "unpacks a public corpus with the host's tar")]
    let mut tar = std::process::Command::new("tar");
    let status = tar.arg("-xJf").arg(&archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(status.success(), "tar unpacks {}", archive.display());
    Some(folder)
}

#[test]
fn the_public_catalogue_is_read_whole() {
    let Some(folder) = unpacked("kev-2025-08") else { return };
    let text =
        fs::read_to_string(folder.path().join("known_exploited_vulnerabilities.json")).unwrap();
    let import = kev::read(&text).unwrap();
    assert_eq!((import.vulnerabilities.len(), import.left_out.count), (1_404, 0));
    assert!(import.vulnerabilities.iter().any(|found| found.ransomware));
}

#[test]
fn the_public_warning_lists_are_read_or_refused_by_type() {
    let Some(folder) = unpacked("misp-warninglists") else { return };
    let (mut intel, mut refused, mut values, mut findings) = (Intel::default(), Vec::new(), 0, 0);
    for entry in fs::read_dir(folder.path().join("lists")).unwrap() {
        let list = entry.unwrap().path().join("list.json");
        if !list.exists() {
            continue;
        }
        let text = fs::read_to_string(list).unwrap();
        match IndicatorSet::load_warninglist(&text) {
            Ok((set, found)) => {
                values += set.len();
                findings += found.len();
                intel.add(Meaning::Benign, set);
            }
            Err(error) => refused.push(error.to_string()),
        }
    }
    assert_eq!(intel.lists().count() + refused.len(), 136);
    assert_eq!(refused.len(), 5, "{refused:#?}");
    assert!(refused.iter().all(|why| why.contains("substring") || why.contains("regex")));
    println!("{} lists, {values} values, {findings} findings", intel.lists().count());
    assert!(values > 500_000, "{values}");
    for shared in ["8.8.8.8", "1.1.1.1", "www.google.com", "10.1.2.3", "https://github.com/x"] {
        assert_eq!(intel.lookup_text(shared).verdict, Verdict::Benign, "{shared}");
    }
    assert_eq!(intel.lookup_text("evil.invalid").verdict, Verdict::Unknown);
}
