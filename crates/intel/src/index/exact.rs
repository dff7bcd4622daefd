//! Keys of bytes, sorted by digest.

/// Keys that one directory entry stands for, on average.
const BUCKET: usize = 4;

/// Keys as they come.
#[derive(Debug, Default)]
pub(super) struct Keys {
    arena: Vec<u8>,
    /// Where each key ends, and its number.
    ends: Vec<(u32, u32)>,
}

/// A digest of a key.
type Digest = fn(&[u8]) -> u64;

impl Keys {
    /// Adds a key. What goes beyond four GiB is not added; a list is bounded far below that.
    pub(super) fn push(&mut self, key: &[u8], entry: u32) {
        let Ok(end) = u32::try_from(self.arena.len().saturating_add(key.len())) else { return };
        self.arena.extend_from_slice(key);
        self.ends.push((end, entry));
    }

    fn key(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let (start, end) = (start.map_or(0, |(end, _)| *end), self.ends.get(at));
        slice(&self.arena, start, end.map_or(0, |(end, _)| *end))
    }

    pub(super) fn sort(self, digest: Digest) -> Exact {
        let count = self.ends.len();
        let bits = usize::BITS - (count / BUCKET).leading_zeros();
        let bits = bits.clamp(1, 30);
        let mut order: Vec<(u64, u32)> = (0_u32..).take(count).map(|at| (0, at)).collect();
        for (sum, at) in &mut order {
            *sum = digest(self.key(wide(*at)));
        }
        order.sort_unstable_by(|(a, left), (b, right)| {
            a.cmp(b)
                .then_with(|| self.key(wide(*left)).cmp(self.key(wide(*right))))
                .then(left.cmp(right))
        });
        let is_last = |at: usize| {
            let key = |at: usize| order.get(at).map(|(sum, key)| (*sum, self.key(wide(*key))));
            key(at) != key(at.saturating_add(1))
        };
        let kept = order.iter().enumerate().filter(|(at, _)| is_last(*at)).map(|(_, row)| *row);
        self.table(bits, kept)
    }

    /// Builds the table of keys in their order.
    fn table(&self, bits: u32, rows: impl Iterator<Item = (u64, u32)>) -> Exact {
        let mut table = Exact { bits, ..Exact::default() };
        let buckets = 1_usize << bits;
        table.directory.reserve_exact(buckets.saturating_add(1));
        table.arena.reserve_exact(self.arena.len());
        for list in [&mut table.tags, &mut table.entries, &mut table.ends] {
            list.reserve_exact(self.ends.len());
        }
        for (digest, at) in rows {
            let (bucket, tag) = table.place(digest);
            let count = narrow(table.tags.len());
            while table.directory.len() <= bucket {
                table.directory.push(count);
            }
            table.tags.push(tag);
            table.entries.push(self.ends.get(wide(at)).map_or(0, |(_, entry)| *entry));
            table.arena.extend_from_slice(self.key(wide(at)));
            table.ends.push(narrow(table.arena.len()));
        }
        let count = narrow(table.tags.len());
        table.directory.resize(buckets.saturating_add(1), count);
        table.even()
    }
}

/// Sorted keys with their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Exact {
    /// How many of a digest's first bits choose the directory entry.
    bits: u32,
    /// Where the keys of each bucket begin, and the count of all behind them.
    directory: Vec<u32>,
    /// The 32 bits of each digest that follow.
    tags: Vec<u32>,
    entries: Vec<u32>,
    /// Where each key ends; empty if all are of the same length.
    ends: Vec<u32>,
    /// The length of each key, if it is the same.
    width: u32,
    arena: Vec<u8>,
}

impl Exact {
    /// Leaves the ends out where they can be reckoned.
    fn even(mut self) -> Self {
        let Some(width) = self.ends.first().copied() else { return self };
        let is_even =
            self.ends.iter().zip(1_u32..).all(|(end, n)| Some(*end) == n.checked_mul(width));
        if is_even {
            self.width = width;
            self.ends = Vec::new();
        }
        self.arena.shrink_to_fit();
        self
    }

    pub(super) fn len(&self) -> usize {
        self.tags.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let numbers = [&self.directory, &self.tags, &self.entries, &self.ends];
        let numbers: usize = numbers.iter().map(|list| list.capacity()).sum();
        numbers.saturating_mul(size_of::<u32>()).saturating_add(self.arena.capacity())
    }

    /// Directory entry and tag of a digest.
    fn place(&self, digest: u64) -> (usize, u32) {
        let bucket = digest.checked_shr(64_u32.saturating_sub(self.bits)).unwrap_or(0);
        let tag = digest.checked_shl(self.bits).unwrap_or(0) >> 32;
        (usize::try_from(bucket).unwrap_or_default(), u32::try_from(tag).unwrap_or_default())
    }

    fn key(&self, at: usize) -> &[u8] {
        if self.ends.is_empty() {
            let start = narrow(at).saturating_mul(self.width);
            return slice(&self.arena, start, start.saturating_add(self.width));
        }
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        slice(&self.arena, start.copied().unwrap_or(0), self.ends.get(at).copied().unwrap_or(0))
    }

    /// The number of a key whose digest is given.
    pub(super) fn get(&self, digest: u64, key: &[u8]) -> Option<u32> {
        let (bucket, tag) = self.place(digest);
        let start = wide(*self.directory.get(bucket)?);
        let end = wide(*self.directory.get(bucket.checked_add(1)?)?);
        let tags = self.tags.get(start..end)?;
        let first = tags.partition_point(|other| *other < tag);
        let same = tags.get(first..)?.partition_point(|other| *other == tag);
        let (mut low, mut high) = (start.checked_add(first)?, same);
        high = high.checked_add(low)?;
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.key(middle).cmp(key) {
                std::cmp::Ordering::Equal => return self.entries.get(middle).copied(),
                std::cmp::Ordering::Less => low = middle.checked_add(1)?,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.entries.iter().enumerate().map(|(at, entry)| (self.key(at), *entry))
    }
}

fn slice(arena: &[u8], start: u32, end: u32) -> &[u8] {
    arena.get(wide(start)..wide(end)).unwrap_or_default()
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
