//! What there is to tell: read off the audit, and off the clock for what is about to lapse.

use std::time::Duration;

use stanch_model::{TenantId, Time, audit::AuditEntry, guard::ApprovalState, people::Role};
use stanch_store::{Error as StoreError, QuestionState, View};

use super::{
    Notices,
    write::{self, News},
};
use crate::{Error, people::votes::able};

/// The place in the audit up to which everything was told.
const BOOKMARK: &str = "notices";

/// How many audit entries are read at once.
const STRIDE: u32 = 200;

/// A question is said to lapse when a quarter of its time is left, and not sooner than this before.
const AHEAD_MAX: Duration = Duration::from_secs(15 * 60);

impl Notices {
    /// Without a channel nothing is told, and what happens meanwhile is not told later either.
    pub(super) async fn forget(&self) -> Result<(), Error> {
        let known = self.core.store.read(|view| view.bookmark(BOOKMARK)).await?;
        if known.is_some_and(|known| !known.is_empty()) {
            self.core.store.write(|tx| tx.set_bookmark(BOOKMARK, "")).await?;
        }
        Ok(())
    }

    /// Writes the notices of what happened since the last look.
    pub(super) async fn follow(&self) -> Result<(), Error> {
        loop {
            let (ways, now) = (self.channels.ways(), self.core.clock.now());
            let written = self.core.store.write(move |tx| {
                let known = tx.bookmark(BOOKMARK)?.and_then(|text| text.parse::<u64>().ok());
                let Some(after) = known else {
                    let (head, _) = tx.audit_head()?;
                    tx.set_bookmark(BOOKMARK, &head.to_string())?;
                    return Ok(false);
                };
                let entries = tx.audit(after, STRIDE)?;
                let Some(last) = entries.last().map(|entry| entry.sequence) else {
                    return Ok(false);
                };
                for entry in &entries {
                    if let Some(news) = news(tx, entry, now)? {
                        write::write(tx, &news, &ways, now)?;
                    }
                }
                tx.set_bookmark(BOOKMARK, &last.to_string())?;
                Ok(true)
            });
            if !written.await? {
                return Ok(());
            }
        }
    }

    /// Writes the notices of what is about to lapse.
    pub(super) async fn look_ahead(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let read = self.core.store.read(move |view| view.lapsing(now.plus(AHEAD_MAX)));
        let (approvals, questions) = read.await?;
        let soon =
            |asked: Time, lapses: Time| now < lapses && lapses <= now.plus(ahead(asked, lapses));
        let approvals: Vec<_> = approvals
            .into_iter()
            .filter(|a| a.alone_until.is_none())
            .filter(|a| soon(a.escalated_at.unwrap_or(a.asked_at), a.expires_at))
            .collect();
        let questions: Vec<_> =
            questions.into_iter().filter(|q| soon(q.asked_at, q.expires_at)).collect();
        if approvals.is_empty() && questions.is_empty() {
            return Ok(());
        }
        let ways = self.channels.ways();
        let written = self.core.store.write(move |tx| {
            for approval in &approvals {
                let people = write::asked(tx, approval, now)?;
                let left =
                    people.into_iter().filter(|name| !approval.votes.iter().any(|v| v.is_of(name)));
                write::write(tx, &News::lapsing(approval, left.collect()), &ways, now)?;
            }
            for question in &questions {
                let people = able(tx, &question.tenant)?;
                write::write(tx, &News::question_lapsing(question, people), &ways, now)?;
            }
            Ok(())
        });
        Ok(written.await?)
    }
}

/// How long before it lapses a question is said to.
fn ahead(asked: Time, lapses: Time) -> Duration {
    let micros = lapses.micros().saturating_sub(asked.micros()).max(0).unsigned_abs();
    Duration::from_micros(micros / 4).min(AHEAD_MAX)
}

/// What an audit entry means to people; none if nothing, or if it is over by now.
fn news(view: &View<'_>, entry: &AuditEntry, now: Time) -> Result<Option<News>, StoreError> {
    let tenant = &entry.tenant;
    Ok(match entry.verb.as_str() {
        "approval.ask" | "approval.escalate" | "approval.alone" => {
            let Ok(id) = entry.subject.parse() else { return Ok(None) };
            let approval = view.approval(tenant, id)?;
            if approval.state != ApprovalState::Waiting {
                return Ok(None);
            }
            Some(match entry.verb.as_str() {
                "approval.ask" => News::asked(&approval, write::asked(view, &approval, now)?),
                "approval.escalate" => News::escalated(&approval),
                _ => News::alone(&approval, admins(view, tenant)?),
            })
        }
        "question.ask" => {
            let question = view.question(tenant, &entry.subject)?;
            let waits = question.state == QuestionState::Waiting;
            let people = able(view, tenant)?;
            waits.then(|| News::question(&question, people))
        }
        "action.unknown" => Some(News::unknown(entry, able(view, tenant)?)),
        "proposal.make" => {
            let Ok(id) = entry.subject.parse() else { return Ok(None) };
            let proposal = view.proposal(tenant, id)?;
            let people = able(view, tenant)?;
            proposal.state.is_open().then(|| News::proposed(&proposal, people))
        }
        _ => None,
    })
}

fn admins(
    view: &View<'_>,
    tenant: &TenantId,
) -> Result<std::collections::BTreeSet<String>, StoreError> {
    let people = view.people(tenant)?.into_iter();
    Ok(people.filter(|user| user.role == Role::Admin).map(|user| user.name).collect())
}
