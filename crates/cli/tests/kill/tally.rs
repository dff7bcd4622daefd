//! What was counted, and the one line that says so.

use std::{collections::BTreeMap, fmt};

/// How the servers died.
#[derive(Debug, Default)]
pub(crate) struct Deaths {
    /// Just after a journal record, by its word.
    pub(crate) at_record: BTreeMap<&'static str, u32>,
    /// While an answer of the target was out, after it had acted.
    pub(crate) at_act: u32,
    /// At a random moment.
    pub(crate) at_random: u32,
    /// Lives in which the record or act that was waited for did not come; they count as random.
    pub(crate) missed: BTreeMap<&'static str, u32>,
    /// With an intent of this life on record, no acceptance, and nothing done by the target.
    pub(crate) between_before_act: u32,
    /// The same, but the target had acted.
    pub(crate) between_after_act: u32,
}

impl Deaths {
    pub(crate) fn all(&self) -> u32 {
        self.at_record.values().sum::<u32>() + self.at_act + self.at_random
    }

    /// Deaths between *intended* and *accepted*.
    pub(crate) fn between(&self) -> u32 {
        self.between_before_act + self.between_after_act
    }

    fn add(&mut self, other: &Self) {
        for (word, count) in &other.at_record {
            *self.at_record.entry(word).or_default() += count;
        }
        for (word, count) in &other.missed {
            *self.missed.entry(word).or_default() += count;
        }
        self.at_act += other.at_act;
        self.at_random += other.at_random;
        self.between_before_act += other.between_before_act;
        self.between_after_act += other.between_after_act;
    }
}

/// What the books and the target say at the end.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) acknowledged: usize,
    pub(crate) found: usize,
    /// Found more often than they were sent.
    pub(crate) doubled: usize,
    /// Sent again after a lost answer, and recognised.
    pub(crate) recognised: usize,
    /// Decisions of people that the server had said yes to.
    pub(crate) decisions: usize,
    pub(crate) decisions_kept: usize,
    pub(crate) runs: usize,
    /// Acts in the target's log that were done.
    pub(crate) acts: usize,
    pub(crate) repeats: usize,
    /// Requests for something that was done before, which only the target's memory of keys stopped.
    pub(crate) sent_again: usize,
    /// The same of undos, which have no probe.
    pub(crate) undos_again: usize,
    pub(crate) unknown: usize,
    pub(crate) timers_set: usize,
    pub(crate) timers_fired: usize,
    pub(crate) expiries: usize,
    pub(crate) contained: usize,
    pub(crate) audit: usize,
}

/// Everything, of all worlds.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) deaths: Deaths,
    pub(crate) books: Books,
    /// What is wrong.
    pub(crate) faults: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.deaths.add(&other.deaths);
        let (sum, b) = (&mut self.books, other.books);
        for (sum, more) in [
            (&mut sum.acknowledged, b.acknowledged),
            (&mut sum.found, b.found),
            (&mut sum.doubled, b.doubled),
            (&mut sum.recognised, b.recognised),
            (&mut sum.decisions, b.decisions),
            (&mut sum.decisions_kept, b.decisions_kept),
            (&mut sum.runs, b.runs),
            (&mut sum.acts, b.acts),
            (&mut sum.repeats, b.repeats),
            (&mut sum.sent_again, b.sent_again),
            (&mut sum.undos_again, b.undos_again),
            (&mut sum.unknown, b.unknown),
            (&mut sum.timers_set, b.timers_set),
            (&mut sum.timers_fired, b.timers_fired),
            (&mut sum.expiries, b.expiries),
            (&mut sum.contained, b.contained),
            (&mut sum.audit, b.audit),
        ] {
            *sum += more;
        }
        self.faults.extend(other.faults);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (d, b) = (&self.deaths, &self.books);
        write!(
            f,
            "{} kills ({} at a journal record of {} kinds, {} just after an act, {} at random); \
             between intended and accepted {} ({} before the act, {} after it); ",
            d.all(),
            d.at_record.values().sum::<u32>(),
            d.at_record.len(),
            d.at_act,
            d.at_random,
            d.between(),
            d.between_before_act,
            d.between_after_act
        )?;
        write!(
            f,
            "alerts acknowledged/found {}/{}, doubled {}, retries recognised {}; decisions acknowledged/kept {}/{}; \
             runs {}, acts {}, repeats {}, sent again {} (undos {}), unknown {}; timers set/fired {}/{}, expiries {}; \
             contained in ledger and target alike {}; audit entries {}, the chain holds",
            b.acknowledged,
            b.found,
            b.doubled,
            b.recognised,
            b.decisions,
            b.decisions_kept,
            b.runs,
            b.acts,
            b.repeats,
            b.sent_again,
            b.undos_again,
            b.unknown,
            b.timers_set,
            b.timers_fired,
            b.expiries,
            b.contained,
            b.audit
        )
    }
}
