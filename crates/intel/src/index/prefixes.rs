//! Networks as sorted numbers, one table for each length of prefix.

use std::ops::BitAnd;

/// From how many keys on a table has a directory over their first 16 bits.
const DIRECTORY_MIN: usize = 4_096;

/// Networks as they come: prefix length, first address, number.
#[derive(Debug)]
pub(super) struct Unsorted<K>(Vec<(u8, K, u32)>);

impl<K> Default for Unsorted<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord> Unsorted<K> {
    pub(super) fn push(&mut self, length: u8, key: K, entry: u32) {
        self.0.push((length, key, entry));
    }

    /// Sorts them; `mask` gives the bits of a length, `top` the first 16 bits of a key.
    pub(super) fn sort(mut self, mask: impl Fn(u32) -> K, top: fn(K) -> usize) -> Prefixes<K> {
        // Stable, so that of doubles the last one stays behind the others.
        self.0.sort_by_key(|(length, key, _)| (std::cmp::Reverse(*length), *key));
        let mut tables: Vec<Table<K>> = Vec::new();
        for rows in self.0.chunk_by(|a, b| a.0 == b.0) {
            let Some((length, ..)) = rows.first() else { continue };
            let lasts = rows.chunk_by(|a, b| a.1 == b.1).filter_map(<[_]>::last);
            let (keys, entries): (Vec<K>, Vec<u32>) =
                lasts.map(|(_, key, entry)| (*key, *entry)).unzip();
            let directory = directory(&keys, top);
            let mask = mask(u32::from(*length));
            tables.push(Table { length: *length, mask, directory, keys, entries, top });
        }
        for table in &mut tables {
            table.keys.shrink_to_fit();
            table.entries.shrink_to_fit();
        }
        Prefixes { tables }
    }
}

/// Where the keys with each 16 first bits begin; nothing for a small table.
fn directory<K: Copy>(keys: &[K], top: fn(K) -> usize) -> Vec<u32> {
    if keys.len() < DIRECTORY_MIN {
        return Vec::new();
    }
    let mut directory = Vec::with_capacity((1 << 16) + 1);
    for (key, at) in keys.iter().zip(0_u32..) {
        while directory.len() <= top(*key) {
            directory.push(at);
        }
    }
    directory.resize((1 << 16) + 1, u32::try_from(keys.len()).unwrap_or(u32::MAX));
    directory
}

/// Networks of one family, the narrowest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefixes<K> {
    tables: Vec<Table<K>>,
}

impl<K> Default for Prefixes<K> {
    fn default() -> Self {
        Self { tables: Vec::new() }
    }
}

/// Networks with one length of prefix.
#[derive(Clone, Debug)]
struct Table<K> {
    length: u8,
    mask: K,
    directory: Vec<u32>,
    keys: Vec<K>,
    entries: Vec<u32>,
    top: fn(K) -> usize,
}

impl<K: PartialEq> PartialEq for Table<K> {
    fn eq(&self, other: &Self) -> bool {
        (self.length, &self.keys, &self.entries) == (other.length, &other.keys, &other.entries)
    }
}

impl<K: Eq> Eq for Table<K> {}

impl<K: Copy + Ord + BitAnd<Output = K>> Prefixes<K> {
    pub(super) fn len(&self) -> usize {
        self.tables.iter().map(|table| table.keys.len()).sum()
    }

    pub(super) fn bytes(&self) -> usize {
        let of = |table: &Table<K>| {
            let keys = table.keys.capacity().saturating_mul(size_of::<K>());
            let numbers = table.entries.capacity().saturating_add(table.directory.capacity());
            numbers.saturating_mul(size_of::<u32>()).saturating_add(keys)
        };
        self.tables.iter().map(of).sum()
    }

    /// Number and prefix length of the narrowest network that an address is in.
    pub(super) fn find(&self, address: K) -> Option<(u32, u8)> {
        self.tables.iter().find_map(|table| Some((table.get(address & table.mask)?, table.length)))
    }

    /// Whether a network from `first` to `last` has an address in common with one of these.
    pub(super) fn overlaps(&self, first: K, last: K) -> bool {
        self.tables.iter().any(|table| {
            let at = table.keys.partition_point(|key| *key < first & table.mask);
            table.keys.get(at).is_some_and(|key| *key <= last)
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, u8, u32)> {
        self.tables.iter().flat_map(|table| {
            let rows = table.keys.iter().zip(&table.entries);
            rows.map(|(key, entry)| (*key, table.length, *entry))
        })
    }
}

impl<K: Copy + Ord> Table<K> {
    fn get(&self, key: K) -> Option<u32> {
        let top = (self.top)(key);
        let bound = |at: usize| self.directory.get(at).and_then(|at| usize::try_from(*at).ok());
        let start = bound(top).unwrap_or(0);
        let end = bound(top.saturating_add(1)).unwrap_or(self.keys.len());
        let found = self.keys.get(start..end)?.binary_search(&key).ok()?;
        self.entries.get(start.saturating_add(found)).copied()
    }
}
