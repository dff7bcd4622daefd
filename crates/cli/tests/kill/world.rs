//! One world: a target that stands, a data folder that stays, and servers that die on it.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    autopsy,
    content::{self, Drill},
    delivery::Wish,
    http::Peer,
    load::Load,
    rng::Rng,
    support::{self, eventually},
    tally::Deaths,
    target::Target,
};

/// How long a record or an act is waited for before the server is killed all the same.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often a server is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// How long the target holds the answer back while the server is to die.
const HELD_BACK_MS: u32 = 2_000;

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

/// A target, a data folder, and what happened to the servers so far.
pub(crate) struct World {
    folder: Option<tempfile::TempDir>,
    pub(crate) data: PathBuf,
    content: PathBuf,
    log: PathBuf,
    port: u16,
    pub(crate) target: Target,
    pub(crate) load: Load,
    rng: Rng,
    /// How long a server takes until it answers.
    start: Duration,
    /// Acts that were between intended and accepted when the last server died.
    between: BTreeSet<String>,
    /// Ladders that have not ended.
    ladders: usize,
    pub(crate) deaths: Deaths,
}

impl World {
    pub(crate) fn build(mut rng: Rng, variants: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, content) = (folder.path().join("data"), folder.path().join("content"));
        std::fs::create_dir_all(&data).unwrap();
        let target = Target::start(&folder.path().join("lab"));
        content::write_configuration(&data, target.url());
        content::write_playbooks(&content, variants);
        Self {
            data,
            content,
            log: folder.path().join("serve.log"),
            folder: Some(folder),
            port: free_port(&mut rng),
            target,
            load: Load::default(),
            rng,
            start: Duration::from_secs(1),
            between: BTreeSet::new(),
            ladders: 0,
            deaths: Deaths::default(),
        }
    }

    /// As whom to talk to the servers.
    pub(crate) fn peer(&self, token: &str) -> Peer {
        Peer { port: self.port, token: token.to_owned() }
    }

    /// Starts a server that nobody kills, and waits until it answers.
    pub(crate) fn start(&mut self) -> Server {
        let started = Instant::now();
        let mut server = self.spawn(None);
        let peer = self.peer("");
        eventually("a server to answer", || {
            if let Some(ended) = server.ended() {
                panic!("the server ended with {ended}:\n{}", self.tail());
            }
            peer.get("/api/v1/health").ok()
        });
        self.start = started.elapsed();
        server
    }

    /// A token, made while a server runs.
    pub(crate) fn token(&self, args: &[&str]) -> String {
        let data = self.data.to_str().unwrap();
        let made = support::stanch(&[&["token", "create", "--data", data], args].concat(), &[]);
        assert!(made.ok(), "{made:?}");
        made.stdout.trim().to_owned()
    }

    /// Starts a server, lets it die, and looks at what it left behind.
    pub(crate) fn live_and_die(&mut self, death: Death) {
        self.prepare(death);
        let mut server = self.spawn(Some(death));
        let patience = match death {
            Death::Record(..) | Death::Act => PATIENCE,
            Death::Random => {
                let most = u64::try_from(self.start.as_micros()).unwrap() * 4;
                Duration::from_micros(self.rng.below(most))
            }
        };
        let ended = self.watch(&mut server, death, patience);
        server.kill();
        self.count(death, ended);
        self.target.behave();
        self.look_at_the_dead();
    }

    /// Buries a server that was started with [`Self::start`].
    pub(crate) fn kill(&mut self, server: Server) {
        server.kill();
        self.count(Death::Random, End::AsWished);
        self.look_at_the_dead();
    }

    /// Sees to it that what is waited for can happen.
    fn prepare(&mut self, death: Death) {
        self.target.read_on();
        let ladders = self.ladders + self.load.wishes(Wish::Drill(Drill::Ladder));
        if ladders == 0 {
            self.load.wish(Wish::Drill(Drill::Ladder));
        }
        match death {
            Death::Record(word, others) => {
                for _ in 0..=others {
                    wish_for(word).into_iter().for_each(|wish| self.load.wish(wish));
                }
                if matches!(word, "unsure" | "probed") {
                    let mode = self.rng.one_of(&["error_after_success", "reset", "wrong_json"]);
                    self.target.spoil("PUT /firewall", mode, others + 1, 0);
                }
            }
            Death::Act => self.target.spoil("PUT /firewall", "delay", 1, HELD_BACK_MS),
            Death::Random => {
                let modes = ["error_after_success", "reset", "wrong_json", "rate_limit", "delay"];
                let (mode, to) = (self.rng.one_of(&modes), ["PUT /", "POST /", "DELETE /"]);
                self.target.spoil(self.rng.one_of(&to), mode, 2, 100);
                self.target.spoil("GET /", "reset", 1, 0);
            }
        }
    }

    fn spawn(&self, death: Option<Death>) -> Server {
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
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Server(child)
    }

    /// Waits for the moment.
    fn watch(&mut self, server: &mut Server, death: Death, patience: Duration) -> End {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Some(ended) = server.ended() {
                let as_wished = matches!(death, Death::Record(..));
                assert!(
                    as_wished && ended.signal() == Some(SIGABRT),
                    "a server that was to die by {death:?} ended with {ended}:\n{}",
                    self.tail()
                );
                return End::AsWished;
            }
            let held_back = |act: &super::target::Act| act.is_done() && act.failure == "delay";
            if matches!(death, Death::Act) && self.target.read_on().iter().any(held_back) {
                return End::AsWished;
            }
            thread::sleep(LOOK);
        }
        if matches!(death, Death::Random) { End::AsWished } else { End::Missed }
    }

    fn count(&mut self, death: Death, end: End) {
        let deaths = &mut self.deaths;
        match (death, end) {
            (Death::Record(word, _), End::AsWished) => {
                *deaths.at_record.entry(word).or_default() += 1;
            }
            (Death::Act, End::AsWished) => deaths.at_act += 1,
            (Death::Random, _) => deaths.at_random += 1,
            (Death::Record(word, _), End::Missed) => {
                *deaths.missed.entry(word).or_default() += 1;
                deaths.at_random += 1;
            }
            (Death::Act, End::Missed) => {
                *deaths.missed.entry("act").or_default() += 1;
                deaths.at_random += 1;
            }
        }
    }

    /// A death falls between intended and accepted if an act stands there now whose intent is of the
    /// life that ended: what an earlier life left behind is not counted again.
    fn look_at_the_dead(&mut self) {
        let findings = autopsy::look(&self.data);
        let of_this_life: Vec<&String> = findings.between.difference(&self.between).collect();
        if !of_this_life.is_empty() {
            let done = self.target.done();
            if of_this_life.iter().any(|key| done.contains_key(*key)) {
                self.deaths.between_after_act += 1;
            } else {
                self.deaths.between_before_act += 1;
            }
        }
        self.between = findings.between;
        self.ladders = findings.ladders;
    }

    /// Keeps the folder for a look at what went wrong.
    pub(crate) fn keep(&mut self) {
        if let Some(folder) = self.folder.take() {
            eprintln!("kept for a look: {}\n{}", folder.keep().display(), self.tail());
        }
    }

    /// The end of the servers' log.
    pub(crate) fn tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            self.keep();
        }
    }
}

/// Whether the server died of what it was to die of.
#[derive(Clone, Copy)]
enum End {
    AsWished,
    Missed,
}

/// A server, killed at the latest when it is dropped.
pub(crate) struct Server(Child);

impl Server {
    fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    fn kill(mut self) {
        self.put_down();
    }

    fn put_down(&mut self) {
        // It may be dead already.
        drop(self.0.kill());
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.put_down();
    }
}

/// What has to come in for a record to be written.
fn wish_for(word: &str) -> Vec<Wish> {
    match word {
        "read" | "asked" | "answered" => vec![Wish::Beacon],
        "timer_set" | "timer_fired" => vec![Wish::Drill(Drill::Timers)],
        "question_asked" | "question_answered" => vec![Wish::Drill(Drill::Question)],
        // The ladder that is under way writes intents enough.
        "intended" => Vec::new(),
        _ => vec![Wish::Drill(Drill::Block)],
    }
}

/// A port that the system does not give to anybody who asks for a free one.
fn free_port(rng: &mut Rng) -> u16 {
    let ports = std::iter::repeat_with(|| 20_000 + u16::try_from(rng.below(10_000)).unwrap());
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.take(1_000).find(is_free).expect("a free port")
}
