//! Rounds in turns, and what is told of them: medians, percentiles, the spread of a ratio.

/// One side of a comparison: takes one sample in round number …
pub(crate) type Side<'a, T> = &'a mut dyn FnMut(usize) -> anyhow::Result<T>;

/// Takes samples from every side in turns: one round to warm up, then `count` that are kept.
/// Gives one list per side, in the order of the rounds.
///
/// # Errors
/// The first error of a side.
pub(crate) fn in_turns<T>(count: usize, sides: &mut [Side<'_, T>]) -> anyhow::Result<Vec<Vec<T>>> {
    let mut kept: Vec<Vec<T>> = sides.iter().map(|_| Vec::with_capacity(count)).collect();
    for round in 0..=count {
        for (side, list) in sides.iter_mut().zip(&mut kept) {
            let sample = side(round)?;
            if round > 0 {
                list.push(sample);
            }
        }
    }
    Ok(kept)
}

/// Two lists of samples that were taken in turns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    /// Median of ours.
    pub(crate) ours: f64,
    /// Median of what it is measured against.
    pub(crate) limit: f64,
    /// Median of the ratios ours / limit, round by round.
    pub(crate) ratio: f64,
    /// The smallest and the largest of them.
    pub(crate) spread: Option<(f64, f64)>,
}

impl Compared {
    /// Compares round by round.
    pub(crate) fn rounds(ours: &[f64], limit: &[f64]) -> Self {
        let ratios: Vec<f64> = ours.iter().zip(limit).map(|(ours, limit)| ours / limit).collect();
        let spread = match (percentile(&ratios, 0), percentile(&ratios, 100)) {
            (Some(least), Some(most)) => Some((least, most)),
            _ => None,
        };
        Self { ours: median(ours), limit: median(limit), ratio: median(&ratios), spread }
    }

    /// Compares two figures that were taken once.
    pub(crate) fn once(ours: f64, limit: f64) -> Self {
        Self { ours, limit, ratio: ours / limit, spread: None }
    }
}

/// The median; NaN of nothing.
pub(crate) fn median(samples: &[f64]) -> f64 {
    let sorted = sorted(samples);
    let half = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(at(half.wrapping_sub(1)), at(half))
    } else {
        at(half)
    }
}

/// The percentile by nearest rank.
pub(crate) fn percentile(samples: &[f64], percent: usize) -> Option<f64> {
    let sorted = sorted(samples);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_take_turns_and_the_first_round_is_dropped() {
        let order = std::cell::RefCell::new(Vec::new());
        let mut ours = |round: usize| {
            order.borrow_mut().push(format!("ours {round}"));
            Ok(round)
        };
        let mut limit = |round: usize| {
            order.borrow_mut().push(format!("limit {round}"));
            Ok(10 * round)
        };
        let kept = in_turns(2, &mut [&mut ours, &mut limit]).unwrap();
        assert_eq!(kept, [vec![1, 2], vec![10, 20]]);
        let order = order.into_inner();
        assert_eq!(order, ["ours 0", "limit 0", "ours 1", "limit 1", "ours 2", "limit 2"]);
    }

    #[test]
    fn an_error_ends_the_rounds() {
        let mut fails = |round: usize| {
            anyhow::ensure!(round < 1, "round {round}");
            Ok(())
        };
        assert_eq!(in_turns(5, &mut [&mut fails]).unwrap_err().to_string(), "round 1");
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let found = Compared::rounds(&[10.0, 40.0, 30.0], &[100.0, 100.0, 600.0]);
        let spread = Some((0.05, 0.4));
        assert_eq!(found, Compared { ours: 30.0, limit: 100.0, ratio: 0.1, spread });
    }

    #[test]
    fn medians_and_percentiles() {
        let check = |samples: &[f64], middle: f64, (percent, at): (usize, f64)| {
            assert!((median(samples) - middle).abs() < 1e-12, "median of {samples:?}");
            assert_eq!(percentile(samples, percent), Some(at), "{percent} of {samples:?}");
        };
        check(&[3.0], 3.0, (99, 3.0));
        check(&[4.0, 1.0], 2.5, (50, 1.0));
        check(&[5.0, 1.0, 3.0], 3.0, (50, 3.0));
        let hundred: Vec<f64> = (1..=100_u32).rev().map(f64::from).collect();
        check(&hundred, 50.5, (99, 99.0));
        check(&hundred, 50.5, (0, 1.0));
        assert!(median(&[]).is_nan());
        assert_eq!(percentile(&[], 50), None);
    }
}
