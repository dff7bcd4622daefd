//! One run: folder, command line, child.

use std::{
    collections::BTreeSet,
    io, mem,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    Parts, StopSignal,
    door::Waiting,
    folder::Folder,
    launcher::Launcher,
    supervise::{Child, supervise},
    system, tree,
};
use crate::{
    Error, Network, Outcome, Spec,
    confinement::{Confinement, Task, namespaces},
    layers::Bubblewrap,
};

/// Where the program's own file is in bubblewrap's file system. No rule of Landlock allows to read it.
const INSIDE: &str = "/run/stanch";

/// Device files that it can use; what it can do with each is up to Landlock.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];

/// Where programs are looked for.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Threads of bubblewrap that count with the program's where both are the same user.
const BUBBLEWRAP_THREADS: u64 = 2;

/// Threads that the user of this process, Stanch's among them, may start while a program runs as the same.
/// The kernel counts them with the program's; the watch, ten times a second, does not.
const MORE_THREADS: u64 = 256;

pub(super) fn run(parts: &Parts, mut spec: Spec, stop: &StopSignal) -> Result<Outcome, Error> {
    let owner = parts.owners.next()?;
    let folder = parts
        .folders
        .make(spec.file.as_ref(), owner)
        .map_err(|source| prepare("making the program's temporary folder", source))?;
    let (door, take) = match mem::replace(&mut spec.network, Network::None) {
        Network::None => (None, None),
        Network::Door(take) => {
            let waiting = Waiting::at(folder.path());
            let waiting = waiting.map_err(|source| prepare("making the door", source))?;
            (Some(waiting), Some(take))
        }
    };
    let plan = Plan { parts, spec: &spec, folder: &folder, owner, has_door: door.is_some() };
    let mut command = plan.command()?;
    let stdio = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = stdio.spawn().map_err(|source| prepare("starting sandbox-exec", source))?;
    let child = Child {
        process: child,
        is_in_namespace: parts.bubblewrap().is_some(),
        tmp: folder.tmp(),
        door: door.zip(take),
    };
    supervise(child, &spec.stdin, &spec.limits, stop)
}

fn prepare(what: &str, source: io::Error) -> Error {
    Error::Prepare { what: what.to_owned(), source }
}

/// What is known before the child is started.
struct Plan<'a> {
    parts: &'a Parts,
    spec: &'a Spec,
    folder: &'a Folder,
    owner: Option<u32>,
    has_door: bool,
}

impl Plan<'_> {
    fn command(&self) -> Result<Command, Error> {
        let read =
            self.readable().map_err(|source| prepare("naming the program's file", source))?;
        let mut command = match self.parts.bubblewrap() {
            Some(bubblewrap) => self.in_bubblewrap(bubblewrap, &read)?,
            None => self.parts.launcher.command(),
        };
        if self.parts.bubblewrap().is_none()
            && let Some(owner) = self.owner
        {
            command.uid(owner).gid(owner);
        }
        let task = Task::Become(Box::new(self.confinement(read)?));
        let task = serde_json::to_string(&task)
            .map_err(|error| prepare("writing down what is allowed", io::Error::other(error)))?;
        let tmp = self.folder.tmp();
        command.arg(task).env_clear().env("PATH", PATH).env("LANG", "C.UTF-8");
        command.env("HOME", &tmp).env("TMPDIR", &tmp).envs(&self.spec.environment);
        Ok(command)
    }

    fn readable(&self) -> io::Result<Vec<PathBuf>> {
        let mut read = system::paths(self.has_door);
        read.extend(self.spec.read_only.iter().cloned());
        if let Some(file) = &self.spec.file {
            read.push(self.folder.file(&file.name)?);
        }
        Ok(read)
    }

    fn confinement(&self, read: Vec<PathBuf>) -> Result<Confinement, Error> {
        let in_namespace = self.parts.bubblewrap().is_some();
        let others = match (in_namespace, self.owner) {
            // Nobody else is this user.
            (_, Some(_)) => 0,
            // A user namespace is counted by itself.
            (true, None) => BUBBLEWRAP_THREADS,
            (false, None) => {
                let now = tree::threads_of_this_user();
                now.map_err(|source| prepare("reading /proc", source))?.saturating_add(MORE_THREADS)
            }
        };
        let outside = if in_namespace { namespaces() } else { Ok(Vec::new()) };
        Ok(Confinement {
            program: self.spec.program.clone(),
            arguments: self.spec.arguments.clone(),
            tmp: self.folder.tmp(),
            read,
            limits: self.spec.limits,
            landlock: self.parts.layers.landlock.clone().unwrap_or_default(),
            others,
            user: self.owner.filter(|_| in_namespace),
            parent: i32::try_from(std::process::id()).ok().filter(|_| !in_namespace),
            outside: outside.map_err(|source| prepare("reading /proc/self/ns", source))?,
            shares_user: self.owner.is_none() && !in_namespace,
            door: self.has_door.then(|| Waiting::path(self.folder.path())),
        })
    }

    /// Everything up to the task, which is the last word.
    fn in_bubblewrap(&self, bubblewrap: &Bubblewrap, read: &[PathBuf]) -> Result<Command, Error> {
        let file =
            Launcher::file().map_err(|source| prepare("finding this program's file", source))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the crate that starts child processes"
        )]
        let mut command = Command::new(&bubblewrap.path);
        command.args(["--die-with-parent", "--unshare-ipc", "--unshare-pid", "--unshare-net"]);
        command.args(["--unshare-uts", "--unshare-cgroup-try"]);
        if self.owner.is_some() {
            // Only to become the program's user; becoming it gives them up.
            command.args([
                "--cap-drop",
                "ALL",
                "--cap-add",
                "CAP_SETUID",
                "--cap-add",
                "CAP_SETGID",
            ]);
        } else {
            command.arg("--unshare-user");
        }
        let tmp = self.folder.tmp();
        let fixed = [INSIDE, DEVICES[0]].map(Path::new).into_iter().chain([tmp.as_path()]);
        passable(&mut command, fixed.chain(read.iter().map(PathBuf::as_path)));
        for path in read {
            bind(&mut command, path, path);
        }
        bind(&mut command, &file, Path::new(INSIDE));
        if self.has_door {
            let door = Waiting::path(self.folder.path());
            bind(&mut command, &door, &door);
        }
        for device in DEVICES {
            command.args(["--dev-bind", device, device]);
        }
        let size = self.spec.limits.tmp_bytes.to_string();
        command.args(["--proc", "/proc", "--perms", "1777", "--size", &size, "--tmpfs"]);
        command.arg(tmp).args(["--remount-ro", "/", "--", INSIDE]);
        command.args(self.parts.launcher.words());
        Ok(command)
    }
}

/// Folders above everything that is put in place, which the program's user must be able to pass.
fn passable<'a>(command: &mut Command, places: impl Iterator<Item = &'a Path>) {
    let above: BTreeSet<&Path> = places.flat_map(|place| place.ancestors().skip(1)).collect();
    for folder in above.into_iter().filter(|folder| *folder != Path::new("/")) {
        command.args(["--perms", "0755", "--dir"]).arg(folder);
    }
}

fn bind(command: &mut Command, from: &Path, to: &Path) {
    command.arg("--ro-bind").arg(from).arg(to);
}
