//! The decision: every rule asked, the strictest answer wins.

use stanch_model::{
    guard::{Decision, Reason},
    plan::PlannedAction,
};

use crate::{
    Facts, Policy,
    rules::{Case, Finding, RULES, Rule, Verdict},
};

/// Whether `action` may be done now.
#[must_use]
pub fn decide(policy: &Policy, facts: &Facts, action: &PlannedAction) -> Decision {
    decide_with(RULES, policy, facts, action)
}

/// As [`decide`] with other rules than [`RULES`], so that a test can show what each one is for.
#[must_use]
pub fn decide_with(
    rules: &[Rule],
    policy: &Policy,
    facts: &Facts,
    action: &PlannedAction,
) -> Decision {
    let case = Case::new(policy, facts, action);
    let mut findings: Vec<(&'static str, Finding)> = rules
        .iter()
        .flat_map(|rule| (rule.judge)(&case).into_iter().map(|finding| (rule.name, finding)))
        .collect();
    // Stable, so that reasons of equal weight stay in the order of the rules.
    findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.verdict));
    let strictest = findings.first().map_or(Verdict::Allow, |(_, finding)| finding.verdict);
    match strictest {
        Verdict::Refuse => Decision::Refuse { reasons: objections(findings) },
        Verdict::Ask(count) => {
            let terms = policy.terms(count);
            if facts.approved_by < terms.count {
                return Decision::Ask { terms, reasons: objections(findings) };
            }
            let text = match facts.approved_by {
                1 => "a person approved this plan".to_owned(),
                n => format!("{n} people approved this plan"),
            };
            let approval = Reason { rule: "approval".to_owned(), text };
            let reasons = findings.into_iter().map(reason);
            Decision::Allow { reasons: std::iter::once(approval).chain(reasons).collect() }
        }
        Verdict::Allow => Decision::Allow { reasons: findings.into_iter().map(reason).collect() },
    }
}

fn objections(findings: Vec<(&'static str, Finding)>) -> Vec<Reason> {
    findings.into_iter().filter(|(_, f)| f.verdict != Verdict::Allow).map(reason).collect()
}

fn reason((rule, finding): (&'static str, Finding)) -> Reason {
    Reason { rule: rule.to_owned(), text: finding.text }
}
