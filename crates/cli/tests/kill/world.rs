//! One world: a target that stands, a data folder that stays, and servers that die on it.

use std::{
    collections::BTreeSet,
    os::unix::process::ExitStatusExt as _,
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
    server::{Death, Home, Server},
    support::{self, eventually},
    tally::Deaths,
    target::{Act, Target},
};

/// How long a record or an act is waited for before the server is killed all the same.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often a server is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// How long the target holds the answer back while the server is to die.
const HELD_BACK_MS: u32 = 2_000;

/// A target, a data folder, and what happened to the servers so far.
pub(crate) struct World {
    folder: Option<tempfile::TempDir>,
    pub(crate) home: Home,
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
        let home = Home::new(folder.path(), &mut rng);
        let target = Target::start(&folder.path().join("lab"));
        content::write_configuration(&home.data, target.url());
        content::write_playbooks(home.content(), variants);
        Self {
            home,
            folder: Some(folder),
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
        Peer { port: self.home.port, token: token.to_owned() }
    }

    /// Starts a server that nobody kills, and waits until it answers.
    pub(crate) fn start(&mut self) -> Server {
        let started = Instant::now();
        let mut server = self.home.spawn(None);
        let peer = self.peer("");
        eventually("a server to answer", || {
            if let Some(ended) = server.ended() {
                panic!("the server ended with {ended}:\n{}", self.home.tail());
            }
            peer.get("/api/v1/health").ok()
        });
        self.start = started.elapsed();
        server
    }

    /// A token, made while a server runs.
    pub(crate) fn token(&self, args: &[&str]) -> String {
        let data = self.home.data.to_str().unwrap();
        let made = support::stanch(&[&["token", "create", "--data", data], args].concat(), &[]);
        assert!(made.ok(), "{made:?}");
        made.stdout.trim().to_owned()
    }

    /// Starts a server, lets it die, and looks at what it left behind.
    pub(crate) fn live_and_die(&mut self, death: Death) {
        self.prepare(death);
        let mut server = self.home.spawn(Some(death));
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

    /// Waits for the moment.
    fn watch(&mut self, server: &mut Server, death: Death, patience: Duration) -> End {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Some(ended) = server.ended() {
                let as_wished = matches!(death, Death::Record(..));
                assert!(
                    as_wished && ended.signal() == Some(SIGABRT),
                    "a server that was to die by {death:?} ended with {ended}:\n{}",
                    self.home.tail()
                );
                return End::AsWished;
            }
            let held_back = |act: &Act| act.is_done() && act.failure == "delay";
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
        let findings = autopsy::look(&self.home.data);
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
            eprintln!("kept for a look: {}\n{}", folder.keep().display(), self.home.tail());
        }
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
