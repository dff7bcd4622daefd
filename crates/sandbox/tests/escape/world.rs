//! What there is to be attacked: files, sockets, a process.

use std::{
    fs,
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            fs::PermissionsExt as _,
            net::{SocketAddr, UnixDatagram, UnixListener},
        },
    },
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// In the file that must not be read.
pub(crate) const SECRET: &str = "the secret of the data folder";

/// Everything that one attack can reach for. It ends with the test.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    victim: Child,
    tcp: TcpListener,
    udp: UdpSocket,
    _unix: UnixListener,
    _datagrams: UnixDatagram,
    _abstract: UnixListener,
    _abstract_datagrams: UnixDatagram,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("stanch-data-").tempdir_in("/tmp").unwrap();
        // Open to everybody: what stops an attack is the sandbox and nothing else.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, SECRET).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o666)).unwrap();
        let of_test = |name: &str| {
            let name = format!("{}-{name}", folder.path().display());
            SocketAddr::from_abstract_name(name).unwrap()
        };
        Self {
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            _unix: UnixListener::bind(folder.path().join("stream")).unwrap(),
            _datagrams: UnixDatagram::bind(folder.path().join("datagrams")).unwrap(),
            _abstract: UnixListener::bind_addr(&of_test("stream")).unwrap(),
            _abstract_datagrams: UnixDatagram::bind_addr(&of_test("datagrams")).unwrap(),
            victim: victim(),
            folder,
        }
    }

    /// As the attacks read it.
    pub(crate) fn told(&self) -> Value {
        let folder = self.folder.path().display().to_string();
        json!({
            "folder": folder,
            "secret": format!("{folder}/secret"),
            "tcp": self.tcp.local_addr().unwrap().port(),
            "udp": self.udp.local_addr().unwrap().port(),
            "stream": format!("{folder}/stream"),
            "datagrams": format!("{folder}/datagrams"),
            "abstract_stream": format!("\0{folder}-stream"),
            "abstract_datagrams": format!("\0{folder}-datagrams"),
            "parent": std::process::id(),
            "victim": self.victim.id(),
        })
    }

    /// Fails if anything of it was changed.
    #[track_caller]
    pub(crate) fn assert_untouched(&mut self) {
        let secret = self.folder.path().join("secret");
        assert_eq!(fs::read_to_string(&secret).unwrap(), SECRET);
        assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o666);
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["datagrams", "secret", "stream"]);
        assert!(self.victim.try_wait().unwrap().is_none(), "the victim is dead");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // It may be what the attack has ended.
        drop(self.victim.kill());
        self.victim.wait().unwrap();
    }
}

/// A process of the same user, with a secret in its environment.
fn victim() -> Child {
    #[expect(clippy::disallowed_methods, reason = "it stands for any other process of this host")]
    let mut command = Command::new("sleep");
    command.arg("600").env("STANCH_CANARY", SECRET).stdin(Stdio::null()).spawn().unwrap()
}
