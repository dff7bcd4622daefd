//! Runs: playbooks as they are loaded, and the drivers that carry runs out.
//!
//! A driver is the imperative shell around `playbook::Run`: it journals an event, applies it, and
//! carries out what follows. It lives only while something is under way; a run that waits for
//! people or time costs a row, not a task, and is read back from its journal when they answer.

mod authorise;
mod crash;
mod driver;
mod planning;
mod playbooks;
mod table;

pub use self::{
    crash::CrashPoint,
    planning::PlanView,
    playbooks::{Loaded, Playbooks},
    table::{Message, Runs},
};
pub(crate) use driver::load;
pub(crate) use playbooks::incident_context;
