//! What a run uses, looked at from time to time: limits that the kernel keeps for each process alone.

use std::{fs, io, path::Path};

use super::tree::{Process, Tree};
use crate::{Limit, Limits};

/// Most files and folders in the temporary folder.
const ENTRIES_MAX: u64 = 10_000;

/// Deepest nesting in the temporary folder.
const DEPTH_MAX: usize = 64;

/// The first limit that is reached, if any.
pub(super) fn over(tree: &Tree, tmp: &Path, limits: &Limits) -> io::Result<Option<Limit>> {
    let members = tree.members()?;
    let threads: u64 = members.iter().map(|process| process.threads).sum();
    if threads > limits.processes {
        return Ok(Some(Limit::Processes));
    }
    let ticks = members.iter().map(|process| process.ticks).sum();
    if is_cpu_used_up(ticks, limits) {
        return Ok(Some(Limit::Cpu));
    }
    if memory(&members) > limits.memory_bytes {
        return Ok(Some(Limit::Memory));
    }
    // In namespaces it is a file system of its own, with a size.
    let is_full = !tree.is_in_namespace && is_too_full(tmp, limits.tmp_bytes);
    Ok(is_full.then_some(Limit::Tmp))
}

/// Whether so many ticks of the kernel's clock are more than the limit.
pub(super) fn is_cpu_used_up(ticks: u64, limits: &Limits) -> bool {
    ticks >= limits.cpu_seconds().saturating_mul(rustix::param::clock_ticks_per_second())
}

/// Bytes in use. Pages that several processes share are counted once, if it matters.
fn memory(members: &[Process]) -> u64 {
    members.iter().map(share).fold(0, u64::saturating_add)
}

/// A process's share of the memory that it uses; all of it where the kernel does not say.
fn share(process: &Process) -> u64 {
    let shared = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.pid)).ok();
    let kilobytes = shared.and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(u64::MAX);
    kilobytes.map_or_else(|| process.pages.saturating_mul(page), |count| count.saturating_mul(1024))
}

/// Whether the files below `folder` are too many, too deep, or together too long.
fn is_too_full(folder: &Path, bytes_max: u64) -> bool {
    let (mut bytes, mut entries) = (0_u64, 0_u64);
    let mut waiting = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        if depth > DEPTH_MAX {
            return true;
        }
        // What is gone meanwhile, or closed by its owner, is looked at next time.
        let Ok(found) = fs::read_dir(&folder) else { continue };
        for entry in found.flatten() {
            entries += 1;
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                waiting.push((entry.path(), depth + 1));
            }
            bytes = bytes.saturating_add(metadata.len());
            if bytes > bytes_max || entries > ENTRIES_MAX {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_too_full_by_bytes_and_by_depth() {
        let folder = tempfile::tempdir().unwrap();
        let size = fs::metadata(folder.path()).unwrap().len();
        fs::write(folder.path().join("a"), vec![0; 1000]).unwrap();
        assert!(!is_too_full(folder.path(), 1000));
        assert!(is_too_full(folder.path(), 999));
        let mut deep = folder.path().to_owned();
        for _ in 0..DEPTH_MAX {
            deep.push("d");
        }
        fs::create_dir_all(&deep).unwrap();
        let room = 1_000_000 + size * 100;
        assert!(!is_too_full(folder.path(), room));
        fs::create_dir(deep.join("d")).unwrap();
        assert!(is_too_full(folder.path(), room));
    }

    #[test]
    fn a_folder_is_too_full_by_entries() {
        let folder = tempfile::tempdir().unwrap();
        let make = |number: u64| fs::write(folder.path().join(number.to_string()), "").unwrap();
        (0..ENTRIES_MAX).for_each(make);
        assert!(!is_too_full(folder.path(), u64::MAX));
        make(ENTRIES_MAX);
        assert!(is_too_full(folder.path(), u64::MAX));
    }
}
