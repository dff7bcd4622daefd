//! The machine that was measured on, in so far as figures depend on it.

use std::{fs, path::Path, thread::available_parallelism};

/// The machine that was measured on.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    memory_gib: f64,
    kernel: String,
    file_system: String,
}

impl Machine {
    /// This machine, and the file system of `work`.
    pub(crate) fn of_this_host(work: &Path) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let value = |text: &str, name: &str| field(text, name).unwrap_or("unknown").to_owned();
        let kib: f64 = first_word(field(&read("/proc/meminfo"), "MemTotal").unwrap_or_default())
            .parse()
            .unwrap_or_default();
        Self {
            cores: available_parallelism().map_or(1, std::num::NonZero::get),
            processor: value(&read("/proc/cpuinfo"), "model name"),
            memory_gib: kib / 1_048_576.0,
            kernel: version(&read("/proc/sys/kernel/osrelease")),
            file_system: file_system(&read("/proc/mounts"), work).unwrap_or("unknown").to_owned(),
        }
    }

    /// One line.
    pub(crate) fn describe(&self) -> String {
        let Self { cores, processor, memory_gib, kernel, file_system } = self;
        format!(
            "{cores} cores ({processor}), {memory_gib:.0} GiB, Linux {kernel}, data on {file_system}"
        )
    }

    /// Whether nothing that is measured reaches a disk.
    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.file_system.as_str(), "tmpfs" | "ramfs")
    }
}

/// The value in the first line `NAME: VALUE`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

/// The first two numbers: what follows is the distributor's own.
fn version(release: &str) -> String {
    release.trim().split('.').take(2).collect::<Vec<_>>().join(".")
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// The type of the file system that holds `path`: that of the longest mount point above it.
fn file_system<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let above = mounts.filter(|(point, _)| path.starts_with(point));
    above.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_mount_point_decides() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp/disk xfs rw 0 0\n";
        let check = |path: &str, expect: &str| {
            assert_eq!(file_system(mounts, Path::new(path)), Some(expect), "{path}");
        };
        check("/var/x", "ext4");
        check("/tmp/x", "tmpfs");
        check("/tmpx", "ext4");
        check("/tmp/disk/x", "xfs");
    }

    #[test]
    fn a_kernel_is_told_by_two_numbers() {
        assert_eq!(version("6.12.9-amd64\n"), "6.12");
        assert_eq!(version(""), "");
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "model\t\t: 7\nmodel name\t: Some CPU\n";
        assert_eq!(field(text, "model name"), Some("Some CPU"));
        assert_eq!(field(text, "name"), None);
    }
}
