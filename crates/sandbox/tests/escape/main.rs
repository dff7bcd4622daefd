//! Programs that try to get out, and what stops each of them.
//!
//! Every attack is run twice: bare, where it must succeed (else it would prove nothing), and in the sandbox,
//! where it must not. All of it on this host as it is, on one without bubblewrap, and on one whose Landlock is
//! the oldest that Stanch runs on; and, where the tests run as root, once more as an ordinary user.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks as `stanch sandbox-exec`")]

mod attacks;
mod doors;
mod hosts;
mod leftovers;
mod limits;
mod ordinary;
mod refusals;
mod run;
mod user;
mod world;

use std::{
    env,
    path::Path,
    process::{Command, ExitCode},
};

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sandbox-exec", task] => inside(task),
        ["hold", mark] => leftovers::hold(mark),
        _ => {
            let arguments = Arguments::from_args();
            if !has_python() {
                let skipped = Trial::test("skipped_without_python", || Ok(()));
                return libtest_mimic::run(&arguments, vec![skipped]).exit_code();
            }
            let mut trials = Vec::new();
            let hosts = hosts::all();
            for host in &hosts {
                trials.extend(attacks::trials(host));
                trials.extend(limits::trials(host));
                trials.extend(leftovers::trials(host));
                trials.extend(ordinary::trials(host));
                trials.extend(doors::trials(host));
            }
            trials.extend(refusals::trials(&hosts));
            trials.extend(user::trials());
            libtest_mimic::run(&arguments, trials).exit_code()
        }
    }
}

/// Whether the attacks can be run here; what is missing is noted, and in CI a failure.
fn has_python() -> bool {
    if Path::new(run::PYTHON).is_file() {
        return true;
    }
    let need = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/rig/need.sh");
    #[expect(clippy::disallowed_methods, reason = "it notes what a test lacks")]
    let status =
        Command::new("bash").args([need, "sandbox::escape", run::PYTHON]).status().unwrap();
    assert_eq!(status.code(), Some(77), "a counterpart is missing");
    false
}

/// What `stanch sandbox-exec` does.
fn inside(task: &str) -> ExitCode {
    match stanch_sandbox::enter(task) {
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
