//! Options, the handle, and serving until told to stop.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use stanch_model::Time;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    acts::Act,
    clock::Clock,
    desk::Desk,
    failures::Failures,
    http,
    wire::{Exchange, Line},
};

/// How long open connections may take to end after the call to stop; slow drips take longer.
const GRACE: Duration = Duration::from_secs(2);

/// How a lab is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of `acts.ndjson` and `hosts.ndjson`; nothing is kept over a restart without one.
    pub data: Option<PathBuf>,
    /// Bearer token that callers must send; none is asked for without one.
    pub token: Option<String>,
    /// Whether hosts, accounts and messages that nobody knows come into being when asked for, so
    /// that a demonstration works with any log.
    pub auto_enrol: bool,
    /// How long isolation and release take from being accepted to being effective.
    pub effect_delay: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { data: None, token: None, auto_enrol: false, effect_delay: Duration::from_secs(1) }
    }
}

/// A running lab, cheap to clone.
#[derive(Clone)]
pub struct Lab(Arc<Inner>);

struct Inner {
    token: Option<String>,
    clock: Clock,
    desk: Mutex<Desk>,
    failures: Mutex<Failures>,
}

impl Lab {
    /// Opens the lab and rebuilds its state from `options.data`.
    ///
    /// # Errors
    /// A data folder that cannot be read or written, or that holds another program's files.
    pub fn open(options: Options, clock: Clock) -> io::Result<Self> {
        let Options { data, token, auto_enrol, effect_delay } = options;
        let desk = Desk::open(data.as_deref(), auto_enrol, effect_delay)?;
        Ok(Self(Arc::new(Inner {
            token,
            clock,
            desk: Mutex::new(desk),
            failures: Mutex::default(),
        })))
    }

    /// Serves plain HTTP until `shutdown` ends, then gives open connections two seconds.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let (stop, mut stopped) = watch::channel(false);
        let service = http::router(self).into_make_service_with_connect_info::<Line>();
        let server = axum::serve(Exchange(listener), service).with_graceful_shutdown(async move {
            shutdown.await;
            stop.send_replace(true);
        });
        let out_of_time = async move {
            if stopped.wait_for(|stopped| *stopped).await.is_ok() {
                tokio::time::sleep(GRACE).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            result = server => result,
            () = out_of_time => Ok(()),
        }
    }

    /// Everything that was asked of the lab so far, in order.
    #[must_use]
    pub fn acts(&self) -> Vec<Act> {
        self.desk().acts().to_vec()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.0.token.as_deref()
    }

    pub(crate) fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works at the desk, off the threads that serve connections, for it writes to disk.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk, Time) -> T + Send + 'static,
    ) -> T {
        let lab = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let mut desk = lab.desk();
            let now = lab.0.clock.now();
            work(&mut desk, now)
        });
        task.await.expect("invariant: desk work does not panic and is not cancelled")
    }
}

/// Opens a lab with the machine's clock and serves it until `shutdown` ends.
///
/// # Errors
/// Those of [`Lab::open`] and [`Lab::serve`].
pub async fn serve(
    listener: TcpListener,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    Lab::open(options, Clock::system())?.serve(listener, shutdown).await
}
