//! Ordinary programs: what a script may expect to work, on every host alike.

use libtest_mimic::Trial;
use stanch_sandbox::End;

use crate::{
    hosts::Host,
    run::{bash, python, run},
};

/// Code, what it reads, what it says.
struct Program {
    name: &'static str,
    is_python: bool,
    code: &'static str,
    says: &'static str,
}

const fn py(name: &'static str, code: &'static str, says: &'static str) -> Program {
    Program { name, is_python: true, code, says }
}

const fn sh(name: &'static str, code: &'static str, says: &'static str) -> Program {
    Program { name, is_python: false, code, says }
}

const PROGRAMS: &[Program] = &[
    py("json", "print(json.dumps({'twice': d['n'] * 2}))", "{\"twice\": 42}"),
    py(
        "environment",
        "print(sorted(set(os.environ) - {'PWD'}), os.getcwd() == os.environ['TMPDIR'] == os.environ['HOME'])",
        "['HOME', 'LANG', 'PATH', 'TMPDIR'] True",
    ),
    py(
        "temporary_files",
        "import tempfile\nwith tempfile.TemporaryFile() as f:\n  f.write(b'x')\n  f.seek(0)\n  print(f.read())",
        "b'x'",
    ),
    py(
        "subprocesses",
        "print(subprocess.run(['sort', '-r'], input=b'a\\nb\\n', capture_output=True).stdout)",
        "b'b\\na\\n'",
    ),
    py(
        "threads",
        "import threading\nt = [threading.Thread(target=lambda: None) for _ in range(4)]\n[x.start() for x in t]\n[x.join() for x in t]\nprint(len(t))",
        "4",
    ),
    py(
        "event_loops",
        "import asyncio\nasync def f():\n  p = await asyncio.create_subprocess_exec('echo', 'hi', stdout=-1)\n  return (await p.communicate())[0]\nprint(asyncio.run(f()))",
        "b'hi\\n'",
    ),
    py(
        "libraries",
        "import csv, hashlib, re, sqlite3, ssl, uuid, xml.etree.ElementTree, zipfile\nprint(hashlib.sha256(b'').hexdigest()[:8], sqlite3.connect('x.db').execute('select 1').fetchone())",
        "e3b0c442 (1,)",
    ),
    py(
        "signals_to_children",
        "p = subprocess.Popen(['sleep', '600'])\np.send_signal(9) if d.get('signals') else p.kill\nprint('sent')",
        "sent",
    ),
    py("complaints", "print('to stderr', file=sys.stderr)\nprint('ok')", "ok"),
    sh("pipelines", "n=$(printf 'b\\na\\n' | sort | head -1); echo \"$n $(cat | wc -c)\"", "a 9"),
    sh("here_documents", "cat <<X\n$(echo in)\nX", "in"),
    sh(
        "long_here_documents",
        "big=$(printf 'x%.0s' $(seq 70000)); cat <<X | wc -c\n$big\nX",
        "70001",
    ),
    sh(
        "temporary_files_of_a_shell",
        "f=$(mktemp); echo hi > \"$f\"; sed -i s/hi/ho/ \"$f\"; cat \"$f\"",
        "ho",
    ),
    sh("pipes_with_names", "mkfifo p; (echo hi > p) & cat p; wait", "hi"),
    sh("time_zones", "TZ=Europe/Berlin date -d @0 +%H", "01"),
];

pub(crate) fn trials(host: &Host) -> Vec<Trial> {
    let trial = |program: &'static Program| {
        let host = host.clone();
        Trial::test(format!("{}::ordinary::{}", host.name, program.name), move || {
            check(&host, program);
            Ok(())
        })
    };
    let mut trials: Vec<Trial> = PROGRAMS.iter().map(trial).collect();
    let statuses = host.clone();
    trials.push(Trial::test(format!("{}::ordinary::statuses", host.name), move || {
        check_statuses(&statuses);
        Ok(())
    }));
    let small = host.clone();
    trials.push(Trial::test(format!("{}::ordinary::little_memory", host.name), move || {
        check_small(&small);
        Ok(())
    }));
    let granted = host.clone();
    trials.push(Trial::test(format!("{}::ordinary::granted_folder", host.name), move || {
        check_granted(&granted);
        Ok(())
    }));
    trials
}

fn check(host: &Host, program: &Program) {
    let mut spec = if program.is_python { python(program.code) } else { bash(program.code) };
    spec.stdin = br#"{"n": 21}"#.to_vec();
    let outcome = run(&host.sandbox, spec);
    let (said, complaint) =
        (String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr));
    assert_eq!(said.trim(), program.says, "{} {complaint}", outcome.end);
    assert_eq!(outcome.end, End::Exited(0), "{complaint}");
    if program.name == "complaints" {
        assert_eq!(complaint, "to stderr\n");
    }
}

fn check_statuses(host: &Host) {
    for (code, end) in
        [("exit 3", End::Exited(3)), ("kill -TERM $$", End::Signalled(libc::SIGTERM))]
    {
        assert_eq!(run(&host.sandbox, bash(code)).end, end, "{code}");
    }
    // One that does not read what it is given has its reasons.
    let mut spec = bash("exit 0");
    spec.stdin = vec![b' '; 4 << 20];
    assert_eq!(run(&host.sandbox, spec).end, End::Exited(0));
}

/// Less than this very program needs: it is not the program that is limited.
fn check_small(host: &Host) {
    let mut spec = bash("echo small");
    spec.limits.memory_bytes = 16 << 20;
    let outcome = run(&host.sandbox, spec);
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(outcome.stdout, b"small\n", "{} {complaint}", outcome.end);
}

/// What is granted can be read, and not written.
fn check_granted(host: &Host) {
    let world = crate::world::World::new();
    let mut spec = python(
        "attempt(lambda: open(d['secret']).read())\nattempt(lambda: open(d['secret'], 'a'))",
    );
    spec.stdin = world.told().to_string().into_bytes();
    spec.read_only.push(world.folder.path().to_owned());
    let said = String::from_utf8(run(&host.sandbox, spec).stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], format!("ESCAPED {}", crate::world::SECRET));
    assert!(lines[1].starts_with("held: "), "{said}");
}
