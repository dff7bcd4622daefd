//! Whether a playbook has earned a further mode, and whether it has lost the one it has.
//!
//! Two numbers, each with its uncertainty. *Reliability*: of the acts, how many were clean, that is seen to work and not
//! taken back by people. It is shown by the exact binomial test: were the true share only `reliability`, so few
//! mishaps in so many acts would come with a chance of at most 1 − `confidence`. Without any mishap, 99 % at 95 %
//! takes 299 acts. *Precision*: of the alerts that people have labelled, how many were right. Its Wilson bound
//! comes as a fact from whoever counts (`measure`), so that there is one formula for what people see and for
//! what is decided; what is checked here is that it can be the bound of these counts at all.

use serde::{Deserialize, Serialize};
use stanch_model::guard::{Mode, Promotion};

use crate::policy::PromotionPolicy;

/// What is known of one version of a playbook. Acts on the practice target are no evidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Runs that planned in `shadow`.
    pub plans: u32,
    /// Acts that were seen to work and that no person took back.
    pub clean: u32,
    /// All other acts that have settled: failed, not seen, unknown, or taken back by a person.
    pub unclean: u32,
    /// Acts that people took back within the policy's `promotion.window`.
    pub undone: u32,
    /// What people said of the alerts that its runs were for.
    pub labels: Labels,
}

/// How many of the labelled alerts were right.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Labels {
    /// Those with disposition true positive.
    pub right: u32,
    /// All that people have closed with a verdict, duplicates left out.
    pub labelled: u32,
    /// The lower end of the Wilson interval at 95 %, 0 to 1; 0 without labels.
    pub low: f64,
}

/// A mode that was lost, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demotion {
    /// The mode from now on.
    pub to: Mode,
    /// Why, one line each.
    pub because: Vec<String>,
}

/// How many acts are reckoned with at most when it is said how many are needed.
const NEEDED_MAX: u32 = 100_000;

/// Whether the evidence is enough for `to`, where the playbook's text allows at most `max_mode`.
#[must_use]
pub fn promotion(
    policy: &PromotionPolicy,
    to: Mode,
    max_mode: Mode,
    evidence: &Evidence,
) -> Promotion {
    let mut lines = vec![text_allows(to, max_mode)];
    match to {
        Mode::Shadow => {}
        Mode::Assist => lines.push(planned(policy, evidence)),
        Mode::Auto => {
            lines.push(reliable(policy, evidence));
            lines.push(precise(policy, &evidence.labels));
            lines.push(left_alone(policy, evidence));
        }
    }
    let allowed = lines.iter().all(|(holds, _)| *holds);
    Promotion { to, allowed, because: lines.into_iter().map(|(_, line)| line).collect() }
}

/// The mode that is left where `auto` is not deserved any more; none if nothing changes.
#[must_use]
pub fn demotion(policy: &PromotionPolicy, mode: Mode, evidence: &Evidence) -> Option<Demotion> {
    if mode != Mode::Auto {
        return None;
    }
    let lines = [precise(policy, &evidence.labels), left_alone(policy, evidence)];
    let because: Vec<String> =
        lines.into_iter().filter(|(holds, _)| !holds).map(|(_, line)| line).collect();
    (!because.is_empty()).then_some(Demotion { to: Mode::Assist, because })
}

/// Whether it holds, and the line that says so.
type Line = (bool, String);

fn text_allows(to: Mode, max_mode: Mode) -> Line {
    (to <= max_mode, format!("the playbook's text allows at most {}", max_mode.word()))
}

fn planned(policy: &PromotionPolicy, evidence: &Evidence) -> Line {
    let (plans, needed) = (evidence.plans, policy.plans);
    (plans >= needed, format!("{plans} runs planned in shadow; {needed} are needed"))
}

fn left_alone(policy: &PromotionPolicy, evidence: &Evidence) -> Line {
    let (undone, most) = (evidence.undone, policy.undos);
    let window = stanch_model::duration::format(policy.window);
    (undone < most, format!("people took back {undone} acts in {window}; {most} are too many"))
}

fn precise(policy: &PromotionPolicy, labels: &Labels) -> Line {
    let Labels { right, labelled, low } = *labels;
    let share = if labelled == 0 { 0.0 } else { f64::from(right) / f64::from(labelled) };
    if !(0.0..=1.0).contains(&low) || right > labelled || low > share {
        let text = format!("{low} is no lower bound of {right} right alerts in {labelled}");
        return (false, text);
    }
    let target = f64::from(policy.precision) / 100.0;
    let low_percent = low * 100.0;
    let text = format!(
        "{right} of {labelled} labelled alerts were right, which shows at least {low_percent:.1} %; \
         the target is {} %",
        policy.precision
    );
    (labelled > 0 && low >= target, text)
}

fn reliable(policy: &PromotionPolicy, evidence: &Evidence) -> Line {
    let Evidence { clean, unclean, .. } = *evidence;
    let (share, sure) = (policy.reliability, policy.confidence);
    let all = clean.saturating_add(unclean);
    let holds = shows(policy, unclean, all);
    let text = format!("{clean} of {all} acts were clean");
    if holds {
        return (true, format!("{text}, which shows at least {share} % with {sure} % confidence"));
    }
    let needed = needed(policy, unclean, all);
    let needed = needed.map_or_else(
        || format!("more than {NEEDED_MAX} are needed"),
        |needed| format!("{needed} are needed, with no mishap more"),
    );
    (false, format!("{text}; to show {share} % with {sure} % confidence {needed}"))
}

/// Whether `unclean` of `all` acts are too few for a true share of only `reliability`.
fn shows(policy: &PromotionPolicy, unclean: u32, all: u32) -> bool {
    at_most(unclean, all, 1.0 - f64::from(policy.reliability) / 100.0)
        <= 1.0 - f64::from(policy.confidence) / 100.0
}

/// The fewest acts that would do with as many mishaps as there are.
fn needed(policy: &PromotionPolicy, unclean: u32, all: u32) -> Option<u32> {
    // More acts with as many mishaps always show more, so the number can be bisected.
    let (mut low, mut high) = (all, NEEDED_MAX.max(all));
    if !shows(policy, unclean, high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if shows(policy, unclean, middle) { high = middle } else { low = middle + 1 }
    }
    Some(high)
}

/// The chance of at most `hits` in `all` trials of chance `chance` each: the binomial distribution, summed
/// by its recurrence in logarithms, so that thousands of trials do not underflow.
fn at_most(hits: u32, all: u32, chance: f64) -> f64 {
    if hits >= all {
        return 1.0;
    }
    let odds = (chance / (1.0 - chance)).ln();
    let mut term = f64::from(all) * (1.0 - chance).ln();
    let mut sum = term.exp();
    for hit in 0..hits {
        term += (f64::from(all - hit) / f64::from(hit + 1)).ln() + odds;
        sum += term.exp();
    }
    sum.min(1.0)
}
