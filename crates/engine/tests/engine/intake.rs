//! The ways in beside HTTP: files that grow and rotate, syslog by UDP and TCP; and what is not readable.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, io::Write as _, net::SocketAddr, path::Path};

use crate::world::{Setup, World};
use stanch_engine::intake::{
    Source, SyslogOptions, SyslogProtocol, Tail, TailOptions, listen_syslog,
};
use stanch_model::{TenantId, event::Trust};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpStream, UdpSocket},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

fn source(name: &str) -> Source {
    Source {
        tenant: TenantId::default(),
        name: name.to_owned(),
        trust: Trust::Medium,
        format: None,
    }
}

fn line(user: &str) -> String {
    format!(
        "Nov 24 09:00:01 bastion sshd[7]: Failed password for {user} from 203.0.113.9 port 50022 ssh2\n"
    )
}

impl World {
    /// Waits until a source has delivered that many events.
    async fn expect_events(&self, name: &str, count: u64) {
        self.eventually(&format!("{count} events of {name}"), async |world| {
            let read = world.engine.core.store.read(|view| view.sources(&TenantId::default()));
            let sources = read.await.unwrap();
            let found = sources.iter().find(|source| source.name == name)?;
            assert!(found.events <= count, "{name} delivered {} events", found.events);
            (found.events == count).then_some(())
        })
        .await;
    }

    fn tail(&self, path: &Path, stop: &CancellationToken) -> tokio::task::JoinHandle<()> {
        let options = TailOptions { path: path.to_owned(), source: source("tail") };
        let tail = Tail::new(self.engine.intake.clone(), options);
        let stop = stop.clone();
        tokio::spawn(async move { tail.run(stop).await.unwrap() })
    }

    async fn syslog(
        &self,
        protocol: SyslogProtocol,
        tasks: &mut JoinSet<Result<(), stanch_engine::Error>>,
    ) -> SocketAddr {
        let options = SyslogOptions {
            protocol,
            listen: "127.0.0.1:0".parse().unwrap(),
            source: source("syslog"),
        };
        let intake = self.engine.intake.clone();
        listen_syslog(intake, options, tasks, CancellationToken::new()).await.unwrap()
    }
}

fn append(path: &Path, text: &str) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_followed_through_rotation_truncation_and_restart() {
    let world = World::start(Setup::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.log");
    let stop = CancellationToken::new();
    let following = world.tail(&path, &stop);
    append(&path, &(line("a") + &line("b")));
    world.expect_events("tail", 2).await;
    // A line is taken when it is whole.
    append(&path, "Nov 24 09:00:02 bastion sshd[7]: Failed password for ");
    append(&path, "c from 203.0.113.9 port 50022 ssh2\n");
    world.expect_events("tail", 3).await;
    // Rotated by rename, then truncated in place.
    fs::rename(&path, folder.path().join("auth.log.1")).unwrap();
    append(&path, &line("somebody-with-a-long-name"));
    world.expect_events("tail", 4).await;
    fs::write(&path, "").unwrap();
    append(&path, &line("e"));
    world.expect_events("tail", 5).await;
    // What was written while nobody followed is taken up, and nothing twice.
    stop.cancel();
    following.await.unwrap();
    append(&path, &line("f"));
    let stop = CancellationToken::new();
    let following = world.tail(&path, &stop);
    world.expect_events("tail", 6).await;
    stop.cancel();
    following.await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn syslog_comes_by_datagram_and_by_stream_in_both_framings() {
    let world = World::start(Setup::default()).await;
    let mut tasks = JoinSet::new();
    let udp = world.syslog(SyslogProtocol::Udp, &mut tasks).await;
    let tcp = world.syslog(SyslogProtocol::Tcp, &mut tasks).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(format!("<38>{}", line("udp")).as_bytes(), udp).await.unwrap();
    world.expect_events("syslog", 1).await;
    let mut stream = TcpStream::connect(tcp).await.unwrap();
    stream.write_all(format!("<38>{}", line("line-feed")).as_bytes()).await.unwrap();
    let message = "<38>1 2026-11-24T09:00:03Z bastion sshd 7 - - Failed password for counted from 203.0.113.9 port 50022 ssh2";
    stream.write_all(format!("{} {message}", message.len()).as_bytes()).await.unwrap();
    stream.write_all(format!("{} {message}", message.len()).as_bytes()).await.unwrap();
    world.expect_events("syslog", 4).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_named_and_kept_and_stops_nobody() {
    let world = World::start(Setup::default()).await;
    let body = [line("a").as_bytes(), b"{\"half\": \n", b"\xff\xfe broken\n", line("b").as_bytes()]
        .concat();
    let delivered = world.engine.intake.accept(&source("mixed"), &body, None).await.unwrap();
    assert_eq!(delivered.accepted, 2);
    let lines: Vec<u32> = delivered.dead_letters.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3]);
    let read =
        world.engine.core.store.read(|view| view.dead_letters(&TenantId::default(), None, 10));
    let (kept, _) = read.await.unwrap();
    assert_eq!(kept.iter().map(|letter| letter.line).collect::<Vec<_>>(), [3, 2]);
    assert!(kept.iter().all(|letter| !letter.reason.is_empty() && letter.source == "mixed"));
    // The same delivery again, as a sender does that got no answer.
    let again = world.engine.intake.accept(&source("mixed"), &body, None).await.unwrap();
    assert_eq!((again.accepted, again.duplicates), (0, 2));
    world.expect_events("mixed", 2).await;
    world.stop().await;
}
