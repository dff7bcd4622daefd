//! Where the program stands among processes: namespaces, session, parent, folder.

use std::{env, fs};

use rustix::{
    fs::Mode,
    process::{Signal, getpid, getppid, set_parent_process_death_signal, setsid, umask},
};

use super::Refusal;
use crate::confinement::{Confinement, NAMESPACES, namespaces};

/// The first that the kernel ends when memory runs out.
const OOM_SCORE: &str = "1000";

pub(super) fn take(confinement: &Confinement) -> Result<(), Refusal> {
    own_namespaces(confinement)?;
    // A session of its own has no terminal, and its group is what the outside ends.
    setsid().map_err(|cause| Refusal::new("beginning a session", cause))?;
    if let Some(parent) = confinement.parent {
        end_with(parent)?;
    }
    umask(Mode::RWXG | Mode::RWXO);
    fs::write("/proc/self/oom_score_adj", OOM_SCORE)
        .map_err(|cause| Refusal::new("becoming the first to go when memory runs out", cause))?;
    env::set_current_dir(&confinement.tmp)
        .map_err(|cause| Refusal::new("entering the temporary folder", cause))
}

/// None of the namespaces is one of the outside.
fn own_namespaces(confinement: &Confinement) -> Result<(), Refusal> {
    if confinement.outside.is_empty() {
        return Ok(());
    }
    let ours = namespaces().map_err(|cause| Refusal::new("reading the namespaces", cause))?;
    for ((name, ours), outside) in NAMESPACES.iter().zip(&ours).zip(&confinement.outside) {
        if ours == outside {
            return Err(Refusal::new("bubblewrap made no new namespace", name));
        }
    }
    Ok(())
}

/// This process ends when its parent does, even if that is killed.
fn end_with(parent: i32) -> Result<(), Refusal> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|cause| Refusal::new("binding this process to its parent", cause))?;
    // It may have ended a moment before.
    match getppid() {
        Some(found) if found.as_raw_nonzero().get() == parent => Ok(()),
        _ => Err(Refusal::new(
            "binding this process to its parent",
            format_args!("the parent of {} has ended", getpid()),
        )),
    }
}
