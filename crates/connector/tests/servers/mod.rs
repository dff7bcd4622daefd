//! Real servers for one test: started as children on free ports, ended when they are dropped.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each test binary uses its own part of this"
)]
#![expect(clippy::disallowed_methods, reason = "the counterparts are other programs")]

mod cut;
mod mail;
mod samba;
mod slapd;

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

pub use cut::Cut;
pub use mail::Mail;
pub use samba::{Samba, WRITES_PER_CHANGE};
pub use slapd::Slapd;

/// How long a server may take until it listens, or until it has ended; a domain is made meanwhile.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long between two looks.
const LOOK: Duration = Duration::from_millis(20);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Whether this machine has what `test` needs; what is missing is said, and with `CI=true` a failure.
pub fn may_run(test: &str, tools: &[&str]) -> bool {
    let need = root().join("scripts/rig/need.sh");
    let status = Command::new("bash").arg(need).arg(test).args(tools).status().unwrap();
    assert!(status.success() || status.code() == Some(77), "a counterpart is missing");
    status.success()
}

/// Different ports that nobody listens on now.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let held = [0; N].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// Runs a command to its end.
pub fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// Waits until `look` finds something, or says what was waited for.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(LOOK);
    }
}

/// A script of scripts/rig that becomes a server.
pub struct Daemon {
    child: Child,
    folder: tempfile::TempDir,
    pub env: BTreeMap<String, String>,
}

impl Daemon {
    /// Starts it in a folder of its own and waits until every one of `ports` is listened on.
    pub fn start(script: &str, ports: &[u16]) -> Self {
        Self::start_with(script, ports, ports)
    }

    /// The same where not all ports that the script is told are its own.
    pub fn start_with(script: &str, told: &[u16], ports: &[u16]) -> Self {
        let here = |port: &u16| SocketAddr::from(([127, 0, 0, 1], *port));
        let listened_on: Vec<SocketAddr> = ports.iter().map(here).collect();
        Self::start_at(script, told, |_| listened_on.clone())
    }

    /// The same where only what the script has written says where it listens.
    pub fn start_at(
        script: &str,
        told: &[u16],
        places: impl Fn(&BTreeMap<String, String>) -> Vec<SocketAddr>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server may run as somebody else.
        let log = std::fs::File::create(folder.path().join("out")).unwrap();
        let child = Command::new("bash")
            .arg(root().join("scripts/rig").join(script))
            .arg(folder.path())
            .args(told.iter().map(ToString::to_string))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut daemon = Self { child, folder, env: BTreeMap::new() };
        wait_for(script, || {
            if let Some(status) = daemon.child.try_wait().unwrap() {
                panic!("{script} ended with {status}: {}", daemon.log());
            }
            let text = std::fs::read_to_string(daemon.path("rig.env")).ok()?;
            let pairs = text.lines().filter_map(|line| line.split_once('='));
            daemon.env = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let listens = |place: &SocketAddr| TcpStream::connect(place).is_ok();
            places(&daemon.env).iter().all(listens).then_some(())
        });
        daemon
    }

    pub fn get(&self, name: &str) -> &str {
        &self.env[name]
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path("out")).unwrap_or_default()
    }
}

impl Drop for Daemon {
    /// Asks it to end, so that it ends its own children, and waits.
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        let until = Instant::now() + PATIENCE;
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > until {
                drop(self.child.kill());
            }
            std::thread::sleep(LOOK);
        }
    }
}
