//! One PostgreSQL of a test's own.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::{has, program, scripts};

/// A PostgreSQL server with a folder of its own. It ends with this value or this process, whichever
/// goes first, however it goes.
#[derive(Debug)]
pub struct Postgres {
    script: Child,
    socket: PathBuf,
    port: u16,
    pid: u32,
    programs: PathBuf,
    authority: Option<PathBuf>,
    schemas: AtomicU32,
}

impl Postgres {
    /// Starts one that is reached over its socket; none if PostgreSQL is not installed.
    ///
    /// # Panics
    /// If it does not start; if it is not installed under `CI=true`.
    #[must_use]
    pub fn start(test: &str) -> Option<Self> {
        has(test, &["postgres"]).then(|| Self::launch(None))
    }

    /// Starts one that is reached over TCP as well: by TLS, as user `stanch` with that password.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn start_with_tls(test: &str, password: &str) -> Option<Self> {
        has(test, &["postgres", "openssl"]).then(|| Self::launch(Some(password)))
    }

    /// The one that all tests of this process share; none if PostgreSQL is not installed.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn shared(test: &str) -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(test)).as_ref()
    }

    fn launch(password: Option<&str>) -> Self {
        let mut command = program("bash");
        command.arg(scripts().join("postgres.sh")).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(password) = password {
            command.arg("tls").env("STANCH_PASSWORD", password);
        }
        let mut script = command.spawn().expect("bash starts");
        let stdout = script.stdout.take().expect("invariant: its output is a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("its output can be read");
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut word = || words.next().unwrap_or_else(|| panic!("postgres.sh said `{line}`"));
        Self {
            socket: word().into(),
            port: word().parse().expect("a port"),
            pid: word().parse().expect("a process id"),
            programs: word().into(),
            authority: words.next().map(PathBuf::from),
            script,
            schemas: AtomicU32::new(0),
        }
    }

    /// The address of a new, empty schema.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn schema(&self) -> String {
        let name = format!("test_{}", self.schemas.fetch_add(1, Ordering::Relaxed));
        self.sql(&format!("CREATE SCHEMA {name}"));
        self.address(&name)
    }

    /// The address of a schema.
    #[must_use]
    pub fn address(&self, schema: &str) -> String {
        format!(
            "postgres://stanch@/postgres?host={}&port={}&options=-csearch_path%3D{schema}",
            self.socket.display(),
            self.port
        )
    }

    /// Runs SQL as the superuser, and gives what it prints, one row a line, columns with `|` between.
    ///
    /// # Panics
    /// If it fails.
    pub fn sql(&self, sql: &str) -> String {
        let run = program(self.programs.join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "stanch",
                "-d",
                "postgres",
            ])
            .args(["-h", &self.socket.display().to_string(), "-p", &self.port.to_string()])
            .args(["-c", sql])
            .output()
            .expect("psql starts");
        assert!(run.status.success(), "{sql}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8_lossy(&run.stdout).trim_end().to_owned()
    }

    /// The folder that holds its socket and its data.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.socket
    }

    /// The port, where there is one.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its first process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The certificate authority of its certificate.
    #[must_use]
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The end of its input is what the script waits for.
        drop(self.script.stdin.take());
        // It has nothing more to say.
        self.script.wait().ok();
    }
}
