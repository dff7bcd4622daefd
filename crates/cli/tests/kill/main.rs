//! The kill harness: servers under load are killed again and again, and at the end what was
//! acknowledged, what the books say and what the target saw are laid side by side.
//!
//! A world is a practice target that stands the whole time and writes down every act before it
//! answers, a data folder, and one server after another on it: each is given the same load (alerts
//! by HTTP, people who approve, answer and undo) and dies in one of four ways:
//!
//! - by itself, just after a journal record of a given word was committed (`serve --crash-after`),
//!   for every word;
//! - so after *intended*, with the act not sent yet;
//! - by SIGKILL after the target has written an act down and before it answers;
//! - by SIGKILL at a random moment, with a target that fails in other ways meanwhile.
//!
//! After each death the journals are read as the dead server left them: a death counts as *between
//! intended and accepted* if there is an act whose intent this very life committed and whose
//! acceptance is not on record. Two worlds live side by side, because most of a life is spent
//! waiting for the disk.
//!
//! `STANCH_KILLS` is how many deaths are planned, `STANCH_SEED` repeats a run's chances.
#![expect(clippy::disallowed_methods, reason = "the harness starts servers and reads its settings")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says why")]

mod autopsy;
mod content;
mod delivery;
mod http;
mod load;
mod people;
mod quiet;
mod rng;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod tally;
mod target;
mod verdict;
mod witness;
mod world;

use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Instant,
};

use content::Drill;
use delivery::Wish;
use load::Load;
use rng::Rng;
use server::Death;
use tally::{Books, Tally};
use verdict::Judge;
use world::World;

/// Deaths if nobody says otherwise.
const KILLS: u32 = 260;

/// The least number of deaths between intended and accepted.
const BETWEEN_MIN: u32 = 200;

const WORLDS: u32 = 2;

/// The words of the journal's records, as far as this load brings them about.
const WORDS: [&str; 17] = [
    "started",
    "planned",
    "read",
    "decided",
    "asked",
    "answered",
    "intended",
    "accepted",
    "verified",
    "unsure",
    "probed",
    "timer_set",
    "timer_fired",
    "question_asked",
    "question_answered",
    "ended",
    "any",
];

/// Blocks of a minute and questions that lapse: sent first, so that their time is over at the end.
const BRIEF: u32 = 8;

#[test]
fn nothing_is_lost_and_nothing_happens_twice() {
    let started = Instant::now();
    let kills = setting("STANCH_KILLS").map_or(KILLS, |kills| u32::try_from(kills).unwrap());
    let seed = setting("STANCH_SEED").unwrap_or_else(|| u64::from(std::process::id()) ^ 0x5eed);
    say(&format!("{kills} deaths planned, STANCH_SEED={seed}"));
    let mut rng = Rng::new(seed);
    let mut deaths = plan(kills, &mut rng);
    let least = (kills * 2 / 3).max(BETWEEN_MIN);
    let variants = kills / 400 + 1;
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let worlds: Vec<_> = (0..WORLDS)
            .map(|number| {
                let share =
                    deaths.split_off(deaths.len() - deaths.len() / (WORLDS - number) as usize);
                let rng = Rng::new(rng.next());
                scope.spawn(move || run(rng, &share, least.div_ceil(WORLDS), variants))
            })
            .collect();
        for world in worlds {
            tally.add(world.join().unwrap());
        }
    });
    say(&format!("{tally}; STANCH_SEED={seed}; {} s", started.elapsed().as_secs()));
    say(&format!("at {:?}; not reached {:?}", tally.deaths.at_record, tally.deaths.missed));
    let words: Vec<&str> =
        WORDS.into_iter().filter(|word| !tally.deaths.at_record.contains_key(word)).collect();
    assert!(words.is_empty(), "no server died at a record of {words:?}");
    assert!(tally.deaths.at_act > 0, "no server died while the target held an answer back");
    let between = tally.deaths.between();
    assert!(between >= least, "{between} of {least} deaths fell between intended and accepted");
    assert!(tally.faults.is_empty(), "{} faults: {:#?}", tally.faults.len(), tally.faults);
}

/// Says it also where the tests' output is kept back.
#[expect(clippy::explicit_write, reason = "what eprintln writes is kept back")]
fn say(text: &str) {
    writeln!(std::io::stderr(), "kill: {text}").unwrap();
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// One tenth of the deaths at any word, one tenth after an act, one tenth at random, the others after an intent.
fn plan(kills: u32, rng: &mut Rng) -> Vec<Death> {
    let tenth = usize::try_from(kills / 10).unwrap();
    let mut deaths: Vec<Death> = (0..tenth.max(WORDS.len()))
        .map(|n| {
            let word = WORDS[n % WORDS.len()];
            let others = rng.below(if word == "any" { 40 } else { 3 });
            Death::Record(word, u32::try_from(others).unwrap())
        })
        .collect();
    deaths.extend(std::iter::repeat_n(Death::Act, tenth));
    deaths.extend(std::iter::repeat_n(Death::Random, tenth));
    let others = usize::try_from(kills).unwrap().saturating_sub(deaths.len());
    deaths.extend(std::iter::repeat_n(Death::Record("intended", 0), others));
    rng.shuffle(&mut deaths);
    deaths
}

/// One world from its first server to its last.
fn run(mut rng: Rng, deaths: &[Death], least: u32, variants: u32) -> Tally {
    let hands = rng.clone();
    rng.next();
    let mut world = World::build(rng, variants);
    let server = world.start();
    let token = world.token(&["--name", "reviewer", "--role", "responder"]);
    let peer = world.peer(&token);
    let source = |name| world.token(&["--name", name, "--source", name, "--trust", "high"]);
    let tokens = BTreeMap::from(["sshd", "suricata"].map(|name| (name, source(name))));
    let load = world.load.clone();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _whatever_happens = Ending { load: load.clone(), stop: &stop };
        let sending = scope.spawn(|| load.run(peer.port, &tokens, variants));
        let people = scope.spawn(|| people::work(&peer, hands, &stop));
        for _ in 0..BRIEF {
            load.wish(Wish::Drill(Drill::Brief));
            load.wish(Wish::Drill(Drill::Lapse));
        }
        let is_waiting = |drill| load.wishes(Wish::Drill(drill)) > 0;
        support::eventually("the first drills to be delivered", || {
            (!is_waiting(Drill::Brief) && !is_waiting(Drill::Lapse)).then_some(())
        });
        world.kill(server);
        deaths.iter().for_each(|death| world.live_and_die(*death));
        // A death may find no intent of its own life: the server was slower than the people, say.
        for _ in 0..least {
            if world.deaths.between() < least {
                world.live_and_die(Death::Record("intended", 0));
            }
        }
        // The last one lives until all is done.
        let _server = world.start();
        load.stop();
        sending.join().unwrap();
        let acknowledged = load.take();
        let left = quiet::wait(&world.home.data, acknowledged.lines.values().sum());
        stop.store(true, Ordering::Release);
        let deeds = people.join().unwrap();
        let data = world.home.data.clone();
        let target = &mut world.target;
        let books = Books::default();
        let judge = Judge { peer: &peer, data: &data, target, books, faults: left };
        let (books, faults) = judge.judge(&acknowledged, &deeds);
        let deaths = std::mem::take(&mut world.deaths);
        if !faults.is_empty() {
            world.keep();
        }
        Tally { deaths, books, faults }
    })
}

/// Lets the other threads of a world end, also where its own has failed.
struct Ending<'a> {
    load: Load,
    stop: &'a AtomicBool,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.load.abandon();
        self.stop.store(true, Ordering::Release);
    }
}
