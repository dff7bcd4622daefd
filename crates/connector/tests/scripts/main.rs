//! Scripts from manifest to outcome, in the real sandbox of this host.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks as `stanch sandbox-exec`")]

mod acts;
mod manifests;
mod network;
mod runs;

#[path = "../common/mod.rs"]
mod common;

use std::{env, path::PathBuf, pin::Pin, process::ExitCode};

use libtest_mimic::{Arguments, Trial};
use stanch_connector::script::{self, Interpreters, Launcher, Options, Scripts};

/// A test that waits.
type Check = fn() -> Pin<Box<dyn Future<Output = ()>>>;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sandbox-exec", task] => inside(task),
        _ => {
            let arguments = Arguments::from_args();
            let checks = acts::CHECKS
                .iter()
                .chain(manifests::CHECKS)
                .chain(network::CHECKS)
                .chain(runs::CHECKS);
            let trials = checks.map(|(name, check)| trial(name, *check)).collect();
            libtest_mimic::run(&arguments, trials).exit_code()
        }
    }
}

fn trial(name: &str, check: Check) -> Trial {
    Trial::test(name, move || {
        tokio::runtime::Runtime::new().unwrap().block_on(check());
        Ok(())
    })
}

fn inside(task: &str) -> ExitCode {
    match script::enter(task) {
        Ok(found) => {
            println!("{found}");
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            eprintln!("{refusal}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Options {
    Options {
        launcher: Launcher::this_program(&["sandbox-exec"]),
        scratch: PathBuf::from("/tmp"),
        interpreters: Interpreters::find(),
    }
}

fn scripts() -> Scripts {
    Scripts::new(options())
}

/// The checks of one file, with their names.
#[macro_export]
macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const CHECKS: &[(&str, $crate::Check)] =
            &[$((stringify!($name), || Box::pin($name()))),+];
    };
}
