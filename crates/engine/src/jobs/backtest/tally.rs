//! What one version comes to, alert by alert.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use stanch_measure::Share;
use stanch_model::{
    Alert, Incident, IncidentId, RunId, Time,
    event::Trust,
    guard::Mode,
    incident::Disposition,
    manifest::EffectClass,
    plan::PlannedAction,
    run::{RunHead, RunState},
};
use stanch_playbook::backtest::{Act, Around, End, Judged, Occasion, Recorded, Replayer};

use super::view::{Assumed, EffectName, EffectRow, GuardHits, NotKnown, Replayed};
use crate::{
    acting::{Answer, Context, Hindsight},
    runs::{Loaded, incident_context},
    triage::{ONCE_PER, RUNS_PER_HOUR_MAX, once_per},
};

/// How many effects are listed.
const EFFECTS_MAX: usize = 5_000;

/// How many places where runs stop are told apart.
const NOT_KNOWN_MAX: usize = 200;

/// What an incident without a disposition counts as.
const OPEN: &str = "open";

/// An alert of the past with what is known of it.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) alert: Alert,
    pub(super) incident: Option<Incident>,
    pub(super) recorded: Recorded,
    /// The incident as the first run for the alert saw it.
    pub(super) saw: Option<serde_json::Value>,
}

/// One version, and what it came to so far.
#[derive(Debug)]
pub(super) struct Tally {
    number: Option<u32>,
    digest: String,
    playbook: String,
    replayer: Replayer,
    guard: Hindsight,
    matched: u64,
    runs: u64,
    not_started: BTreeMap<String, u64>,
    ended: BTreeMap<String, u64>,
    not_known: BTreeMap<(String, String), u64>,
    assumed: BTreeMap<(String, String), u64>,
    effects: BTreeMap<EffectName, Row>,
    left_out: u64,
    incidents: BTreeMap<IncidentId, &'static str>,
    fired: BTreeMap<(bool, String), Time>,
    starts: BTreeMap<bool, Vec<Time>>,
}

#[derive(Debug)]
struct Row {
    effect: EffectClass,
    practice: bool,
    count: u64,
    refused: u64,
    first_at: Time,
    last_at: Time,
    incidents: BTreeSet<IncidentId>,
    rests_on: BTreeMap<String, u64>,
}

/// The guard, for one run.
struct OneRun<'a> {
    guard: &'a mut Hindsight,
    context: Context,
}

impl Around for OneRun<'_> {
    fn ours(&self, action: &PlannedAction) -> Option<serde_json::Value> {
        self.guard.ours(action)
    }

    fn judge(&mut self, action: &PlannedAction, at: Time, again: bool) -> Judged {
        match self.guard.judge(&self.context, action, (at, again)) {
            Answer::Through => Judged::Through,
            Answer::Held(until) => Judged::Held(until),
            Answer::Refused(decision) => Judged::Refused(decision),
        }
    }
}

impl Tally {
    pub(super) fn new(
        number: Option<u32>,
        loaded: &Loaded,
        replayer: Replayer,
        guard: Hindsight,
    ) -> Self {
        Self {
            number,
            digest: loaded.digest().to_owned(),
            playbook: loaded.name().to_owned(),
            replayer,
            guard,
            matched: 0,
            runs: 0,
            not_started: BTreeMap::new(),
            ended: BTreeMap::new(),
            not_known: BTreeMap::new(),
            assumed: BTreeMap::new(),
            effects: BTreeMap::new(),
            left_out: 0,
            incidents: BTreeMap::new(),
            fired: BTreeMap::new(),
            starts: BTreeMap::new(),
        }
    }

    /// Takes an alert that the trigger holds for, as triage would have.
    pub(super) fn take(&mut self, past: &Past) {
        add(&mut self.matched);
        match self.starts(past) {
            Ok(incident) => self.replay(past, incident),
            Err(why) => add(self.not_started.entry(why.to_owned()).or_default()),
        }
    }

