//! Which user a program runs as: where Stanch runs as root, one of its own for each run.
//!
//! With a user of its own, a program can neither signal nor trace anybody, owns nothing but its temporary
//! folder, and its processes are counted apart from all others.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::Error;

/// Far above what people, containers and directory services are given, and below the half of the range
/// that some programs take for negative.
const FIRST: u32 = 2_100_000_000;

/// Users that one process takes in turn.
const EACH: u32 = 1024;

/// Processes that take different ones.
const PROCESSES: u32 = 32_768;

/// Gives out users.
#[derive(Debug)]
pub(super) struct Owners {
    range: Range,
    next: AtomicU32,
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// Not root: programs run as the same user.
    Same,
    /// Root, and these are free.
    From(u32),
    /// Root, and no other user exists in this user namespace.
    Nobody(String),
}

impl Owners {
    pub(super) fn of_this_process() -> Self {
        let range = if rustix::process::geteuid().is_root() {
            let maps =
                ["uid_map", "gid_map"].map(|map| fs::read_to_string(format!("/proc/self/{map}")));
            let maps = maps.map(|map| map.unwrap_or_default());
            range(&maps, std::process::id())
        } else {
            Range::Same
        };
        Self { range, next: AtomicU32::new(0) }
    }

    /// The user of the next run, if it is another one.
    pub(super) fn next(&self) -> Result<Option<u32>, Error> {
        match &self.range {
            Range::Same => Ok(None),
            Range::From(first) => {
                let turn = self.next.fetch_add(1, Ordering::Relaxed) % EACH;
                Ok(Some(first.saturating_add(turn)))
            }
            Range::Nobody(why) => Err(Error::NoUser { why: why.clone() }),
        }
    }
}

/// Users that both maps have: the ordinary ones, or in a container the last that it was given.
fn range(maps: &[String; 2], process: u32) -> Range {
    let wanted = FIRST + process % PROCESSES * EACH;
    let [users, groups] = maps.each_ref().map(|map| mapped(map));
    let has = |ranges: &[(u32, u32)], first: u32| {
        let last = first.saturating_add(EACH - 1);
        ranges.iter().any(|(from, to)| *from <= first && last <= *to)
    };
    let ends = users.iter().map(|(_, to)| to.saturating_sub(EACH - 1));
    let candidates = std::iter::once(wanted).chain(ends).filter(|first| *first >= EACH);
    let found = candidates.into_iter().find(|first| has(&users, *first) && has(&groups, *first));
    found.map_or_else(
        || Range::Nobody(format!("/proc/self/uid_map and gid_map have no {EACH} in a row")),
        Range::From,
    )
}

/// The ranges of a map: first and last as they are called in here.
fn mapped(map: &str) -> Vec<(u32, u32)> {
    let line = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let (from, _, count) =
            (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some((from, from.saturating_add(count.checked_sub(1)?)))
    };
    map.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{EACH, FIRST, Range, range};

    #[test]
    fn a_user_is_one_that_both_maps_have() {
        for (users, groups, expect) in [
            ("0 0 4294967295", "0 0 4294967295", Range::From(FIRST + 7 * EACH)),
            ("0 1000 1\n1 100000 65536", "0 1000 1\n1 100000 65536", Range::From(64_513)),
            ("0 100000 65536", "0 100000 65536", Range::From(64_512)),
        ] {
            assert_eq!(range(&[users.to_owned(), groups.to_owned()], 7), expect, "{users}");
        }
        for (users, groups) in
            [("0 1000 1", "0 1000 1"), ("0 100000 65536", "0 1000 1"), ("", ""), ("x", "0 0 1")]
        {
            let found = range(&[users.to_owned(), groups.to_owned()], 7);
            assert!(matches!(found, Range::Nobody(_)), "{users} {groups}");
        }
    }
}
