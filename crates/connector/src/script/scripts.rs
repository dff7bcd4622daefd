//! Running scripts: one sandbox for all of them, and only so many at a time.

use std::{fmt, path::PathBuf, sync::Arc};

use serde_json::Value;
use stanch_model::manifest::Interpreter;
use stanch_sandbox::{
    End, Launcher, Layer, Limits, Network, Outcome, Sandbox, Spec, StopSignal, stop,
};
use tokio::sync::{OnceCell, Semaphore};

use super::{
    Grant, Interpreters, ScriptError, Status, codes,
    grant::GRANTS_MAX,
    interpreters,
    proxy::{self, Proxy},
};
use crate::{
    egress::{Resolve, SystemResolver},
    outside,
};

/// Scripts that run at the same time; others wait for their turn.
const AT_ONCE: usize = 8;

/// How scripts are run on this host.
#[derive(Clone, Debug)]
pub struct Options {
    /// How `sandbox-exec` is started.
    pub launcher: Launcher,
    /// Where temporary folders are made; other users must be able to pass it.
    pub scratch: PathBuf,
    /// What can be run.
    pub interpreters: Interpreters,
}

/// One script and what it gets.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// What it is written in.
    pub interpreter: Interpreter,
    /// Its text. Nothing is filled in.
    pub code: &'a str,
    /// What it reads from standard input.
    pub input: &'a Value,
    /// `HOST:PORT` of everything that it can reach.
    pub network: &'a [String],
    /// Whether those may be private, loopback and link-local addresses.
    pub allow_private: bool,
    /// Whether it must not run without bubblewrap.
    pub needs_bubblewrap: bool,
    /// When it is stopped.
    pub limits: Limits,
}

impl<'a> Script<'a> {
    /// A script that reaches nobody, with the usual limits.
    #[must_use]
    pub fn new(interpreter: Interpreter, code: &'a str, input: &'a Value) -> Self {
        let limits = Limits::default();
        Self {
            interpreter,
            code,
            input,
            network: &[],
            allow_private: false,
            needs_bubblewrap: false,
            limits,
        }
    }
}

/// Runs scripts. Cheap to clone.
#[derive(Clone)]
pub struct Scripts(Option<Arc<Parts>>);

struct Parts {
    options: Options,
    resolver: Arc<dyn Resolve>,
    sandbox: OnceCell<Sandbox>,
    turns: Semaphore,
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scripts").field(&self.0.as_ref().map(|parts| &parts.options)).finish()
    }
}

impl Scripts {
    /// Scripts as `options` say. What the host has is found out when it is first needed.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self::with_resolver(options, Arc::new(SystemResolver))
    }

    /// The same with a resolver of the caller's for the names that scripts are granted.
    #[must_use]
    pub fn with_resolver(options: Options, resolver: Arc<dyn Resolve>) -> Self {
        let (sandbox, turns) = (OnceCell::new(), Semaphore::new(AT_ONCE));
        Self(Some(Arc::new(Parts { options, resolver, sandbox, turns })))
    }

    /// No scripts: each is refused.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// What this host has.
    ///
    /// # Errors
    /// No sandbox was set up, or it has no place for its folders.
    pub async fn status(&self) -> Result<Status, ScriptError> {
        let parts = self.parts()?;
        let found = &parts.options.interpreters;
        let of = |interpreter| (interpreter, found.of(interpreter).map(std::path::Path::to_owned));
        let interpreters = Interpreter::ALL.into_iter().map(of).collect();
        Ok(Status { layers: parts.sandbox().await?.layers().clone(), interpreters })
    }

    /// Runs a script until it has answered, and gives back its answer, which is an object. A caller that
    /// stops waiting ends the script.
    ///
    /// # Errors
    /// See [`ScriptError`]; [`ScriptError::nothing_done`] says whether it is certain that nothing happened.
    #[tracing::instrument(
        name = "connector.script",
        skip_all,
        fields(interpreter = script.interpreter.word())
    )]
    pub async fn run(&self, script: Script<'_>) -> Result<Value, ScriptError> {
        let parts = self.parts()?;
        let grants = grants(script.network)?;
        let program = parts.options.interpreters.of(script.interpreter);
        let program = program.map_err(|why| ScriptError::refused(codes::INTERPRETER, why))?;
        let start = interpreters::start(script.interpreter, program, script.code, &script.limits);
        let mut spec = Spec {
            program: program.to_owned(),
            arguments: start.arguments,
            file: Some(start.file),
            stdin: script.input.to_string().into_bytes(),
            environment: start.environment,
            read_only: start.read_only,
            network: Network::None,
            limits: script.limits,
            requires: if script.needs_bubblewrap { vec![Layer::Bubblewrap] } else { Vec::new() },
        };
        let sandbox = parts.sandbox().await?.clone();
        let closed = |error| ScriptError::refused(codes::START, format!("{error}"));
        let _turn = parts.turns.acquire().await.map_err(closed)?;
        if grants.is_empty() {
            return judge(&run(sandbox, spec).await?, &script.limits);
        }
        let (door, behind) = proxy::door();
        spec.network = Network::Door(door);
        spec.environment.extend(proxy::environment());
        let proxy = Proxy {
            grants,
            allow_private: script.allow_private,
            resolver: Arc::clone(&parts.resolver),
        };
        let outcome = tokio::select! {
            outcome = run(sandbox, spec) => outcome?,
            never = proxy.serve(behind) => match never {},
        };
        judge(&outcome, &script.limits)
    }

    fn parts(&self) -> Result<&Parts, ScriptError> {
        let none = || ScriptError::refused(codes::NONE, "scripts are not run here");
        self.0.as_deref().ok_or_else(none)
    }
}

