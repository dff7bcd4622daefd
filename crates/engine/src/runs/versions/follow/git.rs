//! The commit that is checked out, read from the files that git keeps (gitrepository-layout).
//!
//! A git library was weighed, and left out: two small files are all that is read. So the commit is that of
//! `HEAD`, and whether a file was changed since is not looked at.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Longest file of git that is read, in bytes; `packed-refs` has a line for each branch and tag.
const BYTES_MAX: u64 = 8 << 20;

/// How often one name may stand for another.
const LINKS_MAX: usize = 5;

/// Whether git is writing to the checkout that the folder is in.
pub(super) fn is_busy(folder: &Path) -> bool {
    git_folder(folder).is_some_and(|git| git.join("index.lock").exists())
}

/// The commit that is checked out where the folder is; none if that is no checkout, or cannot be read.
pub(super) fn commit(folder: &Path) -> Option<String> {
    let git = git_folder(folder)?;
    // A second working tree keeps its own HEAD, and its branches with the first one's.
    let common =
        read(&git.join("commondir")).map_or_else(|| git.clone(), |common| git.join(common.trim()));
    let mut name = read(&git.join("HEAD"))?;
    for _ in 0..LINKS_MAX {
        let text = name.trim();
        let Some(reference) = text.strip_prefix("ref:").map(str::trim) else {
            return is_id(text).then(|| text.to_owned());
        };
        if reference.split('/').any(|part| part == "..") || reference.starts_with('/') {
            return None;
        }
        name = read(&git.join(reference))
            .or_else(|| read(&common.join(reference)))
            .or_else(|| packed(&common, reference))?;
    }
    None
}

/// `.git` beside the folder or above it: a folder, or a file that names one.
fn git_folder(folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    let git = folder.ancestors().map(|above| above.join(".git")).find(|git| git.exists())?;
    if git.is_dir() {
        return Some(git);
    }
    let text = read(&git)?;
    let named = text.trim().strip_prefix("gitdir:")?.trim();
    Some(git.parent()?.join(named))
}

fn packed(git: &Path, reference: &str) -> Option<String> {
    let text = read(&git.join("packed-refs"))?;
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.into_iter().find(|(_, name)| *name == reference).map(|(id, _)| id.to_owned())
}

fn read(path: &Path) -> Option<String> {
    let is_small = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= BYTES_MAX);
    is_small.then(|| fs::read_to_string(path).ok()).flatten()
}

/// SHA-1 or SHA-256, in hexadecimal.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    /// A folder with these files, and what is read there.
    #[track_caller]
    fn check(files: &[(&str, &str)], at: &str, expect: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(folder.path().join(at)).unwrap();
        assert_eq!(commit(&folder.path().join(at)).as_deref(), expect, "{files:?}");
    }

    #[test]
    fn the_commit_is_that_of_head() {
        let line = format!("{ID}\n");
        check(&[(".git/HEAD", &line)], "", Some(ID));
        check(&[(".git/HEAD", &line)], "playbooks/more", Some(ID));
        let branch = ("ref: refs/heads/main\n", "refs/heads/main");
        check(&[(".git/HEAD", branch.0), (".git/refs/heads/main", &line)], "", Some(ID));
        let packed = format!(
            "# pack-refs with: peeled\n{} refs/tags/v1\n{ID} refs/heads/main\n",
            "f".repeat(40)
        );
        check(&[(".git/HEAD", branch.0), (".git/packed-refs", &packed)], "", Some(ID));
        // A second working tree.
        check(
            &[
                ("tree/.git", "gitdir: ../main/.git/worktrees/tree\n"),
                ("main/.git/worktrees/tree/HEAD", branch.0),
                ("main/.git/worktrees/tree/commondir", "../..\n"),
                ("main/.git/refs/heads/main", &line),
            ],
            "tree",
            Some(ID),
        );
    }

    #[test]
    fn what_is_no_commit_is_none() {
        for head in [
            "",
            "x",
            "ref: refs/heads/gone",
            "ref: ../../etc/passwd",
            "ref: HEAD",
            "ref: /etc/passwd",
        ] {
            check(&[(".git/HEAD", head)], "", None);
        }
        check(&[(".git", "gitdir: nowhere")], "", None);
    }

    #[test]
    fn git_at_work_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert!(!is_busy(folder.path()));
        fs::write(folder.path().join(".git/index.lock"), "").unwrap();
        assert!(is_busy(folder.path()));
    }
}
