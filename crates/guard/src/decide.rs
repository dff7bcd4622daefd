//! The decision: every rule asked, the strictest answer wins.

use stanch_model::{
    guard::{Considered, Decision, Reason, Ruling},
    plan::PlannedAction,
};

use crate::{
    Facts, Policy,
    rules::{Case, Finding, RULES, Rule, Verdict, counted},
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
            let (approved_by, not_counted) = counted(&case);
            if approved_by < terms.count {
                let mut reasons = objections(findings);
                reasons.extend(not_counted.into_iter().map(|text| said("rights", text)));
                return Decision::Ask { terms, reasons };
            }
            let text = match approved_by {
                1 => "a person approved this plan".to_owned(),
                n => format!("{n} people approved this plan"),
            };
            asked_and_answered(said("approval", text), findings)
        }
        Verdict::Hold(until) => Decision::Hold { until, reasons: objections(findings) },
        Verdict::Allow => Decision::Allow { reasons: findings.into_iter().map(reason).collect() },
    }
}

/// Enough people said yes. What is only a matter of time they cannot hurry.
fn asked_and_answered(approval: Reason, findings: Vec<(&'static str, Finding)>) -> Decision {
    let until = findings.iter().find_map(|(_, finding)| match finding.verdict {
        Verdict::Hold(until) => Some(until),
        Verdict::Allow | Verdict::Ask(_) | Verdict::Refuse => None,
    });
    match until {
        Some(until) => {
            let held = |(_, f): &(&'static str, Finding)| matches!(f.verdict, Verdict::Hold(_));
            let reasons = findings.into_iter().filter(held).map(reason);
            Decision::Hold { until, reasons: reasons.chain([approval]).collect() }
        }
        None => {
            let reasons = findings.into_iter().map(reason);
            Decision::Allow { reasons: std::iter::once(approval).chain(reasons).collect() }
        }
    }
}

/// What every rule makes of `action`, in the order of [`RULES`], those that say nothing too; and at the end, under
/// `approval`, whose yes counts.
#[must_use]
pub fn explain(policy: &Policy, facts: &Facts, action: &PlannedAction) -> Vec<Considered> {
    let case = Case::new(policy, facts, action);
    let mut considered: Vec<Considered> = RULES
        .iter()
        .map(|rule| {
            let finding = (rule.judge)(&case);
            let ruling = finding.as_ref().map_or(Ruling::Silent, |f| f.verdict.ruling());
            let text = finding.map_or_else(|| rule.about.to_owned(), |finding| finding.text);
            Considered { rule: rule.name.to_owned(), ruling, text }
        })
        .collect();
    let (approved_by, not_counted) = counted(&case);
    let yes = format!("{approved_by} people said yes to exactly this plan");
    let text = std::iter::once(yes).chain(not_counted).collect::<Vec<_>>().join("; ");
    considered.push(Considered { rule: "approval".to_owned(), ruling: Ruling::Silent, text });
    considered
}

fn objections(findings: Vec<(&'static str, Finding)>) -> Vec<Reason> {
    findings.into_iter().filter(|(_, f)| f.verdict != Verdict::Allow).map(reason).collect()
}

fn reason((rule, finding): (&'static str, Finding)) -> Reason {
    said(rule, finding.text)
}

fn said(rule: &str, text: String) -> Reason {
    Reason { rule: rule.to_owned(), text }
}
