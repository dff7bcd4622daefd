//! A manifest tried at a real target: reads are made; acts are looked up, done, verified and taken
//! back, where somebody said so.

use std::time::Duration;

use serde_json::Value;
use stanch_model::{
    manifest::{ActionManifest, EffectClass, Idempotency, Manifest},
    plan::PlannedAction,
};
use tokio::time::{Instant, sleep};

use super::{Exchange, Part, Tape};
use crate::{Hands, Outcome, Presence};

/// How often a drill tries what certainly did not happen.
const TRIES_MAX: u32 = 3;

/// The longest that a drill waits because a target asks it to.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// What to try, and where.
#[derive(Clone, Debug)]
pub struct Drill<'a> {
    /// The connector.
    pub manifest: &'a Manifest,
    /// The act or read, as a plan would hold it.
    pub action: PlannedAction,
    /// Its idempotency key.
    pub key: String,
}

/// What one request of a drill came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Of what.
    pub part: Part,
    /// Whether it came to what a working manifest comes to.
    pub ok: bool,
    /// In plain words.
    pub text: String,
}

/// What a drill came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Request by request.
    pub steps: Vec<Step>,
    /// What the act returned, if it got that far.
    pub output: Option<Value>,
    /// What was said, for a recording; empty without a tape.
    pub exchanges: Vec<Exchange>,
    /// Whether the act may still be there: nobody could take it back, or see that it is gone.
    pub left_behind: bool,
}

impl Report {
    /// Whether everything came to what a working manifest comes to.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.left_behind && self.steps.iter().all(|step| step.ok)
    }

    fn note(&mut self, part: Part, ok: bool, text: impl Into<String>) {
        self.steps.push(Step { part, ok, text: text.into() });
    }
}

/// Makes a read, or goes with an act from probe to the undo seen.
///
/// An effect that is there already is not touched: it is not ours. `tape` is that of the hands.
pub async fn live(hands: &Hands, drill: &Drill<'_>, tape: Option<&Tape>) -> Report {
    let Some(manifest) = drill.manifest.actions.get(&drill.action.action) else {
        let mut report = Report::default();
        report.note(Part::Call, false, "the manifest has no such action");
        return report;
    };
    let mut run = Run { hands, drill, manifest, tape, report: Report::default() };
    if manifest.effect == EffectClass::Read {
        run.send(Part::Call).await;
    } else {
        run.act().await;
    }
    run.report
}

struct Run<'a> {
    hands: &'a Hands,
    drill: &'a Drill<'a>,
    manifest: &'a ActionManifest,
    tape: Option<&'a Tape>,
    report: Report,
}

