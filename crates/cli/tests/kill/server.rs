//! One server's life, from its start to its death.

use std::{
    fs::OpenOptions,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use super::rng::Rng;

/// How a server is to die.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Death {
    /// Just after a journal record was committed: its word, and how many are let by first.
    Record(&'static str, u32),
    /// By SIGKILL, after the target wrote an act down and before it answers.
    Act,
    /// By SIGKILL, at a random moment.
    Random,
}

/// Where servers live.
pub(crate) struct Home {
    pub(crate) data: PathBuf,
    content: PathBuf,
    log: PathBuf,
    pub(crate) port: u16,
}

impl Home {
    /// A home in `folder`, on a port that the system gives to nobody who asks for a free one.
    pub(crate) fn new(folder: &Path, rng: &mut Rng) -> Self {
        let ports = std::iter::repeat_with(|| 20_000 + u16::try_from(rng.below(10_000)).unwrap());
        let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
        let port = ports.take(1_000).find(is_free).expect("a free port");
        let [data, content, log] = ["data", "content", "serve.log"].map(|name| folder.join(name));
        std::fs::create_dir_all(&data).unwrap();
        std::fs::create_dir_all(&content).unwrap();
        Self { data, content, log, port }
    }

    pub(crate) fn content(&self) -> &Path {
        &self.content
    }

    /// Starts a server that dies at a record, if that is how it is to die.
    pub(crate) fn spawn(&self, death: Option<Death>) -> Server {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        // The shell sees to it that `abort` leaves no core file.
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -c 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_stanch")]);
        command.args(["serve", "--listen"]);
        command.arg(format!("127.0.0.1:{}", self.port));
        command.arg("--data").arg(&self.data).arg("--content").arg(&self.content);
        if let Some(Death::Record(word, others)) = death {
            command.arg("--crash-after").arg(format!("{word}:{others}"));
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        Server(child.unwrap())
    }

    /// The end of what all servers said.
    pub(crate) fn tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

/// A server, killed at the latest when it is dropped.
pub(crate) struct Server(Child);

impl Server {
    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// Kills it as a power cut would; it may be dead already.
    pub(crate) fn kill(mut self) {
        self.put_down();
    }

    fn put_down(&mut self) {
        drop(self.0.kill());
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.put_down();
    }
}
