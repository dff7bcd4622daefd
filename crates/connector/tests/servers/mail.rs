//! Dovecot (scripts/rig/dovecot.sh) with OpenSMTPD in front (scripts/rig/smtpd.sh): mail that is really sent,
//! relayed, delivered, and lies in folders.

use super::{Daemon, free_ports, may_run, run, wait_for};

/// Where mail lies, and how it gets there.
pub struct Mail {
    dovecot: Daemon,
    smtpd: Daemon,
    pub imap_port: u16,
    pub relay_port: u16,
}

impl Mail {
    /// None where this machine lacks one of the servers.
    pub fn start(test: &str) -> Option<Self> {
        let servers = [
            "root-itself",
            "dovecot",
            "/usr/lib/dovecot/imap",
            "/usr/lib/dovecot/lmtp",
            "/usr/lib/dovecot/submission",
            "smtpd",
            "swaks",
            "openssl",
        ];
        if !may_run(test, &servers) {
            return None;
        }
        let [imap, imaps, lmtp, submission, submissions, relay] = free_ports();
        let own = [imap, imaps, lmtp, submission, submissions];
        let dovecot = Daemon::start_with("dovecot.sh", &[&own[..], &[relay]].concat(), &own);
        let smtpd = Daemon::start_with("smtpd.sh", &[relay, lmtp], &[relay]);
        Some(Self { dovecot, smtpd, imap_port: imap, relay_port: relay })
    }

    pub fn get(&self, name: &str) -> &str {
        self.dovecot.get(name)
    }

    /// Mail from somebody else, up to its delivery.
    pub fn deliver(&self, to: &str, id: &str, subject: &str) {
        let server = format!("127.0.0.1:{}", self.relay_port);
        let (id, subject) = (format!("Message-Id: {id}"), format!("Subject: {subject}"));
        let before = self.folder(to, "").len();
        let sent = run(
            "swaks",
            &[
                "--server",
                &server,
                "--to",
                to,
                "--from",
                "billing@evil.test",
                "--header",
                &id,
                "--header",
                &subject,
                "--body",
                "please open",
                "--silent",
                "2",
            ],
        );
        assert!(sent.status.success(), "{sent:?}");
        wait_for("the mail to be delivered", || (self.folder(to, "").len() > before).then_some(()));
    }

    /// The messages in a folder as files, whatever IMAP says; INBOX is the folder without a name.
    pub fn folder(&self, mailbox: &str, folder: &str) -> Vec<String> {
        let mut path = self.dovecot.path("mail").join(mailbox).join("Maildir");
        if !folder.is_empty() {
            path = path.join(format!(".{}", folder.replace('/', ".")));
        }
        let texts =
            ["new", "cur"].into_iter().filter_map(|part| std::fs::read_dir(path.join(part)).ok());
        let files = texts.flatten().map(|entry| std::fs::read(entry.unwrap().path()));
        files
            .filter_map(Result::ok)
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .collect()
    }

    /// How many messages of a folder have that id.
    pub fn count(&self, mailbox: &str, folder: &str, id: &str) -> usize {
        self.folder(mailbox, folder).iter().filter(|text| text.contains(id)).count()
    }

    /// How many times the server moved or copied a message into a folder, by its own log.
    pub fn moves_to(&self, folder: &str) -> usize {
        let log = std::fs::read_to_string(self.get("LOG")).unwrap();
        let into = format!("box={folder},");
        log.lines().filter(|line| line.contains("copy from") && line.contains(&into)).count()
    }

    /// What a client of `who` sees: the server's answers to these commands.
    pub fn as_client(&self, who: &str, commands: &[&str]) -> String {
        use std::io::{BufRead as _, BufReader, Write as _};
        let stream = std::net::TcpStream::connect(("127.0.0.1", self.imap_port)).unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let mut said = String::new();
        let login = format!("LOGIN {who} {}", self.get("USER_PASSWORD"));
        for (number, command) in
            std::iter::once(login.as_str()).chain(commands.iter().copied()).enumerate()
        {
            write!(&stream, "t{number} {command}\r\n").unwrap();
            let tag = format!("t{number} ");
            for line in lines.by_ref().map_while(Result::ok) {
                said.push_str(&line);
                said.push('\n');
                if line.starts_with(&tag) {
                    break;
                }
            }
        }
        said
    }
}
