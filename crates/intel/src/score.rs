//! How much an indicator is worth now, from 0 to 100.
//!
//! The score of one claim is `base · (1 − (t/τ)^(1/δ))`, and 0 after τ: the polynomial decay of S. Mokaddem,
//! G. Wagener, A. Dulaunoy, A. Iklody, *Taxonomy driven indicator scoring in MISP threat intelligence
//! platforms* (2019, arXiv:1902.03914, §4), with
//!
//! - `t` the time since the source's last word, or since the last sighting if that is later (as there: a
//!   sighting winds the clock back to nothing),
//! - `τ` the lifetime and `δ` the speed of decay, by kind of value ([`Model`]); a δ above 1 loses most in
//!   the beginning, one below 1 at the end.
//!
//! The base is the claim's confidence, with two things of our own. It is no more than what the source has
//! earned: the upper end of the interval of its precision ([`crate::precision`]), so that a source whose matches turn
//! out wrong cannot shout. And each sighting that an analyst confirmed as an attack takes a tenth of what is
//! left of the better half of the way to 100: `base + (100 − base) · (1 − 0.9ⁿ) / 2`.
//!
//! The indicator's score is that of its best claim, not a sum: sources copy from each other, so two that
//! agree are rarely two witnesses. A claim that does not hold now counts nothing, and so does one that
//! calls the value harmless.

use std::{collections::BTreeMap, time::Duration};

use stanch_model::Time;

use crate::{Claim, Confidence, Indicator, Kind, Meaning};

/// How a claim loses worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decay {
    lifetime: Duration,
    speed: f64,
}

impl Decay {
    /// A lifetime τ of more than nothing and a finite speed δ of more than nothing.
    #[must_use]
    pub fn new(lifetime: Duration, speed: f64) -> Option<Self> {
        let sound = !lifetime.is_zero() && speed.is_finite() && speed > 0.0;
        sound.then_some(Self { lifetime, speed })
    }

    /// What is left after `age`, from 1 to 0.
    #[must_use]
    pub fn left(&self, age: Duration) -> f64 {
        if age >= self.lifetime {
            return 0.0;
        }
        let part = age.as_secs_f64() / self.lifetime.as_secs_f64();
        (1.0 - part.powf(1.0 / self.speed)).clamp(0.0, 1.0)
    }
}

/// The parameters of the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// By kind of value; a kind that is not here does not decay.
    pub decay: BTreeMap<Kind, Decay>,
    /// How sure a source counts that does not say.
    pub unsaid: Confidence,
}

const DAY: Duration = Duration::from_secs(86_400);

impl Default for Model {
    /// Addresses change hands within weeks, and most of them soon; domains are paid for a year; a file stays
    /// what it is.
    fn default() -> Self {
        let rows = [
            (Kind::Ip, 30, 1.5),
            (Kind::Cidr, 60, 1.5),
            (Kind::Url, 60, 1.0),
            (Kind::Domain, 180, 1.0),
            (Kind::EmailAddress, 180, 1.0),
            (Kind::Md5, 1_460, 0.5),
            (Kind::Sha1, 1_460, 0.5),
            (Kind::Sha256, 1_460, 0.5),
        ];
        let decay = rows.into_iter().filter_map(|(kind, days, speed)| {
            Some((kind, Decay::new(DAY.saturating_mul(days), speed)?))
        });
        Self { decay: decay.collect(), unsaid: Confidence::new(50).unwrap_or(Confidence::MAX) }
    }
}

/// What sources have earned: the upper end of the interval of their precision, from 0 to 1, by name. Who is
/// not here has no record yet and is believed.
pub type Earned = BTreeMap<String, f64>;

/// The share of the way to 100 that confirmed sightings can take.
const RAISE_MAX: f64 = 0.5;

/// What one confirmed sighting leaves of it.
const RAISE_LEFT: f64 = 0.9;

impl Model {
    /// The score of an indicator at `now`.
    #[must_use]
    pub fn score(&self, indicator: &Indicator, earned: &Earned, now: Time) -> u8 {
        let claims = indicator.in_force(now).filter(|claim| claim.meaning == Meaning::Malicious);
        let scores = claims.map(|claim| self.of_claim(indicator, claim, earned, now));
        percent(scores.fold(0.0, f64::max))
    }

    fn of_claim(&self, indicator: &Indicator, claim: &Claim, earned: &Earned, now: Time) -> f64 {
        let said = f64::from(claim.confidence.unwrap_or(self.unsaid).get());
        let ceiling = earned.get(&claim.source).map_or(1.0, |high| high.clamp(0.0, 1.0));
        let base = said.min(ceiling * 100.0);
        let confirmed = i32::try_from(indicator.sightings.confirmed).unwrap_or(i32::MAX);
        let raised = (100.0 - base) * RAISE_MAX * (1.0 - RAISE_LEFT.powi(confirmed));
        let last =
            indicator.sightings.last.map_or(claim.last_word(), |at| at.max(claim.last_word()));
        let age = Duration::try_from(now - last).unwrap_or_default();
        let left = self.decay.get(&indicator.value.kind()).map_or(1.0, |decay| decay.left(age));
        (base + raised) * left
    }
}

/// Rounds to the nearest whole number from 0 to 100.
fn percent(score: f64) -> u8 {
    (0..=100).rev().find(|whole| f64::from(*whole) <= score + 0.5).unwrap_or(0)
}
