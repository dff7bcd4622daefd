//! seccomp: which system calls the program can make.
//!
//! Two filters. [`needed`] lists what programs need; everything else looks as if this kernel did not have
//! it, so that a C library falls back on what is there. [`forbidden`] lists what is known and must not be,
//! some of it by its arguments; that is answered with "operation not permitted", so that whoever reads
//! the program's error knows why.

mod forbidden;
mod needed;

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule, TargetArch};

use super::Refusal;
use crate::confinement::Confinement;
use forbidden::Situation;

/// The filters for a program, in the order in which they are applied.
pub(super) fn filters(confinement: &Confinement) -> Result<[BpfProgram; 2], Refusal> {
    build(&Situation::of(confinement))
}

/// The filters that forbid most.
pub(super) fn strictest() -> Result<[BpfProgram; 2], Refusal> {
    build(&Situation { shares_user: true, signals_contained: false, door: false })
}

/// Where two filters refuse a call, the kernel takes the errno of the one that came last.
fn build(situation: &Situation) -> Result<[BpfProgram; 2], Refusal> {
    let needed: BTreeMap<i64, Vec<SeccompRule>> =
        needed::calls().map(|call| (call, Vec::new())).collect();
    let absent = SeccompAction::Errno(errno(libc::ENOSYS)?);
    let forbidden = forbidden::rules(situation).map_err(|cause| refusal(&cause))?;
    let denied = SeccompAction::Errno(errno(libc::EPERM)?);
    Ok([
        compile(needed, absent, SeccompAction::Allow)?,
        compile(forbidden, SeccompAction::Allow, denied)?,
    ])
}

fn compile(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, Refusal> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|cause| refusal(&cause))?;
    let filter = SeccompFilter::new(rules, otherwise, on_match, arch);
    filter.and_then(BpfProgram::try_from).map_err(|cause| refusal(&cause))
}

fn errno(number: i32) -> Result<u32, Refusal> {
    u32::try_from(number).map_err(|cause| Refusal::new("seccomp", cause))
}

fn refusal(cause: &seccompiler::BackendError) -> Refusal {
    Refusal::new("seccomp", cause)
}

/// Enforces the filters on this process, for good.
pub(super) fn apply(filters: &[BpfProgram]) -> Result<(), Refusal> {
    for filter in filters {
        seccompiler::apply_filter(filter).map_err(|cause| Refusal::new("seccomp", cause))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_forbidden_whatever_its_arguments_is_needed_by_nobody() {
        let situation = Situation { shares_user: false, signals_contained: true, door: true };
        let needed: BTreeSet<i64> = needed::calls().collect();
        assert_eq!(needed.len(), needed::calls().count(), "a call is listed twice");
        for (call, rules) in forbidden::rules(&situation).unwrap() {
            assert!(!rules.is_empty() || !needed.contains(&call), "call {call} stands in both");
        }
    }

    #[test]
    fn every_situation_compiles() {
        for (shares_user, signals_contained, door) in
            [(true, false, false), (true, true, false), (false, true, true), (false, true, false)]
        {
            let filters = build(&Situation { shares_user, signals_contained, door }).unwrap();
            assert!(filters.iter().all(|filter| filter.len() > 10));
        }
        assert!(!strictest().unwrap()[0].is_empty());
    }
}
