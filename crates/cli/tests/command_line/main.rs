//! The command line as scripts use it: the real binary, its output and its exit codes.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audit;
mod backtest;
mod check;
mod client;
mod detect;
mod help;
mod intel;
mod lab;
mod output;
mod playbook_language;
mod playbook_test;
mod policy;
mod rule_test;
mod stub;
mod token;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// What a call of the binary came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The one JSON document on stdout.
    #[track_caller]
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// The binary, with nothing of this process's environment that it reads.
fn stanch(args: &[&str]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the binary is what is tested")]
    let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
    command.args(args).env_remove("STANCH_URL").env_remove("STANCH_TOKEN").env_remove("COLUMNS");
    command
}

fn run(args: &[&str]) -> Ran {
    finish(&mut stanch(args))
}

/// Runs in `folder`, so that paths are as they were typed.
fn run_in(folder: &Path, args: &[&str]) -> Ran {
    finish(stanch(args).current_dir(folder))
}

fn run_with_stdin(args: &[&str], stdin: &[u8]) -> Ran {
    let mut command = stanch(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    ran(&child.wait_with_output().unwrap())
}

fn finish(command: &mut Command) -> Ran {
    ran(&command.output().unwrap())
}

fn ran(output: &std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout.clone()).unwrap(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path: PathBuf = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
