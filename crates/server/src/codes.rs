//! The codes that problems carry (RFC 9457): one table, for the handlers' tests and docs/reference/codes.md.

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `AP0001`.
    pub code: &'static str,
    /// The HTTP status that goes with it.
    pub status: u16,
    /// In a few words; `title` of the problem.
    pub title: &'static str,
    /// What whoever called can do.
    pub help: &'static str,
}

const fn code(code: &'static str, status: u16, title: &'static str, help: &'static str) -> Code {
    Code { code, status, title, help }
}

/// All codes, in order.
pub const CODES: &[Code] = &[
    code("AP0001", 401, "not signed in", "Sign in, or send `Authorization: Bearer TOKEN`."),
    code(
        "AP0002",
        403,
        "not allowed",
        "Ask somebody with the role or token that the detail names.",
    ),
    code("AP0003", 404, "not found", "Look for the id or name in the list."),
    code("AP0004", 422, "cannot be used", "Mend the request as the detail says."),
    code("AP0005", 409, "conflict", "Read the thing again: it changed, or was answered meanwhile."),
    code(
        "AP0006",
        507,
        "disk full",
        "Free space on the server, then send it again; nothing was taken.",
    ),
    code(
        "AP0008",
        503,
        "storage failed",
        "Restart the server: it recovers at its start. Nothing is acknowledged until then.",
    ),
    code("AP0009", 500, "internal error", "Read the server's log, which has the cause."),
    code("AP0010", 415, "unknown kind of body", "Send NDJSON, JSON or plain text."),
    code("AP0011", 413, "too large", "Send it in parts."),
    code("AP0012", 415, "unknown encoding", "Send it as it is, or with gzip."),
    code("AP0013", 405, "wrong method", "Use a method that the header `Allow` names."),
    code(
        "AP0014",
        429,
        "too many tries",
        "Wait as `Retry-After` says; if it was not you, the audit lists the tries as `session.refuse`.",
    ),
];
