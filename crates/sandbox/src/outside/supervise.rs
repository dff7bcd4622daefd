//! Watching a child: its streams, its limits, its end.

use std::{
    io,
    os::{
        fd::{AsFd as _, BorrowedFd, OwnedFd},
        unix::process::ExitStatusExt as _,
    },
    path::PathBuf,
    process::{self, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::{
    StopSignal,
    door::Waiting,
    pipes::{Feed, Sink},
    tree::{Process, Tree},
    watch,
};
use crate::{Door, End, Error, Limit, Limits, Outcome, confinement::MARK};

/// How often the limits of the whole tree are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long it may take until all rights are gone. The program's own time begins then.
const CONFINING_MAX: Duration = Duration::from_secs(10);

/// How long the kernel may take to end what was killed.
const ENDING_MAX: Duration = Duration::from_secs(5);

/// Pause between two looks at what was killed.
const ENDING_PAUSE: Duration = Duration::from_millis(2);

/// bubblewrap ends with this and the signal's number, as shells do.
const SIGNAL_STATUS: i32 = 128;

/// A child that was just started.
pub(super) struct Child {
    pub(super) process: process::Child,
    pub(super) is_in_namespace: bool,
    pub(super) tmp: PathBuf,
    pub(super) door: Option<(Waiting, Door)>,
}

/// What is watched.
struct Watch<'a> {
    child: Child,
    tree: Tree,
    /// The first process of the namespace, from when the program begins.
    namespace: Option<OwnedFd>,
    descriptor: OwnedFd,
    feed: Feed<'a>,
    stdout: Sink,
    stderr: Sink,
    limits: &'a Limits,
    stop: &'a StopSignal,
    deadline: Instant,
    look: Instant,
}

/// Why the watch is over.
enum Over {
    /// The child has ended by itself.
    Ended,
    /// It is to be ended.
    End(End),
}

/// What of the watched became ready.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ready {
    Child,
    Stop,
    Stdin,
    Stdout,
    Stderr,
    Door,
}

pub(super) fn supervise(
    child: Child,
    stdin: &[u8],
    limits: &Limits,
    stop: &StopSignal,
) -> Result<Outcome, Error> {
    let mut watch = Watch::new(child, stdin, limits, stop).map_err(Error::Lost)?;
    let over = watch.until_over();
    // Whatever happened, nothing of it stays.
    let last = watch.last_words();
    let ended = watch.end();
    match (over, ended) {
        (Ok(over), Ok(status)) => watch.outcome(&over, status, last),
        (Err(error), _) | (_, Err(error)) if watch.feed.has_begun() => Err(Error::Lost(error)),
        (Err(source), _) | (_, Err(source)) => {
            Err(Error::Prepare { what: "watching the program begin".to_owned(), source })
        }
    }
}

impl<'a> Watch<'a> {
    fn new(
        mut child: Child,
        stdin: &'a [u8],
        limits: &'a Limits,
        stop: &'a StopSignal,
    ) -> io::Result<Self> {
        let first = Pid::from_child(&child.process);
        let tree = Tree { first, is_in_namespace: child.is_in_namespace };
        let process = &mut child.process;
        let mut streams = || -> io::Result<_> {
            Ok((
                pidfd_open(first, PidfdFlags::empty())?,
                Feed::new(process.stdin.take(), stdin)?,
                Sink::new(process.stdout.take(), limits.output_bytes.saturating_add(MARK.len()))?,
                Sink::new(process.stderr.take(), limits.error_bytes)?,
            ))
        };
        let (descriptor, feed, stdout, stderr) = match streams() {
            Ok(streams) => streams,
            Err(error) => {
                tree.end(None)?;
                child.process.wait()?;
                return Err(error);
            }
        };
        let now = Instant::now();
        Ok(Self {
            child,
            tree,
            namespace: None,
            descriptor,
            feed,
            stdout,
            stderr,
            limits,
            stop,
            deadline: now + CONFINING_MAX,
            look: now + LOOK_EVERY,
        })
    }

    fn until_over(&mut self) -> io::Result<Over> {
        loop {
            let now = Instant::now();
            let wait = self.deadline.min(self.look).saturating_duration_since(now);
            for ready in self.ready(wait)? {
                match ready {
                    Ready::Child => return Ok(Over::Ended),
                    Ready::Stop => return Ok(Over::End(End::Cancelled)),
                    Ready::Stdin => self.feed.give()?,
                    Ready::Stdout => {
                        self.stdout.take()?;
                        self.begin()?;
                    }
                    Ready::Stderr => self.stderr.take()?,
                    Ready::Door => self.open_door()?,
                }
            }
            if let Some(limit) = self.reached()? {
                return Ok(Over::End(End::Stopped(limit)));
            }
        }
    }

