//! Backtest: what a playbook would have done to the alerts of the past, and in what another version of it differs.
//!
//! The alerts that the trigger holds for go through the same run machine as in earnest, the oldest first, as triage would
//! have started runs for them: once an hour for the same, and so many an hour. The machine's driver is
//! `stanch_playbook::backtest`. The alert is taken as it stands in the store now, with how often it was seen since.
//!
//! Nothing is acted on and nothing is written. Runs are replayed one after the other; an act that a run makes
//! after a wait is counted against budgets at its own moment, but only in what is replayed after it.

mod history;
mod tally;
mod view;

use std::{sync::Arc, time::Duration};

use stanch_model::{TenantId, duration};
use stanch_playbook::{ast::TriggerKind, backtest::Replayer};
use stanch_store::AlertPlace;
use tokio::sync::Semaphore;

pub use self::view::{
    Assumed, Backtest, Difference, EffectName, EffectRow, GuardHits, NotKnown, Replayed,
};
use self::{
    history::{History, Page},
    tally::Tally,
};
use crate::{
    Error,
    acting::{Acting, Hindsight},
    core::Core,
    runs::{Loaded, Versions, published},
};

/// How many alerts one backtest looks at, if nobody says.
const ALERTS: u32 = 10_000;

/// How many alerts one backtest looks at, at the most.
const ALERTS_MAX: u32 = 100_000;

/// How far one looks back, at the most.
const SINCE_MAX: Duration = Duration::from_secs(3_660 * 86_400);

/// What was assumed, in plain words.
const ASSUMPTIONS: &[&str] = &[
    "people say yes: to approvals, and to questions with the option `yes`, else with the first one",
    "acts succeed and are seen, and waits pass at once",
    "the kill switch is off, the mode is auto, and the guard decides by the policy in force now",
    "against budgets count the acts of this backtest alone",
    "an alert is as the store has it now, with how often it was seen since",
];

/// What to replay.
#[derive(Clone, Debug)]
pub struct BacktestOptions {
    /// How far to look back.
    pub since: Duration,
    /// How many alerts to look at, the newest ones; 10,000 if absent, 100,000 at the most.
    pub limit: Option<u32>,
    /// The version to hold the one in force against.
    pub against: Option<u32>,
}

/// Backtests, one at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backtests(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    core: Core,
    acting: Acting,
    versions: Versions,
    turn: Semaphore,
}

impl Backtests {
    /// Over what is in force.
    #[must_use]
    pub fn new(core: Core, acting: Acting, versions: Versions) -> Self {
        Self(Arc::new(Inner { core, acting, versions, turn: Semaphore::new(1) }))
    }

    /// Replays what happened since then with the version of a playbook that is in force, and with another one.
    ///
    /// # Errors
    /// No such playbook or version; one that alerts do not start, or that lacks a binding; [`Error::Refused`] for a
    /// version that does not load here any more; [`Error::Conflict`] while another backtest is under way; a store
    /// that cannot be read.
    pub async fn backtest(
        &self,
        tenant: &TenantId,
        playbook: &str,
        options: &BacktestOptions,
    ) -> Result<Backtest, Error> {
        let limit = checked(options)?;
        let loaded = self
            .0
            .versions
            .shelved(playbook)
            .ok_or_else(|| Error::NotFound(format!("no playbook `{playbook}`")))?;
        let mut versions = vec![(self.number_of(tenant, &loaded).await?, loaded)];
        if let Some(number) = options.against {
            let other = self.kept(tenant, playbook, number).await?;
            versions.push((Some(number), Arc::new(other)));
        }
        let tallies = versions.iter().map(|(number, loaded)| self.tally(*number, loaded));
        let tallies = tallies.collect::<Result<Vec<_>, _>>()?;
        let busy =
            |_| Error::Conflict("another backtest is under way: wait for its end".to_owned());
        let _turn = self.0.turn.try_acquire().map_err(busy)?;
        let until = self.0.core.clock.now();
        let since = until.minus(options.since);
        let versions = versions.into_iter().map(|(_, loaded)| loaded).collect();
        let history = History { tenant: tenant.clone(), until, versions };
        let begin = history.clone();
        let read = self.0.core.store.read(move |view| begin.begin(view, since, limit));
        let (alerts, place) = read.await?;
        let (looked_at, tallies) = self.replay(&history, place, tallies).await?;
        let mut replayed = tallies.into_iter().map(Tally::replayed);
        let version = replayed.next().expect("invariant: the version in force is replayed");
        let against = replayed.next();
        Ok(Backtest {
            playbook: playbook.to_owned(),
            since,
            until,
            alerts,
            looked_at,
            limit,
            assumptions: ASSUMPTIONS.iter().map(|text| (*text).to_owned()).collect(),
            difference: against.as_ref().map(|against| difference(&version, against)),
            version,
            against,
        })
    }

