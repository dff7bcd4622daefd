//! A part of a whole, with how far it can be trusted.

use serde::{Deserialize, Serialize};

/// `part` of `whole`, with the Wilson score interval at 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub whole: u64,
    /// Lower bound of the true share, 0 to 1; 0 if there is no data.
    pub low: f64,
    /// Upper bound of the true share, 0 to 1; 1 if there is no data.
    pub high: f64,
}

/// The 97.5 % point of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Share {
    /// Counts `part` of `whole`; a part over the whole counts as the whole.
    #[must_use]
    pub fn new(part: u64, whole: u64) -> Self {
        let part = part.min(whole);
        if whole == 0 {
            return Self { part, whole, low: 0.0, high: 1.0 };
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of incidents are far below 2^53")]
        let (part_f, n) = (part as f64, whole as f64);
        let p = part_f / n;
        let z2 = Z * Z;
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        // At the ends the formula gives exactly 0 and 1, and rounding may not miss them.
        let low = if part == 0 { 0.0 } else { (centre - half).max(0.0) };
        let high = if part == whole { 1.0 } else { (centre + half).min(1.0) };
        Self { part, whole, low, high }
    }
}
