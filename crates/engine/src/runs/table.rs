//! The table of drivers: at most one a run, made when something happens to it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use stanch_model::{ApprovalId, RunId, TenantId, manifest::Catalog, plan::StepKey};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{CrashPoint, Playbooks, driver::Driver};
use crate::{Error, acting::Acting, core::Core};

/// How many messages one run may have waiting.
const MAILBOX: usize = 64;

/// How long a run waits before a full disk is tried again.
const FULL_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// What happens to a run from outside.
#[derive(Clone, Debug)]
pub enum Message {
    /// Look at the journal and go on.
    Wake,
    /// People decided, or the question lapsed.
    Answered {
        /// The question.
        approval: ApprovalId,
    },
    /// Somebody, or the lapse of time, answered an `ask` step.
    QuestionAnswered {
        /// The step.
        key: StepKey,
        /// The answer.
        answer: String,
        /// Who.
        by: String,
    },
    /// A timer is due.
    TimerFired {
        /// The step.
        key: StepKey,
    },
    /// A person found out what became of an act.
    Resolved {
        /// The step.
        key: StepKey,
        /// Whether it happened.
        happened: bool,
        /// Who.
        by: String,
    },
    /// A person stops the run.
    Cancelled {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

/// What drivers need.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) core: Core,
    pub(super) acting: Acting,
    pub(super) catalog: Arc<Catalog>,
    pub(super) playbooks: Arc<Playbooks>,
    pub(super) shutdown: CancellationToken,
    pub(super) crash: Option<CrashPoint>,
    tasks: TaskTracker,
    mailboxes: Mutex<BTreeMap<RunId, mpsc::Sender<Message>>>,
}

/// The runs stage. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runs {
    pub(super) shared: Arc<Shared>,
}

impl Runs {
    /// The stage; drivers live in `tasks` and end with `shutdown`.
    #[must_use]
    pub fn new(
        core: Core,
        acting: Acting,
        catalog: Arc<Catalog>,
        playbooks: Arc<Playbooks>,
        tasks: TaskTracker,
        shutdown: CancellationToken,
        crash: Option<CrashPoint>,
    ) -> Self {
        let mailboxes = Mutex::new(BTreeMap::new());
        Self {
            shared: Arc::new(Shared {
                core,
                acting,
                catalog,
                playbooks,
                shutdown,
                crash,
                tasks,
                mailboxes,
            }),
        }
    }

    /// The playbooks.
    #[must_use]
    pub fn playbooks(&self) -> &Playbooks {
        &self.shared.playbooks
    }

    /// Takes up a run whose first record was just written.
    pub async fn begin(&self, tenant: &TenantId, run: RunId) {
        if let Some(crash) = &self.shared.crash {
            crash.passed(["started"]);
        }
        self.wake(tenant, run).await;
    }

    /// Goes on with a run that was written or left.
    pub async fn wake(&self, tenant: &TenantId, run: RunId) {
        self.send(tenant, run, Message::Wake).await;
    }

    /// Wakes every run that has not ended: after a restart.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn wake_all(&self) -> Result<usize, Error> {
        let open = self.shared.core.store.read(|view| view.open_runs()).await?;
        let count = open.len();
        for head in open {
            self.wake(&head.tenant, head.id).await;
        }
        Ok(count)
    }

    /// Gives a run a message, starting a driver if it has none.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the table.
    pub async fn send(&self, tenant: &TenantId, run: RunId, message: Message) {
        let mut message = message;
        loop {
            match self.post(tenant, run, message) {
                Ok(()) => return,
                Err((back, full)) => {
                    message = back;
                    // Room, or the driver's end; either way the next try tells.
                    drop(full.reserve().await);
                }
            }
        }
    }

    /// Puts a message into the mailbox of the run's one driver, which is started if there is none;
    /// gives it back if the mailbox is full.
    ///
    /// Under the lock from the look-up to the post: a message that came in while the driver leaves
    /// would be lost with its mailbox.
    fn post(
        &self,
        tenant: &TenantId,
        run: RunId,
        message: Message,
    ) -> Result<(), (Message, mpsc::Sender<Message>)> {
        let mut mailboxes = self.shared.mailboxes.lock().expect("invariant: no panic in table");
        let sender = mailboxes.entry(run).or_insert_with(|| self.start(tenant.clone(), run));
        match sender.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(message)) => Err((message, sender.clone())),
            Err(TrySendError::Closed(message)) => {
                // It failed, and left its mailbox behind.
                *sender = self.start(tenant.clone(), run);
                sender.try_send(message).map_err(|back| (back.into_inner(), sender.clone()))
            }
        }
    }

    fn start(&self, tenant: TenantId, run: RunId) -> mpsc::Sender<Message> {
        let (sender, mailbox) = mpsc::channel(MAILBOX);
        let runs = self.clone();
        self.shared.tasks.spawn(async move {
            let driver = Driver::new(runs.clone(), tenant.clone(), run, mailbox);
            match driver.drive().await {
                Ok(()) => {}
                Err(Error::Full) => {
                    tracing::error!(%run, "the disk is full: the run waits for space");
                    tokio::time::sleep(FULL_PAUSE).await;
                    runs.wake_later(tenant, run);
                }
                Err(error) => {
                    tracing::error!(%run, %error, "a run stands still; it is taken up at the next message or start");
                }
            }
        });
        sender
    }

    /// Wakes a run from another task, so that its driver's own task can end.
    fn wake_later(self, tenant: TenantId, run: RunId) {
        let tasks = self.shared.tasks.clone();
        tasks.spawn(async move { self.wake(&tenant, run).await });
    }

    /// Takes the driver off the table, unless a message came in meanwhile.
    pub(super) fn leave(&self, run: RunId, mailbox: &mut mpsc::Receiver<Message>) -> bool {
        let mut mailboxes = self.shared.mailboxes.lock().expect("invariant: no panic in table");
        if !mailbox.is_empty() {
            return false;
        }
        mailbox.close();
        mailboxes.remove(&run);
        true
    }
}
