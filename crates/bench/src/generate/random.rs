//! Chance that is the same for the same seed, on every machine and with every version.

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `end` - 1.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        let scaled = (u128::from(self.next()) * u128::from(end)) >> 64;
        u64::try_from(scaled).unwrap_or_default()
    }

    pub(super) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let count = u64::try_from(from.len()).unwrap_or_default();
        let index = usize::try_from(self.below(count)).unwrap_or_default();
        *from
            .get(index)
            .expect("invariant: the list is not empty and the index is below its length")
    }

    /// An address of a workplace or a server inside.
    pub(super) fn inside(&mut self) -> String {
        format!("10.20.{}.{}", self.below(4), self.between(10, 250))
    }

    /// An address anywhere: of the blocks for benchmarks (RFC 2544), which are nobody's.
    pub(super) fn outside(&mut self) -> String {
        format!("198.{}.{}.{}", self.between(18, 20), self.below(256), self.between(1, 255))
    }

    /// An ephemeral port.
    pub(super) fn port(&mut self) -> u64 {
        self.between(32_768, 61_000)
    }

    pub(super) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::new();
        while text.len() < digits {
            text += &format!("{:016X}", self.next());
        }
        text.truncate(digits);
        text
    }

    pub(super) fn guid(&mut self) -> String {
        let parts = [8, 4, 4, 4, 12].map(|digits| self.hex(digits));
        format!("{{{}}}", parts.join("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    /// The first numbers of seed 1234567 in the reference implementation.
    #[test]
    fn it_is_splitmix64() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut random = Random::new(1);
        let mut seen = [false; 5];
        for _ in 0..1_000 {
            let number = usize::try_from(random.below(5)).unwrap();
            seen[number] = true;
            assert!((3..9).contains(&random.between(3, 9)));
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(random.hex(33).len(), 33);
    }
}