impl Parts {
    /// The sandbox of this host, made once.
    async fn sandbox(&self) -> Result<&Sandbox, ScriptError> {
        let open = || async {
            let options = stanch_sandbox::Options {
                launcher: self.options.launcher.clone(),
                scratch: self.options.scratch.clone(),
            };
            let opened = tokio::task::spawn_blocking(move || Sandbox::open(&options)).await;
            let opened =
                opened.map_err(|error| ScriptError::refused(codes::START, error.to_string()))?;
            opened.map_err(|error| ScriptError::of_sandbox(&error))
        };
        self.sandbox.get_or_try_init(open).await
    }
}

/// Runs on a thread of its own. If this is not waited for to the end, the handle is dropped, and the
/// program ends.
async fn run(sandbox: Sandbox, spec: Spec) -> Result<Outcome, ScriptError> {
    let (_handle, signal): (_, StopSignal) =
        stop().map_err(|error| ScriptError::refused(codes::START, error.to_string()))?;
    let ran = tokio::task::spawn_blocking(move || sandbox.run(spec, &signal)).await;
    let ran = ran.map_err(|error| ScriptError::unclear(codes::FAILED, error.to_string()))?;
    ran.map_err(|error| ScriptError::of_sandbox(&error))
}

fn grants(network: &[String]) -> Result<Vec<Grant>, ScriptError> {
    if network.len() > GRANTS_MAX {
        let why = format!("a script can reach {GRANTS_MAX} hosts at most");
        return Err(ScriptError::refused(codes::GRANT, why));
    }
    let read =
        |host: &String| Grant::parse(host).map_err(|why| ScriptError::refused(codes::GRANT, why));
    network.iter().map(read).collect()
}

/// Status 0 and one JSON object, or why not.
fn judge(outcome: &Outcome, limits: &Limits) -> Result<Value, ScriptError> {
    if outcome.end != End::Exited(0) {
        return Err(ScriptError::of_end(outcome, limits));
    }
    let begins = || {
        let text = String::from_utf8_lossy(&outcome.stdout);
        let line = outside::quote(&text);
        if line.is_empty() { "it is empty".to_owned() } else { format!("it begins `{line}`") }
    };
    match serde_json::from_slice(&outcome.stdout) {
        Ok(answer @ Value::Object(_)) => Ok(answer),
        Ok(_) => {
            let why = format!("the output is JSON, but no object: {}", begins());
            Err(ScriptError::unclear(codes::OUTPUT, why))
        }
        Err(error) => {
            let why = format!("the output is no JSON ({error}): {}", begins());
            Err(ScriptError::unclear(codes::OUTPUT, why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(stdout: &str) -> Outcome {
        let stdout = stdout.as_bytes().to_owned();
        Outcome { end: End::Exited(0), stdout, stderr: Vec::new() }
    }

    #[test]
    fn an_answer_is_one_json_object() {
        let limits = Limits::default();
        let answer = judge(&ended(" {\"a\": 1}\n"), &limits).unwrap();
        assert_eq!(answer, serde_json::json!({ "a": 1 }));
        for (stdout, quoted) in [
            ("", "it is empty"),
            ("\n \n", "it is empty"),
            ("[1]", "no object: it begins `[1]`"),
            ("{} {}", "it begins `{} {}`"),
            ("evil\u{1b}[2J\u{202e}\nsecond", "it begins `evil\\u{1b}[2J\\u{202e}`"),
            (&"[".repeat(200_000), "it begins `["),
        ] {
            let error = judge(&ended(stdout), &limits).unwrap_err();
            assert_eq!((error.code, error.nothing_done), ("SB0008", false));
            assert!(error.why.contains(quoted), "{error}");
            assert!(error.why.lines().count() == 1 && error.why.len() < 1000, "{error}");
        }
    }

    #[tokio::test]
    async fn what_is_not_set_up_is_refused() {
        let input = Value::Null;
        let script = Script::new(Interpreter::Bash, "echo {}", &input);
        let error = Scripts::none().run(script).await.unwrap_err();
        assert_eq!((error.code, error.nothing_done), ("SB0009", true));
        assert!(Scripts::none().status().await.is_err());
    }
}
