//! What a script came to, if it gave no answer.

use stanch_sandbox::{End, Error, Limits, Outcome};

use super::codes;
use crate::outside;

/// `EX_TEMPFAIL` of sysexits(3): a script's word for "nothing done, try again".
const NOTHING_FOR_NOW: i32 = 75;

/// `EX_NOPERM`: "nothing done, and nothing will be".
const NOTHING_FOR_GOOD: i32 = 77;

/// Why a script gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {why}")]
pub struct ScriptError {
    /// `SB0006`, one of [`super::CODES`].
    pub code: &'static str,
    /// In plain words, one line; what the script wrote is quoted in it.
    pub why: String,
    /// Whether it is certain that the script has done nothing.
    pub nothing_done: bool,
    /// Whether the same call may succeed later.
    pub retry: bool,
}

impl ScriptError {
    /// Refused before it began.
    pub(super) fn refused(code: &'static str, why: impl Into<String>) -> Self {
        Self { code, why: why.into(), nothing_done: true, retry: false }
    }

    /// What it needs is not there.
    pub(crate) fn not_started(why: impl Into<String>) -> Self {
        Self::refused(codes::START, why)
    }

    /// It may have done something.
    pub(super) fn unclear(code: &'static str, why: impl Into<String>) -> Self {
        Self { code, why: why.into(), nothing_done: false, retry: false }
    }

    /// What the sandbox says.
    pub(super) fn of_sandbox(error: &Error) -> Self {
        let why = outside::chain(error);
        let code = match error {
            Error::Missing { .. } | Error::Unusable { .. } | Error::NoUser { .. } => codes::LAYER,
            Error::Network { .. } => codes::NETWORK,
            Error::Program { .. } => codes::INTERPRETER,
            Error::Prepare { .. } | Error::Refused { .. } => codes::START,
            Error::Lost(_) => codes::FAILED,
        };
        if error.may_have_begun() { Self::unclear(code, why) } else { Self::refused(code, why) }
    }

    /// An end other than status 0.
    pub(super) fn of_end(outcome: &Outcome, limits: &Limits) -> Self {
        let said = complaint(outcome);
        match outcome.end {
            End::Exited(NOTHING_FOR_NOW) => {
                let why = format!("the script has done nothing for now{said}");
                Self { retry: true, ..Self::refused(codes::FAILED, why) }
            }
            End::Exited(NOTHING_FOR_GOOD) => {
                Self::refused(codes::FAILED, format!("the script has done nothing{said}"))
            }
            End::Exited(_) | End::Signalled(_) => {
                Self::unclear(codes::FAILED, format!("the script {}{said}", outcome.end))
            }
            End::Stopped(limit) => {
                let why = format!("the script was stopped: {}", limit.explain(limits));
                Self::unclear(codes::LIMIT, why)
            }
            End::Cancelled => Self::unclear(codes::FAILED, "the script was cancelled"),
        }
    }
}

/// The last line of standard error: interpreters put the error itself there, below the way to it.
fn complaint(outcome: &Outcome) -> String {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    last.map(|line| format!(": {}", outside::quote(line))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use stanch_sandbox::Limit;

    use super::*;

    #[test]
    fn only_the_script_itself_can_say_that_it_has_done_nothing() {
        let limits = Limits::default();
        for (end, nothing_done, retry) in [
            (End::Exited(75), true, true),
            (End::Exited(77), true, false),
            (End::Exited(1), false, false),
            (End::Signalled(9), false, false),
            (End::Stopped(Limit::Wall), false, false),
            (End::Cancelled, false, false),
        ] {
            let stderr = b"Traceback:\n  x\nKeyError: 'a\x1b[2J'\n\n".to_vec();
            let error = ScriptError::of_end(&Outcome { end, stdout: Vec::new(), stderr }, &limits);
            assert_eq!((error.nothing_done, error.retry), (nothing_done, retry), "{error}");
            let quotes = matches!(end, End::Exited(_) | End::Signalled(_));
            assert_eq!(error.why.ends_with(": KeyError: 'a\\u{1b}[2J'"), quotes, "{error}");
        }
    }
}
