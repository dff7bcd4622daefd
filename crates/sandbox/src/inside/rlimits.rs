//! Resource limits, which the program cannot raise.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Refusal;
use crate::Limits;

/// Everything but memory. `others` are threads of the same user that are not the program's.
pub(super) fn set(limits: &Limits, others: u64) -> Result<(), Refusal> {
    let cpu = limits.cpu_seconds();
    // The first is a signal that says why; whoever does not listen is killed a second later.
    set_both(Resource::Cpu, cpu, cpu.saturating_add(1))?;
    for (resource, value) in [
        (Resource::Nproc, limits.processes.saturating_add(others)),
        (Resource::Nofile, limits.files),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        (Resource::Rtprio, 0),
    ] {
        set_one(resource, value)?;
    }
    Ok(())
}

/// The address space.
pub(super) fn set_memory(limits: &Limits) -> Result<(), Refusal> {
    set_one(Resource::As, limits.memory_bytes)
}

/// One that cannot be raised.
pub(super) fn set_one(resource: Resource, value: u64) -> Result<(), Refusal> {
    set_both(resource, value, value)
}

/// Sets a limit and reads it back; one that is lower already stays.
fn set_both(resource: Resource, soft: u64, hard: u64) -> Result<(), Refusal> {
    let found = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let wanted = Rlimit { current: Some(soft.min(found)), maximum: Some(hard.min(found)) };
    setrlimit(resource, wanted)
        .map_err(|cause| Refusal::new(&format!("limiting {resource:?}"), cause))?;
    if getrlimit(resource) == wanted {
        Ok(())
    } else {
        Err(Refusal::new(&format!("limiting {resource:?}"), "the kernel took another value"))
    }
}
