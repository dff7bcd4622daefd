//! Running code in the sandbox, and bare.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use stanch_sandbox::{File, Limits, Network, Outcome, Sandbox, Spec, stop};

/// What attacks are written in.
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// Reads the world from standard input, and says what came of an attempt.
const PRELUDE: &str = r#"
import ctypes, errno, json, os, platform, resource, signal, socket, stat, subprocess, sys
d = json.load(sys.stdin)
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def attempt(what):
    try:
        got = what()
    except MemoryError:
        print("held: MemoryError")
    except OSError as error:
        print("held:", errno.errorcode.get(error.errno, error.errno))
    else:
        print("ESCAPED", got)
"#;

pub(crate) fn python(code: &str) -> Spec {
    let file = File { name: "script.py".to_owned(), bytes: text(code).into_bytes() };
    spec(PYTHON, &["-I", "-B", "../script.py"], file)
}

pub(crate) fn bash(code: &str) -> Spec {
    let file = File { name: "script.sh".to_owned(), bytes: code.as_bytes().to_owned() };
    spec("/bin/bash", &["--noprofile", "--norc", "../script.sh"], file)
}

fn text(code: &str) -> String {
    format!("{PRELUDE}\n{code}")
}

fn spec(program: &str, arguments: &[&str], file: File) -> Spec {
    Spec {
        program: PathBuf::from(program),
        arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
        file: Some(file),
        stdin: b"{}".to_vec(),
        environment: std::collections::BTreeMap::new(),
        read_only: Vec::new(),
        network: Network::None,
        limits: Limits { wall: std::time::Duration::from_secs(60), ..Limits::default() },
        requires: Vec::new(),
    }
}

/// Runs to the end. What is not begun fails the test.
#[track_caller]
pub(crate) fn run(sandbox: &Sandbox, spec: Spec) -> Outcome {
    let (_handle, signal) = stop().unwrap();
    sandbox.run(spec, &signal).unwrap()
}

/// What a Python attack says in the sandbox.
#[track_caller]
pub(crate) fn attacked(sandbox: &Sandbox, code: &str, world: &Value) -> String {
    let mut spec = python(code);
    spec.stdin = world.to_string().into_bytes();
    let outcome = run(sandbox, spec);
    let said = String::from_utf8_lossy(&outcome.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert!(!said.is_empty(), "it said nothing: {} {complaint}", outcome.end);
    said
}

/// What the same attack says with nothing around it.
pub(crate) fn bare(code: &str, world: &Value) -> String {
    let output = bare_command(&[PYTHON, "-I", "-B", "-c", &text(code)], world);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn bare_command(words: &[&str], world: &Value) -> Output {
    #[expect(clippy::disallowed_methods, reason = "the control is a child without a sandbox")]
    let mut command = Command::new(words[0]);
    let stdio = command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = stdio.stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(world.to_string().as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
