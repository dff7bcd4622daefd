//! How often a password may be tried: per name, and over all names.

use std::{collections::VecDeque, time::Duration};

use stanch_model::Time;

/// How long a failed try counts.
const WINDOW: Duration = Duration::from_secs(60);

/// Failed tries of one name. A person mistypes three times; five a minute are 2.6 million a year,
/// which a password of twelve characters outlasts (NIST SP 800-63B §3.2.2 wants a limit).
const OF_ONE_NAME_MAX: usize = 5;

/// Failed tries of all names together: who tries one password on many names is slowed down as well,
/// and a hundred hashes a minute are what one core can bear. Sessions and tokens are not touched: who is
/// signed in still reaches the kill switch.
const OF_ALL_MAX: usize = 100;

/// Longest part of a name that is told apart, in characters; no name that exists is longer.
const NAME_CHARS_MAX: usize = 100;

/// The tries of the last minute that did not succeed, the oldest first. In memory only: a restart
/// forgets a minute.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    tries: VecDeque<(Time, String)>,
}

impl Throttle {
    /// Counts a try, before the password is looked at: many at once are no way around.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn begin(&mut self, name: &str, now: Time) -> Result<(), Duration> {
        let since = now.minus(WINDOW);
        while self.tries.front().is_some_and(|(at, _)| *at <= since) {
            self.tries.pop_front();
        }
        let name = told_apart(name);
        let of_name: Vec<Time> =
            self.tries.iter().filter(|(_, tried)| *tried == name).map(|(at, _)| *at).collect();
        let frees = |oldest: Time| {
            Duration::from_micros(
                u64::try_from(oldest.plus(WINDOW).micros() - now.micros()).unwrap_or(0),
            )
        };
        match (of_name.first(), self.tries.front()) {
            (Some(oldest), _) if of_name.len() >= OF_ONE_NAME_MAX => Err(frees(*oldest)),
            (_, Some((oldest, _))) if self.tries.len() >= OF_ALL_MAX => Err(frees(*oldest)),
            _ => {
                self.tries.push_back((now, name));
                Ok(())
            }
        }
    }

    /// Forgets the tries of a name, whose password was shown.
    pub(super) fn succeeded(&mut self, name: &str) {
        let name = told_apart(name);
        self.tries.retain(|(_, tried)| *tried != name);
    }
}

fn told_apart(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries at a second, and how many seconds it had to wait; 0 if it was let through.
    #[track_caller]
    fn check(throttle: &mut Throttle, name: &str, second: i64, wait_s: u64) {
        let tried = throttle.begin(name, Time::from_micros(second * 1_000_000));
        assert_eq!(tried.map_or_else(|wait| wait.as_secs(), |()| 0), wait_s, "{name} at {second}");
    }

    #[test]
    fn five_of_one_name_a_minute() {
        let mut throttle = Throttle::default();
        for second in 0..5 {
            check(&mut throttle, "ann", second, 0);
        }
        check(&mut throttle, "ann", 5, 55);
        check(&mut throttle, "ben", 5, 0);
        check(&mut throttle, "ann", 59, 1);
        // The first try is a minute old, and what was refused does not count.
        check(&mut throttle, "ann", 60, 0);
        check(&mut throttle, "ann", 60, 1);
    }

    #[test]
    fn a_success_forgets_the_tries_of_its_name_alone() {
        let mut throttle = Throttle::default();
        for name in ["ann", "ben"] {
            (0..5).for_each(|_| check(&mut throttle, name, 0, 0));
        }
        throttle.succeeded("ann");
        check(&mut throttle, "ann", 0, 0);
        check(&mut throttle, "ben", 0, 60);
    }

    #[test]
    fn a_hundred_of_all_names_a_minute() {
        let mut throttle = Throttle::default();
        for number in 0..100 {
            check(&mut throttle, &format!("name {number}"), 10, 0);
        }
        check(&mut throttle, "one more", 30, 40);
        assert_eq!(throttle.tries.len(), 100);
        check(&mut throttle, "one more", 70, 0);
        assert_eq!(throttle.tries.len(), 1);
    }

    #[test]
    fn endless_names_are_one_name() {
        let mut throttle = Throttle::default();
        for number in 0..5 {
            check(&mut throttle, &format!("{}{number}", "x".repeat(100)), 0, 0);
        }
        check(&mut throttle, &"x".repeat(9_999), 0, 60);
    }
}
