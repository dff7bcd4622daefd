//! How this binary runs scripts: it starts itself again as `sandbox-exec`.

use stanch_connector::script::{Interpreters, Launcher, Options, Scripts};

/// Scripts of this host, in folders below the system's temporary one.
pub(crate) fn of_this_host() -> Scripts {
    Scripts::new(Options {
        launcher: Launcher::this_program(&["sandbox-exec"]),
        scratch: std::env::temp_dir(),
        interpreters: Interpreters::find(),
    })
}
