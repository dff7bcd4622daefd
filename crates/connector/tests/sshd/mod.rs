//! A real OpenSSH server on loopback and a network namespace, each gone when it is dropped.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::{Value, json};

use crate::common;

const SSHD: &str = "/usr/sbin/sshd";

pub(crate) struct Sshd {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn run(program: &str, arguments: &[&str]) -> std::process::Output {
    #[expect(clippy::disallowed_methods, reason = "the counterpart is another program")]
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn is_root() -> bool {
    run("id", &["-u"]).stdout == b"0\n"
}

impl Sshd {
    /// A server that lets one key in; with `forced`, to that command alone.
    pub(crate) fn start(forced: Option<&str>) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            common::skip("no sshd: apt-get install openssh-server");
            return None;
        }
        if is_root() {
            // Where sshd separates its privileges to; made by its service elsewhere.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        for key in ["host", "user"] {
            let made = run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &at(key)]);
            assert!(made.status.success(), "{made:?}");
        }
        let public = fs::read_to_string(at("user.pub")).unwrap();
        let options = forced.map(|command| format!("restrict,command=\"{command}\" "));
        fs::write(at("keys"), options.unwrap_or_default() + &public).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\nUsePAM no\n\
             PermitRootLogin {}\n",
            at("host"),
            at("keys"),
            if forced.is_some() { "forced-commands-only" } else { "prohibit-password" },
        );
        fs::write(at("config"), config).unwrap();
        let log = fs::File::create(at("log")).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the counterpart is another program")]
        let child = Command::new(SSHD)
            .args(["-D", "-e", "-f", &at("config")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self { child, folder, port };
        server.wait();
        Some(server)
    }

    /// Until it accepts connections, or has given up.
    fn wait(&mut self) {
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.child.try_wait().unwrap() {
                let log = fs::read_to_string(self.folder().join("log")).unwrap();
                panic!("sshd ended with {status}: {log}");
            }
            std::thread::yield_now();
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn host_key(&self) -> String {
        fs::read_to_string(self.folder().join("host.pub")).unwrap()
    }

    /// As `ssh-keygen -l` prints it.
    pub(crate) fn fingerprint(&self) -> String {
        let path = self.folder().join("host.pub").display().to_string();
        let printed = String::from_utf8(run("ssh-keygen", &["-l", "-f", &path]).stdout).unwrap();
        printed.split(' ').nth(1).unwrap().to_owned()
    }

    pub(crate) fn credential(&self) -> String {
        format!("file:{}", self.folder().join("user").display())
    }

    pub(crate) fn instance(&self) -> Value {
        let user = String::from_utf8(run("id", &["-un"]).stdout).unwrap();
        json!({
            "base_url": format!("ssh://{}@127.0.0.1:{}", user.trim(), self.port),
            "allow_private": true,
            "host_key": self.host_key(),
            "credential": self.credential(),
        })
    }
}

/// A network namespace with nothing in it, for a rule set of our own.
pub(crate) struct Namespace(String);

impl Drop for Namespace {
    fn drop(&mut self) {
        assert!(run("ip", &["netns", "delete", &self.0]).status.success());
    }
}

impl Namespace {
    pub(crate) fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let there = |program: &str| Path::new("/usr/sbin").join(program).exists();
        if !is_root() || !there("nft") || !there("ip") {
            common::skip("no firewall: needs root, and apt-get install nftables iproute2");
            return None;
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("stanch-connector-{}-{number}", std::process::id());
        let made = run("ip", &["netns", "add", &name]);
        if !made.status.success() {
            common::skip(&format!("no network namespaces here: {made:?}"));
            return None;
        }
        Some(Self(name))
    }

    /// The command that enters it.
    pub(crate) fn enter(&self) -> String {
        format!("/usr/sbin/ip netns exec {}", self.0)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> bool {
        let all = [&["netns", "exec", self.0.as_str()], arguments].concat();
        run("ip", &all).status.success()
    }

    pub(crate) fn listing(&self) -> String {
        let all = ["netns", "exec", self.0.as_str(), "nft", "list", "ruleset"];
        String::from_utf8(run("ip", &all).stdout).unwrap()
    }
}
