//! What stays behind: no process, no file.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};
use stanch_sandbox::{End, Sandbox, stop};

use crate::{
    hosts::{self, Host},
    run::{bare, bash, python, run},
    world::World,
};

/// A check of one host.
type Check = fn(&Host);

const CHECKS: &[(&str, Check)] = &[
    ("daemon", daemon),
    ("daemon_in_a_session_of_its_own", daemon_in_a_session),
    ("processes_at_the_wall_limit", at_the_limit),
    ("links_in_tmp", links_in_tmp),
    ("deep_folders", deep_folders),
    ("closed_folders", closed_folders),
    ("killed_with_its_parent", killed_with_its_parent),
];

pub(crate) fn trials(host: &Host) -> Vec<Trial> {
    let trial = |(name, check): &(&'static str, Check)| {
        let (host, check) = (host.clone(), *check);
        Trial::test(format!("{}::leftover::{name}", host.name), move || {
            check(&host);
            Ok(())
        })
    };
    CHECKS.iter().map(trial).collect()
}

/// A word that no other process has on its command line.
fn mark() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("stanch-mark-{}-{next}", std::process::id())
}

/// The processes whose command line begins with the mark.
fn marked(mark: &str) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if line.starts_with(mark.as_bytes()) {
            found.push(pid);
        }
    }
    found
}

/// Starts a process that goes on by itself, waits until it has begun, and ends.
const DAEMON: &str = r#"
r, w = os.pipe()
if os.fork() == 0:
    try:
        if d["session"]: os.setsid()
    except OSError: pass
    if os.fork() == 0:
        os.dup2(os.open("/dev/null", os.O_RDWR), 1)
        os.dup2(1, 2)
        os.set_inheritable(w, True)
        os.execv("/bin/sh", [d["mark"], "-c", "echo begun >&%d; exec -a %s sleep 600 || exit" % (w, d["mark"])])
    os._exit(0)
os.close(w)
print("begun" if os.read(r, 5) else "failed")
"#;

/// The same with a shell that knows `exec -a`.
fn daemon_code() -> String {
    DAEMON.replace("/bin/sh", "/bin/bash")
}

fn daemon(host: &Host) {
    leave(host, false);
}

fn daemon_in_a_session(host: &Host) {
    leave(host, true);
}

fn leave(host: &Host, session: bool) {
    let world = |mark: &str| serde_json::json!({ "mark": mark, "session": session });
    let word = mark();
    let mut spec = python(&daemon_code());
    spec.stdin = world(&word).to_string().into_bytes();
    let outcome = run(&host.sandbox, spec);
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), "begun\n", "{complaint}");
    assert_eq!(outcome.end, End::Exited(0));
    assert_eq!(marked(&word), Vec::<i32>::new());
    // The control: without a sandbox it goes on.
    let word = mark();
    assert_eq!(bare(&daemon_code(), &world(&word)), "begun\n");
    for pid in begun(&word) {
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    }
}

/// The one that goes on by itself; for a moment, while it becomes `sleep`, the kernel shows it without a name.
fn begun(word: &str) -> Vec<i32> {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let found = marked(word);
        if found.len() == 1 {
            return found;
        }
        assert!(found.is_empty() && Instant::now() < until, "{found:?}");
        std::thread::yield_now();
    }
}

fn at_the_limit(host: &Host) {
    let word = mark();
    let many = format!("(exec -a {word} sleep 600) & ").repeat(5);
    let mut spec = bash(&format!("{many} exec -a {word} sleep 600"));
    spec.limits.wall = Duration::from_secs(1);
    let outcome = run(&host.sandbox, spec);
    assert_eq!(outcome.end, End::Stopped(stanch_sandbox::Limit::Wall));
    assert_eq!(marked(&word), Vec::<i32>::new());
}

/// Nothing of this sandbox is left below `/tmp` but its own folder, which is empty but for the lock.
fn assert_clean(sandbox: &Sandbox) {
    let outcome = run(sandbox, bash("pwd"));
    let said = String::from_utf8(outcome.stdout).unwrap();
    let folder = Path::new(said.trim()).parent().unwrap();
    assert!(!folder.exists(), "{}", folder.display());
}

/// Runs code that writes where it starts, and says where that was.
fn written(host: &Host, code: &str, stdin: &serde_json::Value) {
    let mut spec = python(&format!("print(os.getcwd(), flush=True)\n{code}"));
    spec.stdin = stdin.to_string().into_bytes();
    let outcome = run(&host.sandbox, spec);
    let said = String::from_utf8(outcome.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    let folder = Path::new(said.trim()).parent().unwrap();
    assert!(folder.is_absolute() && !folder.exists(), "{said} {complaint}");
}

/// Links to what is outside are removed, and not what they lead to.
fn links_in_tmp(host: &Host) {
    let mut world = World::new();
    let code = "os.symlink(d['folder'], 'a')\nos.symlink(d['secret'], 'b')\nos.mkdir('c')\nos.symlink(d['folder'], 'c/a')\nos.symlink('/', 'c/..a')";
    written(host, code, &world.told());
    world.assert_untouched();
    assert_clean(&host.sandbox);
}

/// Deeper than a path can be long.
fn deep_folders(host: &Host) {
    let code = "for _ in range(3000):\n  os.mkdir('d')\n  os.chdir('d')";
    written(host, code, &serde_json::json!({}));
}

/// Folders that their owner has closed to itself.
fn closed_folders(host: &Host) {
    let code = "os.mkdir('a')\nos.mkdir('a/b', 0)\nopen('a/x', 'w')\nos.fchmod(os.open('a', 0), 0)";
    written(host, code, &serde_json::json!({}));
}

/// A program dies with the server, even if that is killed.
fn killed_with_its_parent(host: &Host) {
    let word = mark();
    #[expect(clippy::disallowed_methods, reason = "it stands for a server that is killed")]
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["hold", &format!("{}:{word}", host.name)]).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    let programs = marked(&word);
    assert_eq!(programs.len(), 1);
    let tmp = fs::read_link(format!("/proc/{}/cwd", programs[0])).unwrap();
    let folder = tmp.ancestors().nth(2).unwrap();
    assert!(folder.exists());
    let program = pidfd_open(Pid::from_raw(programs[0]).unwrap(), PidfdFlags::empty()).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let wait = Timespec { tv_sec: 30, tv_nsec: 0 };
    let dead = poll(&mut [PollFd::new(&program, PollFlags::IN)], Some(&wait)).unwrap();
    assert_eq!(dead, 1, "the program lives on");
    // Nobody was left to remove its folder: the next one to start does.
    drop(Sandbox::open(&hosts::options()).unwrap());
    assert!(!folder.exists(), "{}", folder.display());
}

/// Runs a program with the mark until it is killed, and says when it has begun.
pub(crate) fn hold(wanted: &str) -> ExitCode {
    let (name, word) = wanted.split_once(':').unwrap();
    let host = hosts::all().into_iter().find(|host| host.name == name).unwrap();
    let marked_soon = word.to_owned();
    std::thread::spawn(move || {
        while marked(&marked_soon).is_empty() {
            std::thread::yield_now();
        }
        println!("begun");
    });
    let (_handle, signal) = stop().unwrap();
    let mut spec = bash(&format!("exec -a {word} sleep 600"));
    spec.limits.wall = Duration::from_secs(300);
    host.sandbox.run(spec, &signal).unwrap();
    ExitCode::SUCCESS
}
