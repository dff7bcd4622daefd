//! How long until something happened, counting those to whom it has not happened yet.

use serde::{Deserialize, Serialize};
use stanch_model::Time;

/// Quantiles of a time-to, by Kaplan–Meier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Times {
    /// Seconds in which half of the incidents got there; none if that was not reached.
    pub median_s: Option<f64>,
    /// Seconds in which nine of ten got there; none if that was not reached.
    pub p90_s: Option<f64>,
    /// How many got there.
    pub n: u64,
    /// How many have not yet; they count for as long as they have been waiting.
    pub open: u64,
    /// How many seem to have got there before they began (clocks disagree); counted as 0 s.
    pub negative: u64,
}

/// One incident's wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// When it began.
    pub from: Time,
    /// When it got there, or, if `open`, until when it was seen waiting.
    pub until: Time,
    /// Whether it is still waiting, or left without getting there.
    pub open: bool,
}

impl Times {
    /// Product-limit estimate S(t) = ∏(1 − dᵢ/nᵢ) (Kaplan & Meier 1958). Those censored at the moment of
    /// an event count as at risk in it. A quantile is the first moment at which S falls to or under it.
    #[must_use]
    pub fn of(waits: impl IntoIterator<Item = Reached>) -> Self {
        let mut times = Self::default();
        let mut micros: Vec<(i64, bool)> = waits
            .into_iter()
            .map(|Reached { from, until, open }| {
                let wait = until.micros().saturating_sub(from.micros());
                times.negative += u64::from(wait < 0 && !open);
                times.n += u64::from(!open);
                times.open += u64::from(open);
                (wait.max(0), open)
            })
            .collect();
        micros.sort_unstable();
        let mut at_risk = micros.len();
        let mut survival = 1.0_f64;
        for same in micros.chunk_by(|(a, _), (b, _)| a == b) {
            let events = same.iter().filter(|(_, open)| !open).count();
            if let (Some((wait, _)), 1..) = (same.first(), events) {
                survival *= 1.0 - ratio(events, at_risk);
                let seconds = Time::from_micros(*wait).seconds_since(Time::from_micros(0));
                if survival <= 0.5 + ROUNDING {
                    times.median_s.get_or_insert(seconds);
                }
                if survival <= 0.1 + ROUNDING {
                    times.p90_s.get_or_insert(seconds);
                }
            }
            at_risk -= same.len();
        }
        times
    }
}

/// A product of many ratios that should be exactly 0.5 or 0.1 may come out a hair above.
const ROUNDING: f64 = 1e-9;

fn ratio(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of incidents are far below 2^53")]
    let ratio = part as f64 / whole as f64;
    ratio
}
