//! The hosts that are tried: this one, and what it would be with less.

use std::path::PathBuf;

use stanch_sandbox::{Launcher, Options, Sandbox};

/// The name of this host as it is.
pub(crate) const THIS: &str = "this_host";

/// The oldest Landlock: Linux 5.13.
const OLDEST: i32 = 1;

/// A host and its sandbox.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) sandbox: Sandbox,
}

pub(crate) fn options() -> Options {
    Options { launcher: Launcher::this_program(&["sandbox-exec"]), scratch: PathBuf::from("/tmp") }
}

/// Every host that can be tried here, the last of them this one as it was found.
pub(crate) fn all() -> Vec<Host> {
    let this = Sandbox::open(&options()).unwrap();
    let mut without = this.layers().clone();
    without.bubblewrap = Err("left out".to_owned());
    let mut oldest = without.clone();
    oldest.landlock = Ok(OLDEST);
    vec![
        Host { name: "without_bubblewrap", sandbox: this.with_layers(without) },
        Host { name: "oldest_landlock", sandbox: this.with_layers(oldest) },
        Host { name: THIS, sandbox: this },
    ]
}
