//! Landlock: which files the program can open, and that it reaches no process outside.

use std::{fs, path::Path};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, NetPort,
    PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope,
};

use super::Refusal;
use crate::{DOOR_PORT, confinement::Confinement};

/// Device files that can be read, and which of them can be written to.
const DEVICES: [(&str, bool); 4] =
    [("/dev/null", true), ("/dev/zero", false), ("/dev/random", false), ("/dev/urandom", false)];

/// Enforces all rights that the kernel's ABI knows, or refuses.
pub(super) fn restrict(confinement: &Confinement) -> Result<(), Refusal> {
    let abi = ABI::from(confinement.landlock);
    let created = handled(abi).map_err(|cause| refusal(&cause))?;
    let created = rules(created, confinement, abi)?;
    let status = created.restrict_self().map_err(|cause| refusal(&cause))?;
    match status.ruleset {
        RulesetStatus::FullyEnforced if status.no_new_privs => Ok(()),
        other => Err(Refusal::new("Landlock", format_args!("the kernel enforces it {other:?}"))),
    }
}

/// A set that denies everything which `abi` can deny.
pub(super) fn handled(abi: ABI) -> Result<RulesetCreated, RulesetError> {
    let mut set = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    set = set.handle_access(AccessFs::from_all(abi))?;
    if abi >= ABI::V4 {
        set = set.handle_access(AccessNet::from_all(abi))?;
    }
    if abi >= ABI::V6 {
        set = set.scope(Scope::from_all(abi))?;
    }
    set.create()
}

fn rules(
    mut set: RulesetCreated,
    confinement: &Confinement,
    abi: ABI,
) -> Result<RulesetCreated, Refusal> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::Execute;
    for path in &confinement.read {
        set = allow(set, path, read, abi)?;
    }
    for (path, writable) in DEVICES {
        let write = if writable { AccessFs::WriteFile.into() } else { BitFlags::EMPTY };
        let access: BitFlags<AccessFs> = write | AccessFs::ReadFile;
        set = allow(set, Path::new(path), access, abi)?;
    }
    set = allow(set, &confinement.tmp, in_tmp(), abi)?;
    if confinement.door.is_some() {
        let door = NetPort::new(DOOR_PORT, AccessNet::ConnectTcp);
        set = set.add_rule(door).map_err(|cause| refusal(&cause))?;
    }
    Ok(set)
}

/// In its own folder: no device files, no sockets, and nothing that it wrote can be run as a program.
fn in_tmp() -> BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::MakeSym
        | AccessFs::MakeFifo
        | AccessFs::Refer
}

/// Allows `access` below `path`, as far as it makes sense for what is there and `abi` knows it.
fn allow(
    set: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
    abi: ABI,
) -> Result<RulesetCreated, Refusal> {
    let what = || format!("allowing {}", path.display());
    let opened = PathFd::new(path).map_err(|cause| Refusal::new(&what(), cause))?;
    let metadata = fs::metadata(path).map_err(|cause| Refusal::new(&what(), cause))?;
    let known = if metadata.is_dir() { AccessFs::from_all(abi) } else { AccessFs::from_file(abi) };
    let rule = PathBeneath::new(opened, access & known);
    set.add_rule(rule).map_err(|cause| Refusal::new(&what(), cause))
}

fn refusal(cause: &RulesetError) -> Refusal {
    Refusal::new("Landlock", cause)
}
