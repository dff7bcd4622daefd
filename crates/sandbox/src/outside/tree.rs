//! The processes of a run, as /proc shows them.
//!
//! Without namespaces they are one process group, which seccomp lets nobody leave. With them they are the
//! descendants of bubblewrap, whose own child is the first process of the namespace: when that ends, the
//! kernel ends all others.

use std::{
    fs, io,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::fs::MetadataExt as _,
    },
    path::Path,
};

use rustix::{
    io::Errno,
    process::{
        Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, pidfd_send_signal,
    },
};

use super::supervise::wait_for;

/// One line of /proc/PID/stat, as far as it is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) is_dead: bool,
    /// Of itself, and of those children that it has waited for.
    pub(super) ticks: u64,
    pub(super) threads: u64,
    pub(super) pages: u64,
}

impl Process {
    /// Reads a process; nothing if it is gone.
    pub(super) fn read(pid: i32) -> Option<Self> {
        parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }
}

/// proc_pid_stat(5). The name stands in brackets, and can hold anything.
fn parse(pid: i32, stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |field: usize| fields.get(field.checked_sub(3)?)?.parse::<u64>().ok();
    let process = |field: usize| fields.get(field.checked_sub(3)?)?.parse::<i32>().ok();
    let ticks = [14, 15, 16, 17].into_iter().map(number).sum::<Option<u64>>()?;
    Some(Process {
        pid,
        parent: process(4)?,
        group: process(5)?,
        is_dead: matches!(fields.first(), Some(&("Z" | "X"))),
        ticks,
        threads: number(20)?,
        pages: number(24)?,
    })
}

fn all() -> io::Result<Vec<Process>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new("/proc"))? {
        let name = entry?.file_name();
        let pid = name.to_str().and_then(|name| name.parse().ok());
        found.extend(pid.and_then(Process::read));
    }
    Ok(found)
}

/// Threads of this process's user that there are now.
pub(super) fn threads_of_this_user() -> io::Result<u64> {
    let user = rustix::process::geteuid().as_raw();
    let is_ours = |process: &Process| {
        fs::metadata(format!("/proc/{}", process.pid)).is_ok_and(|found| found.uid() == user)
    };
    Ok(all()?.iter().filter(|process| is_ours(process)).map(|process| process.threads).sum())
}

/// The processes of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree {
    /// The child of this process: the program, or bubblewrap.
    pub(super) first: Pid,
    /// Whether it is bubblewrap.
    pub(super) is_in_namespace: bool,
}

impl Tree {
    /// The program and all that it has started, without bubblewrap's own.
    pub(super) fn members(&self) -> io::Result<Vec<Process>> {
        let first = self.first.as_raw_nonzero().get();
        let mut all = all()?;
        all.retain(|process| !process.is_dead);
        if !self.is_in_namespace {
            all.retain(|process| process.group == first);
            return Ok(all);
        }
        let mut inside = vec![first];
        let mut members = Vec::new();
        while let Some(parent) = inside.pop() {
            for child in all.iter().filter(|process| process.parent == parent) {
                inside.push(child.pid);
                if parent != first {
                    members.push(*child);
                }
            }
        }
        Ok(members)
    }

    /// The first process of the namespace, held so that its number cannot become another's.
    pub(super) fn namespace(&self) -> io::Result<Option<OwnedFd>> {
        let first = self.first.as_raw_nonzero().get();
        for process in all()?.iter().filter(|process| process.parent == first) {
            let Some(pid) = Pid::from_raw(process.pid) else { continue };
            let held = match pidfd_open(pid, PidfdFlags::empty()) {
                Ok(held) => held,
                Err(Errno::SRCH) => continue,
                Err(error) => return Err(error.into()),
            };
            // It may have been another process by then, of the same number.
            if Process::read(process.pid).is_some_and(|found| found.parent == first) {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    /// Ends everything. The child stays to be waited for. When the first process of the namespace is dead,
    /// the kernel has ended all others in it.
    pub(super) fn end(&self, namespace: Option<&OwnedFd>) -> io::Result<()> {
        if let Some(namespace) = namespace {
            gone(pidfd_send_signal(namespace.as_fd(), Signal::KILL))?;
            wait_for(namespace)?;
        }
        gone(kill_process(self.first, Signal::KILL))?;
        // Before the child has begun its session there is no such group, and nobody but the child.
        gone(kill_process_group(self.first, Signal::KILL))
    }

    /// Whether nobody is left, once the child was waited for.
    pub(super) fn is_gone(&self) -> io::Result<bool> {
        if self.is_in_namespace {
            return Ok(true);
        }
        if rustix::process::test_kill_process_group(self.first) == Err(Errno::SRCH) {
            return Ok(true);
        }
        // Dead ones stay until somebody has waited for them.
        Ok(self.members()?.is_empty())
    }
}

fn gone(result: Result<(), Errno>) -> io::Result<()> {
    match result {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Process, parse, threads_of_this_user};

    #[test]
    fn a_name_can_hold_anything() {
        let stat =
            "7 (a) R 1 (b) S 3 4 5 0 -1 4194560 1 0 0 0 10 20 30 40 20 0 2 0 9 8192 55 18446 1 1";
        let found = parse(7, stat).unwrap();
        let expect = Process {
            pid: 7,
            parent: 3,
            group: 4,
            is_dead: false,
            ticks: 100,
            threads: 2,
            pages: 55,
        };
        assert_eq!(found, expect);
        assert!(parse(7, &stat.replace(") S", ") Z")).unwrap().is_dead);
        for broken in ["", "7 (a", "7 (a) S", "7 (a) S x y z"] {
            assert_eq!(parse(7, broken), None, "{broken}");
        }
    }

    #[test]
    fn this_process_is_one_of_its_user() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let own = Process::read(pid).unwrap();
        assert!(own.threads >= 1 && own.pages > 0);
        assert!(threads_of_this_user().unwrap() >= own.threads);
    }
}
