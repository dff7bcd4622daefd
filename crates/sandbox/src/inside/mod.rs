//! Inside: takes every right away from this process, then becomes the program.
//!
//! The order matters. What needs rights comes first (session, limits, the door), then Landlock, then
//! seccomp, then the mark on standard output, to which the outside answers when the program may begin.

mod check;
mod descriptors;
mod door;
mod landlock;
mod place;
mod rlimits;
mod seccomp;

use std::{
    fmt,
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    process::Command,
};

use crate::confinement::{Confinement, GO, MARK, Task};

/// Why this process did not become the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal(String);

impl Refusal {
    fn new(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// Does what `task`, the argument of `sandbox-exec`, says: it enforces one layer on this process and gives
/// back what it found, or it becomes the program and never returns.
///
/// # Errors
/// A right that could not be taken away. Nothing of the program has run then.
pub fn enter(task: &str) -> Result<String, Refusal> {
    let task: Task =
        serde_json::from_str(task).map_err(|cause| Refusal::new("reading the task", cause))?;
    match task {
        Task::Check(layer) => check::run(layer),
        Task::Become(confinement) => Err(become_program(&confinement)),
    }
}

/// Returns only if it failed.
fn become_program(confinement: &Confinement) -> Refusal {
    match confine(confinement) {
        Ok(mut program) => {
            let cause = program.exec();
            Refusal::new(&format!("running {}", confinement.program.display()), cause)
        }
        Err(refusal) => refusal,
    }
}

fn confine(confinement: &Confinement) -> Result<Command, Refusal> {
    descriptors::close_on_exec();
    place::take(confinement)?;
    if let Some(path) = &confinement.door {
        door::hand_over(path).map_err(|cause| Refusal::new("opening the door", cause))?;
    }
    let filters = seccomp::filters(confinement)?;
    let program = program(confinement);
    rlimits::set(&confinement.limits, confinement.others)?;
    landlock::restrict(confinement)?;
    seccomp::apply(&filters)?;
    // Last: from here on this process, which is bigger than most scripts, may not grow.
    rlimits::set_memory(&confinement.limits)?;
    wait_for_go()?;
    Ok(program)
}

/// Tells the outside that all rights are gone, and waits until it lets the program begin.
fn wait_for_go() -> Result<(), Refusal> {
    let mut stdout = io::stdout();
    let told = stdout.write_all(MARK).and_then(|()| stdout.flush());
    told.map_err(|cause| Refusal::new("telling the outside", cause))?;
    // Not through a buffer: what comes next is the program's.
    let mut answer = [0; GO.len()];
    match rustix::io::read(io::stdin(), &mut answer) {
        Ok(count) if answer.get(..count) == Some(GO) => Ok(()),
        Ok(_) => Err(Refusal::new("waiting for the outside", "it has gone")),
        Err(cause) => Err(Refusal::new("waiting for the outside", cause)),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the crate that starts child processes")]
fn program(confinement: &Confinement) -> Command {
    let mut program = Command::new(&confinement.program);
    program.args(&confinement.arguments);
    if let Some(user) = confinement.user {
        program.uid(user).gid(user);
    }
    program
}
