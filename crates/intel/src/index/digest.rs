//! Digests of keys: quick, and the same everywhere. They only have to spread well; keys are compared.

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0xff51_afd7_ed55_8ccd;

/// Lets every bit of the state reach every bit of the digest.
const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let state = (state ^ (state >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    state ^ (state >> 32)
}

/// Of bytes, eight at a time.
pub(super) fn of_bytes(bytes: &[u8]) -> u64 {
    let length = u64::try_from(bytes.len()).unwrap_or_default();
    let mut state = SEED ^ length;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(STEP).rotate_left(29);
    }
    for byte in rest {
        state = (state ^ u64::from(*byte)).wrapping_mul(STEP).rotate_left(29);
    }
    mixed(state)
}

/// Of a name, from its end, so that one pass gives the digests of all names above it.
pub(super) fn of_name(name: &[u8]) -> u64 {
    mixed(name.iter().rev().fold(SEED, |state, byte| stepped(state, *byte)))
}

/// Gives the digest and the start of every suffix of a name that has two labels or more, from the shortest to the
/// name itself.
pub(super) fn suffixes(name: &[u8], mut each: impl FnMut(u64, usize)) {
    let mut state = SEED;
    let mut dots = 0_u32;
    for (at, byte) in name.iter().enumerate().rev() {
        if *byte == b'.' {
            if dots > 0 {
                each(mixed(state), at.saturating_add(1));
            }
            dots = dots.saturating_add(1);
        }
        state = stepped(state, *byte);
    }
    if dots > 0 {
        each(mixed(state), 0);
    }
}

fn stepped(state: u64, byte: u8) -> u64 {
    (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}
