//! The outbox: what is due is sent, again and again for about a day, and then it is dead.

use std::time::Duration;

use serde_json::json;
use stanch_connector::notice::NoticeError;
use stanch_model::{
    NoticeId, Time,
    notice::{Notice, NoticeState},
    people::Actor,
};
use tokio::task::JoinSet;

use super::Notices;
use crate::{Error, core::audit};

/// How many are sent at the same time.
const AT_ONCE_MAX: u32 = 16;

/// How often one is tried. With the pauses below that is about a day.
const TRIES_MAX: u32 = 16;

/// The pause after the first try; it doubles.
const PAUSE: Duration = Duration::from_secs(15);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(2 * 3_600);

impl Notices {
    /// Sends what is due.
    pub(super) async fn send_due(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let due = self.core.store.read(move |view| view.notices_due(now, AT_ONCE_MAX)).await?;
        let mut sending = JoinSet::new();
        for notice in due {
            let channels = self.channels.clone();
            sending.spawn(async move {
                let sent = channels.send(&notice, now).await;
                (notice, sent)
            });
        }
        while let Some(done) = sending.join_next().await {
            let (notice, sent) =
                done.map_err(|error| Error::Content(format!("sending a notice died: {error}")))?;
            self.settle(notice, sent).await?;
        }
        Ok(())
    }

    async fn settle(&self, notice: Notice, sent: Result<(), NoticeError>) -> Result<(), Error> {
        let now = self.core.clock.now();
        let notice = after(notice, sent, now);
        let is_dead = notice.state == NoticeState::Dead;
        let id = notice.id;
        let written = self.core.store.write(move |tx| {
            tx.move_notice(&notice)?;
            if !is_dead {
                return Ok(());
            }
            tracing::warn!(notice = %notice.id, why = %notice.error, "a notice was not taken");
            let detail = json!({
                "channel": notice.channel, "about": notice.subject, "why": notice.error,
                "tries": notice.tries,
            });
            let what = ("engine", "notice.dead", &*notice.id.to_string());
            audit(tx, &notice.tenant, now, what, detail)
        });
        written.await?;
        self.core.live.tell("notice", id);
        Ok(())
    }

    /// Tries a dead notice again.
    ///
    /// # Errors
    /// No such notice; one that is not dead.
    pub async fn retry(&self, actor: &Actor, id: NoticeId) -> Result<Notice, Error> {
        let now = self.core.clock.now();
        let who = actor.clone();
        let written = self.core.store.write(move |tx| {
            let notice = tx.notice(&who.tenant, id)?;
            if notice.state != NoticeState::Dead {
                let why = format!("notice {id} is not dead");
                return Err(stanch_store::Error::Conflict(why));
            }
            let notice = Notice { state: NoticeState::Waiting, tries: 0, due_at: now, ..notice };
            tx.move_notice(&notice)?;
            audit(tx, &who.tenant, now, (&who.name, "notice.retry", &id.to_string()), json!({}))?;
            Ok(notice)
        });
        Ok(written.await?)
    }
}

/// Where a notice stands after a try.
fn after(notice: Notice, sent: Result<(), NoticeError>, now: Time) -> Notice {
    let tries = notice.tries.saturating_add(1);
    let error = match sent {
        Ok(()) => {
            let (state, sent_at) = (NoticeState::Sent, Some(now));
            return Notice { tries, state, sent_at, error: String::new(), ..notice };
        }
        Err(error) => error,
    };
    let goes_on = error.retry && tries < TRIES_MAX;
    let state = if goes_on { NoticeState::Waiting } else { NoticeState::Dead };
    let pause = PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(PAUSE_MAX);
    Notice { tries, state, due_at: now.plus(pause), error: error.why, ..notice }
}