    /// The incident, if the alert would have started a run.
    fn starts<'p>(&mut self, past: &'p Past) -> Result<&'p Incident, &'static str> {
        let Past { alert, incident, .. } = past;
        let incident = incident.as_ref().ok_or("an informational alert belongs to no incident")?;
        if alert.self_caused {
            return Err("the alert was caused by an act of our own");
        }
        // What anybody can write to counts apart.
        let (low, at) = (alert.trust == Trust::Low, alert.detected_at);
        let starts = self.starts.entry(low).or_default();
        let hour_ago = at.minus(ONCE_PER);
        starts.retain(|start| *start > hour_ago);
        if starts.len() >= usize::try_from(RUNS_PER_HOUR_MAX).unwrap_or(usize::MAX) {
            return Err("it was started too often in the hour before");
        }
        let key = (low, once_per(alert, incident.id));
        if self.fired.get(&key).is_some_and(|before| *before >= hour_ago) {
            return Err("it was started for the same within the hour before");
        }
        starts.push(at);
        self.fired.insert(key, at);
        Ok(incident)
    }

    fn replay(&mut self, past: &Past, incident: &Incident) {
        add(&mut self.runs);
        let seen = past.saw.clone().unwrap_or_else(|| incident_context(Some(incident)));
        let occasion =
            Occasion { alert: past.alert.context(), incident: seen, at: past.alert.detected_at };
        self.guard.next_run();
        let context = self.context(&past.alert);
        let mut around = OneRun { guard: &mut self.guard, context };
        let replay = self.replayer.replay(occasion, &past.recorded, &mut around);
        for question in replay.assumed {
            add(self.assumed.entry(question).or_default());
        }
        for act in &replay.acts {
            self.effect(act, incident);
        }
        match replay.end {
            End::Ended(state) => add(self.ended.entry(word(&state)).or_default()),
            End::NotKnown { name, why } => {
                add(self.ended.entry("not_known".to_owned()).or_default());
                let is_new = !self.not_known.contains_key(&(name.clone(), why.clone()));
                let place = match is_new && self.not_known.len() >= NOT_KNOWN_MAX {
                    true => ("others".to_owned(), "too many to tell apart".to_owned()),
                    false => (name, why),
                };
                add(self.not_known.entry(place).or_default());
            }
        }
    }

    /// A run of mode `auto` that the rule of the alert started.
    fn context(&self, alert: &Alert) -> Context {
        let head = RunHead {
            // Nothing is kept under it; the guard counts the acts of a run by it.
            id: RunId::new(alert.id.uuid()),
            tenant: alert.tenant.clone(),
            playbook: self.playbook.clone(),
            playbook_digest: self.digest.clone(),
            mode: Mode::Auto,
            incident: alert.incident,
            alert: Some(alert.id),
            requested_by: format!("rule {}", alert.rule.title),
            state: RunState::Running,
            note: String::new(),
            started_at: alert.detected_at,
            ended_at: None,
        };
        Context { head, trust: alert.trust, self_caused: false, max_mode: Mode::Auto }
    }

    fn effect(&mut self, act: &Act, incident: &Incident) {
        self.incidents.insert(incident.id, disposition(incident));
        let target = act.action.target.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = EffectName { action: act.action.name.clone(), target };
        if self.effects.len() >= EFFECTS_MAX && !self.effects.contains_key(&name) {
            return add(&mut self.left_out);
        }
        let row = self.effects.entry(name).or_insert_with(|| Row {
            effect: act.action.effect,
            practice: act.action.practice,
            count: 0,
            refused: 0,
            first_at: act.at,
            last_at: act.at,
            incidents: BTreeSet::new(),
            rests_on: BTreeMap::new(),
        });
        add(&mut row.count);
        if act.refused {
            add(&mut row.refused);
        }
        row.first_at = row.first_at.min(act.at);
        row.last_at = row.last_at.max(act.at);
        row.incidents.insert(incident.id);
        add(row.rests_on.entry(act.rests_on.word().to_owned()).or_default());
    }

    /// What it came to.
    pub(super) fn replayed(self) -> Replayed {
        let effects = self.effects.iter().map(|(name, row)| {
            let dispositions = by_disposition(&self.incidents, row.incidents.iter());
            EffectRow {
                action: name.action.clone(),
                target: name.target.clone(),
                effect: row.effect,
                practice: row.practice,
                count: row.count,
                refused: row.refused,
                first_at: row.first_at,
                last_at: row.last_at,
                precision: precision(&dispositions),
                dispositions,
                rests_on: row.rests_on.clone(),
            }
        });
        let effects = effects.collect();
        let dispositions = by_disposition(&self.incidents, self.incidents.keys());
        let stops = self.not_known.into_iter();
        let asks = self.assumed.into_iter();
        let hits = self.guard.hits().iter().map(|(rule, hits)| GuardHits {
            rule: rule.clone(),
            asked: hits.asked,
            held: hits.held,
            refused: hits.refused,
        });
        Replayed {
            number: self.number,
            digest: self.digest,
            matched: self.matched,
            runs: self.runs,
            not_started: self.not_started,
            ended: self.ended,
            not_known: stops.map(|((name, why), count)| NotKnown { name, why, count }).collect(),
            assumed: asks.map(|((step, answer), count)| Assumed { step, answer, count }).collect(),
            effects,
            left_out: self.left_out,
            precision: precision(&dispositions),
            dispositions,
            guard: hits.collect(),
        }
    }
}

fn add(count: &mut u64) {
    *count = count.saturating_add(1);
}

/// The word that JSON has for it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

const fn disposition(incident: &Incident) -> &'static str {
    match incident.disposition {
        None => OPEN,
        Some(Disposition::TruePositive) => TRUE_POSITIVE,
        Some(Disposition::BenignTrigger) => "benign_trigger",
        Some(Disposition::FalsePositive) => "false_positive",
        Some(Disposition::Duplicate) => "duplicate",
    }
}

/// How many of the incidents have which disposition.
fn by_disposition<'i>(
    known: &BTreeMap<IncidentId, &'static str>,
    ids: impl Iterator<Item = &'i IncidentId>,
) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for id in ids {
        let word = known.get(id).copied().unwrap_or(OPEN);
        add(found.entry(word.to_owned()).or_default());
    }
    found
}

const TRUE_POSITIVE: &str = "true_positive";

/// The true positives among those that have a disposition.
fn precision(dispositions: &BTreeMap<String, u64>) -> Share {
    let closed = dispositions.iter().filter(|(word, _)| *word != OPEN).map(|(_, count)| count);
    let good = dispositions.get(TRUE_POSITIVE).copied().unwrap_or_default();
    Share::new(good, closed.sum())
}
