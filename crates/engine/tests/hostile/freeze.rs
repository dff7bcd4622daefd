//! Times without acts, by plain arithmetic on minutes since 1970: no zone here ever sets its clock in that year.

use serde_json::{Value, json};
use stanch_model::Time;

use super::{dice::Dice, past::fits};

const DAY: i64 = 24 * 60;

/// Zones, and by how many minutes they are ahead.
const ZONES: [(&str, i64); 3] = [("UTC", 0), ("Europe/Berlin", 60), ("Asia/Kolkata", 330)];

/// From Monday; the first of January 1970 was a Thursday.
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const THURSDAY: i64 = 3;

#[derive(Clone, Debug)]
pub(crate) struct Freeze {
    zone: (&'static str, i64),
    from: i64,
    to: i64,
    /// On which weekdays; every day if there is none.
    days: Vec<i64>,
    /// The only day, since 1970.
    date: Option<i64>,
    classes: Option<&'static str>,
    /// How many people may let an act happen nevertheless; nobody if absent.
    people: Option<u32>,
}

impl Freeze {
    /// About half of them are open at some time of a case.
    pub(crate) fn roll(dice: &mut Dice) -> Self {
        let mut number = |below: usize| i64::try_from(dice.below(below)).unwrap();
        let begins = number(4 * 60) - 60;
        let lasts = 10 + number(180);
        let zone = *dice.one(&ZONES);
        let days = match dice.below(6) {
            0 => vec![THURSDAY],
            1 => vec![2, THURSDAY],
            2 => vec![4, 5, 6],
            _ => Vec::new(),
        };
        Self {
            zone,
            from: (begins + zone.1).rem_euclid(DAY),
            to: (begins + lasts + zone.1).rem_euclid(DAY),
            days,
            date: dice.once_in(5).then(|| i64::from(dice.once_in(3))),
            classes: *dice.one(&[None, None, Some("edr.*"), Some("firewall.block_address")]),
            people: *dice.one(&[None, Some(1), Some(2)]),
        }
    }

    pub(crate) fn policy(&self) -> Value {
        let clock = |at: i64| format!("{:02}:{:02}", at / 60, at % 60);
        let days: Vec<&str> =
            self.days.iter().map(|day| WEEK[usize::try_from(*day).unwrap()]).collect();
        let mut policy = json!({
            "name": "quiet hours", "zone": self.zone.0, "days": days,
            "from": clock(self.from), "to": clock(self.to),
        });
        if let Some(date) = self.date {
            policy["dates"] = json!([format!("1970-01-{:02}", date + 1)]);
        }
        if let Some(classes) = self.classes {
            policy["classes"] = json!(classes);
        }
        if let Some(people) = self.people {
            policy["then"] = json!("ask");
            policy["approvals"] = json!(people);
        }
        policy
    }

    fn begins_on(&self, day: i64) -> bool {
        let weekday = (day + THURSDAY).rem_euclid(7);
        let named = self.days.is_empty() || self.days.contains(&weekday);
        named && self.date.is_none_or(|date| date == day)
    }

    fn is_open(&self, now: Time) -> bool {
        let minutes = now.micros().div_euclid(60_000_000) + self.zone.1;
        let (day, minute) = (minutes.div_euclid(DAY), minutes.rem_euclid(DAY));
        if self.from < self.to {
            return self.begins_on(day) && (self.from..self.to).contains(&minute);
        }
        (self.begins_on(day) && minute >= self.from)
            || (self.begins_on(day - 1) && minute < self.to)
    }

    fn holds(&self, class: &str, now: Time) -> bool {
        self.classes.is_none_or(|classes| fits(classes, class)) && self.is_open(now)
    }

    pub(crate) fn forbids(&self, class: &str, now: Time) -> bool {
        self.people.is_none() && self.holds(class, now)
    }

    /// How many people have to say yes.
    pub(crate) fn people(&self, class: &str, now: Time) -> u32 {
        self.people.filter(|_| self.holds(class, now)).unwrap_or(0)
    }
}
