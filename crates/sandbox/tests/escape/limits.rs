//! Programs that take more than they may.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use libtest_mimic::Trial;
use stanch_sandbox::{End, Limit, Limits, Outcome, Spec, stop};

use crate::{
    hosts::Host,
    run::{bash, python, run},
};

const MIB: u64 = 1024 * 1024;

/// A check of one host.
type Check = fn(&Host);

const CHECKS: &[(&str, Check)] = &[
    ("memory_of_one", memory_of_one),
    ("memory_of_many", memory_of_many),
    ("processes", processes),
    ("fork_bomb", fork_bomb),
    ("processor_time", processor_time),
    ("processor_time_though_the_signal_is_ignored", processor_time_ignored),
    ("processor_time_of_many", processor_time_of_many),
    ("wall_time", wall_time),
    ("wall_time_with_closed_streams", closed_streams),
    ("output", output),
    ("errors", errors),
    ("length_of_a_file", length_of_a_file),
    ("length_of_a_file_by_signal", length_by_signal),
    ("length_of_all_files", length_of_all_files),
    ("open_files", open_files),
    ("core_dumps", core_dumps),
    ("cancelled", cancelled),
];

pub(crate) fn trials(host: &Host) -> Vec<Trial> {
    let trial = |(name, check): &(&'static str, Check)| {
        let (host, check) = (host.clone(), *check);
        Trial::test(format!("{}::limit::{name}", host.name), move || {
            check(&host);
            Ok(())
        })
    };
    CHECKS.iter().map(trial).collect()
}

fn limited(mut spec: Spec, change: impl FnOnce(&mut Limits)) -> Spec {
    change(&mut spec.limits);
    spec
}

#[track_caller]
fn stopped(outcome: &Outcome, limit: Limit) {
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(outcome.end, End::Stopped(limit), "{complaint}");
}

#[track_caller]
fn said(outcome: &Outcome, expect: &str) {
    let said = String::from_utf8_lossy(&outcome.stdout);
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert!(said.starts_with(expect), "{} {said} {complaint}", outcome.end);
}

fn memory_of_one(host: &Host) {
    let code = "attempt(lambda: len(bytearray(d.get('n', 1 << 30))))";
    let outcome = run(&host.sandbox, limited(python(code), |l| l.memory_bytes = 256 * MIB));
    said(&outcome, "held: MemoryError");
    // The control: less than the limit is to be had.
    let mut spec = limited(python(code), |l| l.memory_bytes = 256 * MIB);
    spec.stdin = br#"{"n": 100000000}"#.to_vec();
    said(&run(&host.sandbox, spec), "ESCAPED 100000000");
}

/// None of them is over the limit, but all together are.
fn memory_of_many(host: &Host) {
    let code = "for _ in range(d.get('n', 6)):\n  if os.fork() == 0:\n    x = bytearray(os.urandom(1)) * (60 << 20)\n    signal.pause()\nsignal.pause()";
    let spec = limited(python(code), |l| l.memory_bytes = 256 * MIB);
    stopped(&run(&host.sandbox, spec), Limit::Memory);
}

/// Where programs are the same user as the test, the kernel counts them together: one at a time, so that
/// each has what it may.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn processes(host: &Host) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let code = "n = 0\ntry:\n  while n < 400:\n    if os.fork() == 0: signal.pause()\n    n += 1\nexcept OSError as e:\n  print(n, errno.errorcode[e.errno], flush=True)\nelse: print('ESCAPED')";
    let outcome = run(&host.sandbox, limited(python(code), |l| l.processes = 16));
    match outcome.end {
        // The kernel counts all threads of the user, where that is Stanch's own: the watch is exact.
        End::Stopped(Limit::Processes) => {}
        _ => {
            let said = String::from_utf8_lossy(&outcome.stdout).into_owned();
            let (count, reason) = said.trim().split_once(' ').unwrap();
            assert!(count.parse::<u64>().unwrap() < 400 && reason == "EAGAIN", "{said}");
        }
    }
    // The control: fewer are no trouble.
    let code = "for _ in range(10):\n  if os.fork() == 0: os._exit(0)\nprint('ESCAPED')";
    said(&run(&host.sandbox, limited(python(code), |l| l.processes = 16)), "ESCAPED");
}

fn fork_bomb(host: &Host) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let spec = bash("bomb() { bomb | bomb & }; bomb; wait; while :; do :; done");
    let outcome = run(
        &host.sandbox,
        limited(spec, |l| {
            l.processes = 16;
            l.cpu = Duration::from_secs(1);
        }),
    );
    let expected = [Limit::Cpu, Limit::Processes, Limit::Error].map(End::Stopped);
    assert!(expected.contains(&outcome.end), "{}", outcome.end);
}

fn one_second(spec: Spec) -> Spec {
    limited(spec, |l| l.cpu = Duration::from_secs(1))
}

