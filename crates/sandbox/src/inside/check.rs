//! One layer, enforced on this process to see whether it holds.

use std::{fs, io, net::TcpListener};

use ::landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible as _, LandlockStatus, Ruleset,
    RulesetAttr as _, RulesetStatus,
};
use rustix::process::{Resource, getrlimit};

use super::{Refusal, landlock, rlimits, seccomp};
use crate::confinement::Checked;

/// A folder that every user can list.
const FOLDER: &str = "/";

/// What was found: for Landlock the number of the ABI, for the others nothing.
pub(super) fn run(layer: Checked) -> Result<String, Refusal> {
    match layer {
        Checked::Landlock => landlock(),
        Checked::Seccomp => seccomp().map(|()| String::new()),
        Checked::Rlimits => rlimits().map(|()| String::new()),
    }
}

/// The ABI is asked for with the least that Landlock can do; then everything of it is enforced.
fn landlock() -> Result<String, Refusal> {
    let refusal = |cause| Refusal::new("Landlock", cause);
    let least = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    let least = least.handle_access(AccessFs::from_all(ABI::V1)).map_err(refusal)?;
    let status = least.create().and_then(|set| set.restrict_self()).map_err(refusal)?;
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi,
        LandlockStatus::NotEnabled => {
            return Err(Refusal::new("Landlock", "the kernel has it, but it is switched off"));
        }
        LandlockStatus::NotImplemented => {
            return Err(Refusal::new("Landlock", "the kernel has none (it came with Linux 5.13)"));
        }
    };
    let status = landlock::handled(abi).and_then(|set| set.restrict_self()).map_err(refusal)?;
    if status.ruleset != RulesetStatus::FullyEnforced {
        return Err(Refusal::new("Landlock", "the kernel enforces it in part"));
    }
    denied("listing a folder", &fs::read_dir(FOLDER), libc::EACCES)?;
    Ok(abi.to_string())
}

fn seccomp() -> Result<(), Refusal> {
    drop(TcpListener::bind("127.0.0.1:0").map_err(|cause| Refusal::new("making a socket", cause))?);
    seccomp::apply(&seccomp::strictest()?)?;
    denied("making a socket", &TcpListener::bind("127.0.0.1:0"), libc::EPERM)
}

/// With no descriptor to spare nothing can be opened.
fn rlimits() -> Result<(), Refusal> {
    for resource in [Resource::As, Resource::Cpu, Resource::Nproc, Resource::Fsize] {
        let value = getrlimit(resource).maximum.unwrap_or(u64::MAX / 2);
        rlimits::set_one(resource, value)?;
    }
    rlimits::set_one(Resource::Nofile, 3)?;
    denied("opening one file too many", &fs::File::open(FOLDER), libc::EMFILE)
}

/// Denied, and for that reason.
fn denied<T>(what: &str, result: &io::Result<T>, errno: i32) -> Result<(), Refusal> {
    match result {
        Err(error) if error.raw_os_error() == Some(errno) => Ok(()),
        Err(error) => Err(Refusal::new(what, error)),
        Ok(_) => Err(Refusal::new(what, "still allowed")),
    }
}
