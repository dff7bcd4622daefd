//! Why there is no answer, and what that means to a script.

use reqwest::StatusCode;
use serde_json::Value;

use crate::exit::Exit;

/// Why there is no answer, or not the one that was hoped for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No connection, or none that lasted.
    #[error("cannot reach {url}: {why}; is `stanch serve` running there?")]
    Unreachable { url: String, why: String },
    /// A problem after RFC 9457.
    #[error("{text}")]
    Problem { status: StatusCode, text: String },
    /// An answer of another shape than this build knows.
    #[error("the answer of {url} is not understood ({why}): are server and client of one version?")]
    Answer { url: String, why: String },
}

impl Error {
    /// The exit code; see [`crate::exit::HELP`].
    pub(crate) fn exit(&self) -> Exit {
        let status = match self {
            Self::Unreachable { .. } => return Exit::Unreachable,
            Self::Answer { .. } => return Exit::Internal,
            Self::Problem { status, .. } => *status,
        };
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::NotAllowed,
            StatusCode::NOT_FOUND => Exit::NotFound,
            StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Exit::Conflict,
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNPROCESSABLE_ENTITY => Exit::Usage,
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Exit::Unreachable,
            other if other.is_client_error() => Exit::No,
            _ => Exit::Internal,
        }
    }
}

/// What a problem says, and what could be done about it.
pub(super) fn problem(status: StatusCode, body: &[u8]) -> Error {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    let said = text("detail").or_else(|| text("title")).or(status.canonical_reason());
    let said = said.unwrap_or("the server refused");
    let code = text("code").map(|code| format!(" [{code}]")).unwrap_or_default();
    let hint = match status {
        StatusCode::UNAUTHORIZED => {
            "; set STANCH_TOKEN to a token of `stanch token create --role …`"
        }
        StatusCode::FORBIDDEN => {
            "; the token's role does not reach that far, or it is not yours to say"
        }
        _ => "",
    };
    Error::Problem { status, text: format!("{said}{code} (HTTP {}){hint}", status.as_u16()) }
}

/// The cause at the bottom: what the network said, not what each layer calls it.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_timeout() { format!("no answer in time ({cause})") } else { cause.to_string() }
}