impl Run<'_> {
    async fn act(&mut self) {
        if self.manifest.probe.is_some() {
            match self.probe().await {
                Some(true) => {
                    let text = "the effect is there already: it is not ours, and nothing was done";
                    return self.report.note(Part::Call, false, text);
                }
                Some(false) => {}
                None => return,
            }
        }
        if !self.send(Part::Call).await {
            return;
        }
        self.report.left_behind = true;
        if self.manifest.verify.is_some() {
            self.seen(Part::Verify).await;
        }
        if self.manifest.probe.is_some() {
            let there = self.probe().await;
            self.expect(Part::Probe, there, true, "after the act");
        }
        if self.manifest.undo.is_none() {
            // An irreversible act was asked for by name, and stays.
            self.report.left_behind = false;
            return;
        }
        if self.send(Part::Undo).await && self.seen(Part::UndoVerify).await {
            self.report.left_behind = false;
        }
        if self.manifest.probe.is_some() {
            let there = self.probe().await;
            self.expect(Part::Probe, there, false, "after the undo");
        }
    }

    fn expect(&mut self, part: Part, found: Option<bool>, wanted: bool, when: &str) {
        if found == Some(!wanted) {
            let is = if wanted { "does not show" } else { "still shows" };
            self.report.note(part, false, format!("{when} it {is} the effect"));
        }
    }

    /// Sends the act or the undo; says whether it was accepted, or is there though nobody said so.
    async fn send(&mut self, part: Part) -> bool {
        for try_number in 1..=TRIES_MAX {
            let (action, key) = (&self.drill.action, self.drill.key.as_str());
            let outcome = match part {
                Part::Undo => self.hands.undo(action, key, &self.output()).await,
                _ => self.hands.act(action, key).await,
            };
            self.keep(part, None);
            match outcome {
                Outcome::Accepted { output } => {
                    let text = match part {
                        Part::Undo => "accepted".to_owned(),
                        _ => format!("accepted: {output}"),
                    };
                    if part == Part::Call {
                        self.report.output = Some(output);
                    }
                    self.report.note(part, true, text);
                    return true;
                }
                Outcome::Failed { retry: true, retry_after, why } if try_number < TRIES_MAX => {
                    let wait = retry_after.unwrap_or(Duration::from_secs(1)).min(WAIT_MAX);
                    self.report.note(part, true, format!("not now ({why}); tried again"));
                    sleep(wait).await;
                }
                Outcome::Failed { why, .. } => {
                    self.report.note(part, false, format!("refused: {why}"));
                    return false;
                }
                Outcome::Unknown { why } => return self.unknown(part, why).await,
            }
        }
        false
    }

    async fn unknown(&mut self, part: Part, why: String) -> bool {
        self.report.note(part, false, format!("outcome unknown: {why}"));
        self.report.left_behind = self.manifest.effect != EffectClass::Read;
        let is_looked_up = part == Part::Call && self.manifest.probe.is_some();
        let there = if is_looked_up { self.probe().await } else { None };
        if there == Some(false) {
            self.report.left_behind = false;
        }
        // What may be there is taken back as well.
        there != Some(false) && self.manifest.idempotency != Idempotency::None
    }

    async fn probe(&mut self) -> Option<bool> {
        let (action, key) = (&self.drill.action, self.drill.key.as_str());
        match self.hands.probe(action, key, &Value::Null).await {
            Ok(presence) => {
                let there = presence == Presence::Present;
                self.keep(Part::Probe, Some(there));
                let text = if there { "the effect is there" } else { "the effect is not there" };
                self.report.note(Part::Probe, true, text);
                Some(there)
            }
            Err(error) => {
                self.report.note(Part::Probe, false, error.why);
                None
            }
        }
    }

    /// Asks until the effect is seen, or seen to be gone.
    async fn seen(&mut self, part: Part) -> bool {
        let undo = self.manifest.undo.as_ref().map(|undo| &undo.verify);
        let verify = if part == Part::Verify { self.manifest.verify.as_ref() } else { undo };
        let Some((every, within)) = verify.map(|verify| (verify.every, verify.within)) else {
            return true;
        };
        let begun = Instant::now();
        let output = self.output();
        loop {
            let (action, key) = (&self.drill.action, self.drill.key.as_str());
            let seen = match part {
                Part::Verify => self.hands.verify(action, key, &output).await,
                _ => self.hands.undo_verify(action, key, &output).await,
            };
            self.keep(part, seen.as_ref().ok().copied());
            if seen == Ok(true) {
                let what = if part == Part::Verify { "seen" } else { "seen to be gone" };
                let after = format!("{what} after {} ms", begun.elapsed().as_millis());
                self.report.note(part, true, after);
                return true;
            }
            if begun.elapsed() + every > within {
                let why = seen.err().map_or_else(String::new, |error| format!(": {}", error.why));
                let within = stanch_model::duration::format(within);
                self.report.note(part, false, format!("not seen within {within}{why}"));
                return false;
            }
            sleep(every).await;
        }
    }

    fn output(&self) -> Value {
        self.report.output.clone().unwrap_or(Value::Null)
    }

    /// Keeps what the tape took down of the request just made.
    fn keep(&mut self, part: Part, done: Option<bool>) {
        let Some(tape) = self.tape else { return };
        if let Some(taped) = tape.cut().pop() {
            let (first, request, response) = (taped.first, taped.request, taped.response);
            self.report.exchanges.push(Exchange { part, first, request, response, done });
        }
    }
}