    /// Waits for what becomes ready.
    fn ready(&self, wait: Duration) -> io::Result<Vec<Ready>> {
        let mut watched: Vec<(Ready, BorrowedFd<'_>, PollFlags)> = vec![
            (Ready::Stop, self.stop.pipe().as_fd(), PollFlags::IN),
            (Ready::Child, self.descriptor.as_fd(), PollFlags::IN),
        ];
        let pipes = [
            (Ready::Stdin, self.feed.pipe(), PollFlags::OUT),
            (Ready::Stdout, self.stdout.pipe(), PollFlags::IN),
            (Ready::Stderr, self.stderr.pipe(), PollFlags::IN),
        ];
        for (ready, pipe, flags) in pipes {
            watched.extend(pipe.map(|pipe| (ready, pipe.as_fd(), flags)));
        }
        if let Some((door, _)) = &self.child.door {
            watched.push((Ready::Door, door.socket().as_fd(), PollFlags::IN));
        }
        let mut polled: Vec<PollFd<'_>> = watched
            .iter()
            .map(|(_, descriptor, flags)| PollFd::from_borrowed_fd(*descriptor, *flags))
            .collect();
        // A part of a millisecond more, so that the deadline has passed when this returns.
        let wait =
            Timespec::try_from(wait + Duration::from_micros(500)).map_err(io::Error::other)?;
        match poll(&mut polled, Some(&wait)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let is_ready = |(polled, watched): (&PollFd<'_>, &(Ready, _, _))| {
            (!polled.revents().is_empty()).then_some(watched.0)
        };
        Ok(polled.iter().zip(&watched).filter_map(is_ready).collect())
    }

    /// Lets the program begin when all its rights are gone, and never twice.
    fn begin(&mut self) -> io::Result<()> {
        if self.feed.has_begun() || !self.stdout.bytes().starts_with(MARK) {
            return Ok(());
        }
        if self.tree.is_in_namespace {
            self.namespace = self.tree.namespace()?;
            if self.namespace.is_none() {
                return Err(io::Error::other("bubblewrap has no child"));
            }
        }
        self.deadline = Instant::now() + self.limits.wall;
        self.feed.begin()
    }

    fn open_door(&mut self) -> io::Result<()> {
        if let Some((waiting, door)) = self.child.door.take() {
            door.open(waiting.take()?);
        }
        Ok(())
    }

    fn reached(&mut self) -> io::Result<Option<Limit>> {
        if self.stdout.is_over() {
            return Ok(Some(Limit::Output));
        }
        if self.stderr.is_over() {
            return Ok(Some(Limit::Error));
        }
        let now = Instant::now();
        if now >= self.deadline {
            return Ok(Some(Limit::Wall));
        }
        if now < self.look {
            return Ok(None);
        }
        self.look = now + LOOK_EVERY;
        watch::over(&self.tree, &self.child.tmp, self.limits)
    }

    /// The child as it is before it is waited for.
    fn last_words(&self) -> Option<Process> {
        Process::read(self.tree.first.as_raw_nonzero().get())
    }

    /// Ends all that is left, reads what it has written, and waits for the child.
    fn end(&mut self) -> io::Result<ExitStatus> {
        self.tree.end(self.namespace.as_ref())?;
        let status = self.child.process.wait()?;
        let until = Instant::now() + ENDING_MAX;
        while !self.tree.is_gone()? {
            if Instant::now() > until {
                return Err(io::Error::other("processes of the program cannot be ended"));
            }
            thread::sleep(ENDING_PAUSE);
        }
        // Nobody is left who could write.
        self.stdout.take()?;
        self.stderr.take()?;
        Ok(status)
    }

    fn outcome(
        self,
        over: &Over,
        status: ExitStatus,
        last: Option<Process>,
    ) -> Result<Outcome, Error> {
        if !self.feed.has_begun() {
            return Err(Error::Refused { why: self.refusal(over, status) });
        }
        let stdout = self.stdout.bytes().strip_prefix(MARK).unwrap_or_default().to_vec();
        let end = match over {
            Over::End(end) => *end,
            Over::Ended if self.stdout.is_over() => End::Stopped(Limit::Output),
            Over::Ended if self.stderr.is_over() => End::Stopped(Limit::Error),
            Over::Ended => self.judge(status, last),
        };
        let stdout = stdout.into_iter().take(self.limits.output_bytes).collect();
        Ok(Outcome { end, stdout, stderr: self.stderr.into_bytes() })
    }

    /// What the kernel did to it, by its last signal.
    fn judge(&self, status: ExitStatus, last: Option<Process>) -> End {
        let code = status.code();
        let told = code.and_then(|code| code.checked_sub(SIGNAL_STATUS));
        let told = told.filter(|signal| self.tree.is_in_namespace && *signal > 0);
        let Some(signal) = status.signal().or(told) else {
            return End::Exited(code.unwrap_or_default());
        };
        let is_used_up = last.is_some_and(|last| watch::is_cpu_used_up(last.ticks, self.limits));
        match signal {
            libc::SIGXFSZ => End::Stopped(Limit::FileSize),
            libc::SIGXCPU => End::Stopped(Limit::Cpu),
            libc::SIGKILL if is_used_up => End::Stopped(Limit::Cpu),
            other => End::Signalled(other),
        }
    }

    /// Why the program was never begun.
    fn refusal(&self, over: &Over, status: ExitStatus) -> String {
        let said = String::from_utf8_lossy(self.stderr.bytes());
        let line = said.lines().map(str::trim).find(|line| !line.is_empty());
        match (over, line) {
            (Over::End(End::Stopped(Limit::Wall)), _) => format!("not within {CONFINING_MAX:?}"),
            (Over::End(end), _) => format!("{end} before that"),
            (Over::Ended, Some(line)) => line.to_owned(),
            (Over::Ended, None) => format!("sandbox-exec ended with {status}"),
        }
    }
}

/// Waits until a process is dead.
pub(super) fn wait_for(process: &OwnedFd) -> io::Result<()> {
    let until = Instant::now() + ENDING_MAX;
    loop {
        let wait = Timespec::try_from(until.saturating_duration_since(Instant::now()));
        let wait = wait.map_err(io::Error::other)?;
        let mut polled = [PollFd::new(process, PollFlags::IN)];
        match poll(&mut polled, Some(&wait)) {
            Ok(0) => return Err(io::Error::other("a process cannot be ended")),
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