fn processor_time(host: &Host) {
    stopped(&run(&host.sandbox, one_second(bash("while :; do :; done"))), Limit::Cpu);
}

fn processor_time_ignored(host: &Host) {
    let code = "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass";
    stopped(&run(&host.sandbox, one_second(python(code))), Limit::Cpu);
}

/// Each gets a limit of its own from the kernel; together they have one.
fn processor_time_of_many(host: &Host) {
    let code = "while True:\n  p = os.fork()\n  if p == 0:\n    for _ in range(3000000): pass\n    os._exit(0)\n  os.waitpid(p, 0)";
    stopped(&run(&host.sandbox, one_second(python(code))), Limit::Cpu);
}

fn wall_time(host: &Host) {
    let spec = limited(bash("sleep 600 & sleep 600"), |l| l.wall = Duration::from_secs(1));
    stopped(&run(&host.sandbox, spec), Limit::Wall);
}

fn closed_streams(host: &Host) {
    let spec = bash("exec <&- >&- 2>&-; sleep 600");
    stopped(&run(&host.sandbox, limited(spec, |l| l.wall = Duration::from_secs(1))), Limit::Wall);
}

fn output(host: &Host) {
    let outcome = run(&host.sandbox, limited(bash("yes"), |l| l.output_bytes = 100_000));
    stopped(&outcome, Limit::Output);
    assert_eq!(outcome.stdout.len(), 100_000);
    assert!(outcome.stdout.starts_with(b"y\ny\n"));
    // The control: exactly the limit is fine, one byte more is not.
    for (bytes, end) in [(100_000, End::Exited(0)), (100_001, End::Stopped(Limit::Output))] {
        let spec = bash(&format!("head -c {bytes} /dev/zero"));
        let outcome = run(&host.sandbox, limited(spec, |l| l.output_bytes = 100_000));
        assert_eq!((outcome.end, outcome.stdout.len()), (end, 100_000), "{bytes}");
    }
}

fn errors(host: &Host) {
    let outcome = run(&host.sandbox, limited(bash("yes >&2"), |l| l.error_bytes = 1000));
    stopped(&outcome, Limit::Error);
    assert_eq!(outcome.stderr.len(), 1000);
}

fn length_of_a_file(host: &Host) {
    let code = "f = open('x', 'wb')\ndef write():\n  f.write(bytes(d.get('n', 5 << 20)))\n  f.flush()\n  return os.stat('x').st_size\nattempt(write)";
    let limits = |l: &mut Limits| l.file_bytes = 4 * MIB;
    said(&run(&host.sandbox, limited(python(code), limits)), "held: EFBIG");
    let mut spec = limited(python(code), limits);
    spec.stdin = br#"{"n": 4194304}"#.to_vec();
    said(&run(&host.sandbox, spec), "ESCAPED 4194304");
}

fn length_by_signal(host: &Host) {
    let spec = bash("exec head -c 5000000 /dev/zero > x");
    let outcome = run(&host.sandbox, limited(spec, |l| l.file_bytes = 4 * MIB));
    stopped(&outcome, Limit::FileSize);
}

/// The kernel says so where the folder is a file system of its own, else the watch does.
fn length_of_all_files(host: &Host) {
    let code = "def fill():\n  for n in range(64):\n    open(str(n), 'wb').write(bytes(1 << 20))\nattempt(fill)\nif os.path.exists('63'): signal.pause()";
    let outcome = run(&host.sandbox, limited(python(code), |l| l.tmp_bytes = 8 * MIB));
    match outcome.end {
        End::Stopped(Limit::Tmp) => {}
        End::Exited(0) => said(&outcome, "held: ENOSPC"),
        other => panic!("{other}"),
    }
}

fn open_files(host: &Host) {
    let code = "kept = []\nattempt(lambda: [kept.append(open('/dev/null')) for _ in range(200)])";
    said(&run(&host.sandbox, limited(python(code), |l| l.files = 32)), "held: EMFILE");
    said(&run(&host.sandbox, limited(python(code), |l| l.files = 256)), "ESCAPED");
}

fn core_dumps(host: &Host) {
    let code = "print(resource.getrlimit(resource.RLIMIT_CORE), flush=True)\nos.abort()";
    let outcome = run(&host.sandbox, python(code));
    said(&outcome, "(0, 0)");
    assert_eq!(outcome.end, End::Signalled(libc::SIGABRT));
}

/// Stopped from another thread, once the program has begun.
fn cancelled(host: &Host) {
    let (handle, signal) = stop().unwrap();
    drop(handle);
    let outcome = host.sandbox.run(bash("sleep 600"), &signal);
    // Before or after it has begun: both are an end.
    match outcome {
        Ok(outcome) => assert_eq!(outcome.end, End::Cancelled),
        Err(error) => assert!(!error.may_have_begun(), "{error}"),
    }
}