    async fn replay(
        &self,
        history: &History,
        begins: AlertPlace,
        mut tallies: Vec<Tally>,
    ) -> Result<(u64, Vec<Tally>), Error> {
        let (mut looked_at, mut place) = (0_u64, Some(begins));
        while let Some(at) = place {
            let pages = history.clone();
            let page = self.0.core.store.read(move |view| pages.page(view, at)).await?;
            looked_at = looked_at.saturating_add(page.looked_at);
            place = page.next;
            // Not on a thread that others wait for.
            let done = tokio::task::spawn_blocking(move || take(tallies, &page));
            tallies =
                done.await.map_err(|died| Error::Content(format!("a backtest died: {died}")))?;
        }
        Ok((looked_at, tallies))
    }

    fn tally(&self, number: Option<u32>, loaded: &Loaded) -> Result<Tally, Error> {
        let name = loaded.name();
        match loaded.playbook().on.as_ref().map(|on| &on.kind) {
            Some(TriggerKind::Alert(_)) => {}
            _ => {
                let number =
                    number.map(|number| format!("version {number} of ")).unwrap_or_default();
                let why = format!(
                    "{number}playbook `{name}` is not started by alerts: there is \
                    nothing to replay"
                );
                return Err(Error::Invalid(why));
            }
        }
        let graph = loaded.graph().map_err(|error| Error::Conflict(error.to_string()))?;
        let replayer = Replayer::new(Arc::clone(graph), self.0.versions.called());
        Ok(Tally::new(number, loaded, replayer, Hindsight::new(self.0.acting.clone())))
    }

    /// Which version is in force.
    async fn number_of(&self, tenant: &TenantId, loaded: &Loaded) -> Result<Option<u32>, Error> {
        let (tenant, name) = (tenant.clone(), loaded.name().to_owned());
        let read = self.0.core.store.read(move |view| published(view, &tenant, &name));
        let version = read.await?.filter(|version| version.digest == loaded.digest());
        Ok(version.map(|version| version.number))
    }

    async fn kept(&self, tenant: &TenantId, playbook: &str, number: u32) -> Result<Loaded, Error> {
        let (tenant, name) = (tenant.clone(), playbook.to_owned());
        let read = self.0.core.store.read(move |view| {
            let version = view.version(&tenant, &name, number)?;
            Ok(view.playbook_version(&version.digest)?.text)
        });
        let (loaded, _) = self.0.versions.load(&read.await?).map_err(Error::Refused)?;
        Ok(loaded)
    }
}

/// How many alerts to look at.
fn checked(options: &BacktestOptions) -> Result<u32, Error> {
    let BacktestOptions { since, limit, .. } = options;
    if since.is_zero() || *since > SINCE_MAX {
        let most = duration::format(SINCE_MAX);
        return Err(Error::Invalid(format!("`since` is more than nothing and at most {most}")));
    }
    let limit = limit.unwrap_or(ALERTS);
    if limit == 0 || limit > ALERTS_MAX {
        return Err(Error::Invalid(format!("`limit` is from 1 to {ALERTS_MAX} alerts")));
    }
    Ok(limit)
}

fn take(mut tallies: Vec<Tally>, page: &Page) -> Vec<Tally> {
    for (past, wanted) in &page.found {
        for (tally, wanted) in tallies.iter_mut().zip(wanted) {
            if *wanted {
                tally.take(past);
            }
        }
    }
    tallies
}

fn difference(version: &Replayed, against: &Replayed) -> Difference {
    let names = |of: &Replayed| -> std::collections::BTreeSet<EffectName> {
        let name =
            |row: &EffectRow| EffectName { action: row.action.clone(), target: row.target.clone() };
        of.effects.iter().map(name).collect()
    };
    let (ours, theirs) = (names(version), names(against));
    Difference {
        only_version: ours.difference(&theirs).cloned().collect(),
        only_against: theirs.difference(&ours).cloned().collect(),
        both: u64::try_from(ours.intersection(&theirs).count()).unwrap_or(u64::MAX),
    }
}
