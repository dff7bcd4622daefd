//! Child processes with limits: scripts, and later parsers of hostile formats.
//!
//! Two halves of one program. *Outside*, [`Sandbox::run`] starts the program of a [`Spec`] and watches it
//! until it ends or reaches a limit. *Inside*, the same binary, started again as `sandbox-exec`, takes every
//! right away from itself ([`enter`]) and then becomes that program: no hook between fork and exec, no
//! `unsafe`.
//!
//! Landlock, seccomp and resource limits are always required, bubblewrap's namespaces where the host allows
//! them or the spec asks for them. What a host has is found out by really enforcing it in a child
//! ([`Layers`]); where a required layer is missing, nothing runs.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod confinement;
mod error;
mod inside;
mod layers;
mod limits;
mod outcome;
mod outside;
mod spec;

pub use error::Error;
pub use inside::{Refusal, enter};
pub use layers::{Bubblewrap, Layer, Layers};
pub use limits::Limits;
pub use outcome::{End, Limit, Outcome};
pub use outside::{Launcher, Options, Sandbox, StopHandle, StopSignal, stop};
pub use spec::{DOOR_PORT, Door, File, Network, Spec};
