//! How a target is asked, transport by transport.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One request to a target. Texts may hold `${{ CEL }}` over `input`, `config`, `key`
/// (idempotency key), `ttl_seconds` (of the expiry, 0 if none) and, in `probe`, `verify` and
/// `undo`, `output` of the act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Call {
    /// An HTTP request below the instance's `base_url`.
    Http(HttpCall),
    /// A command: an argument vector, never a shell line. An argument that renders empty is kept.
    Ssh(Vec<String>),
    /// A search or a change in a directory.
    Ldap(LdapCall),
    /// A search or a move in a mailbox.
    Imap(ImapCall),
    /// A mail. It is no question, so it can neither look up nor verify.
    Smtp(SmtpCall),
    /// A log line. It is no question either.
    Syslog(SyslogCall),
    /// A script. It is never filled in: it reads `input`, `config`, `key` and so on from standard input.
    Script(ScriptCall),
    /// A function of the engine.
    Builtin(String),
}

/// A request that an HTTP call begins with: a question, or a preparation that means nothing by
/// itself (an attachment that no ticket names yet). What it answers is `first[N]` in the texts after
/// it: `status`, `body`, `etag`, `location`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpFirst {
    /// `GET` if absent.
    #[serde(default = "get")]
    pub method: String,
    /// As [`HttpCall::path`].
    pub path: String,
    /// As [`HttpCall::headers`].
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// As [`HttpCall::body`].
    #[serde(default)]
    pub body: Option<Value>,
    /// Status codes that are an answer; 2xx if empty.
    #[serde(default)]
    pub accept: Vec<u16>,
}

/// What a script is written in.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Interpreter {
    /// Python 3.
    Python,
    /// Bash.
    Bash,
    /// PowerShell 7 or newer.
    Powershell,
}

impl Interpreter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Python, Self::Bash, Self::Powershell];

    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Bash => "bash",
            Self::Powershell => "powershell",
        }
    }
}

/// A layer of the sandbox that not every host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScriptLayer {
    /// Namespaces: no other process, no other file system and no network interface is there at all.
    Bubblewrap,
}

/// A script: JSON in, a JSON object out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptCall {
    /// What it is written in.
    pub interpreter: Interpreter,
    /// The script itself; what was in `file`, where the manifest names one.
    #[serde(default)]
    pub code: String,
    /// A file beside the manifest.
    #[serde(default)]
    pub file: Option<String>,
    /// `HOST:PORT` of everything that it can reach; nobody if empty.
    #[serde(default)]
    pub network: Vec<String>,
    /// Layers without which it is not run, beside Landlock, seccomp and resource limits.
    #[serde(default)]
    pub requires: Vec<ScriptLayer>,
}

fn get() -> String {
    "GET".to_owned()
}

/// An HTTP request below the instance's `base_url`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpCall {
    /// Sent just before, one after the other. For targets that want to be told what is changed:
    /// with `If-Match: "${{ first[0].etag }}"` a 412 means that somebody was faster and nothing was
    /// done, so the whole is sent again after another look.
    #[serde(default)]
    pub first: Vec<HttpFirst>,
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.
    pub method: String,
    /// Path, perhaps with a query; each rendered part is percent-encoded as one segment.
    pub path: String,
    /// More of the query: name → text. What renders empty is not sent.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Extra headers; the credential's comes from the instance. What renders empty is not sent.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON body, rendered leaf by leaf. One that renders null is not sent.
    #[serde(default)]
    pub body: Option<Value>,
    /// Status codes that mean accepted; 2xx if empty.
    #[serde(default)]
    pub accept: Vec<u16>,
}

/// One operation on a directory (RFC 4511).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum LdapCall {
    /// Looks for entries.
    Search(LdapSearch),
    /// Changes the one entry that is found.
    Modify(LdapModify),
}

/// How far below `base` a search looks (RFC 4511 §4.5.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LdapScope {
    /// At the base itself.
    Base,
    /// At its children.
    One,
    /// At everything from it on.
    #[default]
    Sub,
}

/// A search. What is filled in is escaped (RFC 4514 in `base`, RFC 4515 in `filter`), but for
/// parts that read `config` alone, which the installation vouches for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LdapSearch {
    /// Where to begin: a distinguished name.
    pub base: String,
    /// How far below it.
    #[serde(default)]
    pub scope: LdapScope,
    /// Which entries (RFC 4515).
    pub filter: String,
    /// Which attributes the answer holds: `response.entries[0].NAME` is a list of texts, empty
    /// where the entry has none.
    pub attributes: Vec<String>,
}

/// A change of exactly one entry, in one request, which does all of it or nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LdapModify {
    /// As in [`LdapSearch`].
    pub base: String,
    /// As in [`LdapSearch`].
    #[serde(default)]
    pub scope: LdapScope,
    /// As in [`LdapSearch`]. It must lead to one entry.
    pub filter: String,
    /// What is read of it, for `only_if` and as `entry` in the values.
    pub attributes: Vec<String>,
    /// CEL over `input`, `config` and `entry` (the attributes): whether the entry is the one that
    /// was meant. Directories compare more generously than the guard does.
    pub only_if: String,
    /// Attribute → values to take away, a text or a list; they may read `entry`. If the entry lacks
    /// one, nothing is changed at all. An empty list takes nothing.
    #[serde(default)]
    pub delete: BTreeMap<String, Value>,
    /// Attribute → values to add. An empty list adds nothing.
    #[serde(default)]
    pub add: BTreeMap<String, Value>,
    /// Attribute → the values from now on. An empty list removes the attribute.
    #[serde(default)]
    pub replace: BTreeMap<String, Value>,
    /// Attribute → bits to set in its number; all other bits stay as they are.
    #[serde(default)]
    pub set_bits: BTreeMap<String, u32>,
    /// Attribute → bits to clear.
    #[serde(default)]
    pub clear_bits: BTreeMap<String, u32>,
}

/// One operation on a mailbox (RFC 9051).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ImapCall {
    /// Looks where a message lies.
    Search(ImapSearch),
    /// Moves all copies of a message.
    Move(ImapMove),
}

/// A search for a message by its Message-ID.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapSearch {
    /// Whose mailbox; empty for that of the one who signs in.
    pub mailbox: String,
    /// The Message-ID, with its angle brackets or without.
    pub message: String,
    /// Folders to look in; all if empty.
    #[serde(default)]
    pub folders: Vec<String>,
}

/// A move of all copies of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapMove {
    /// As in [`ImapSearch`].
    pub mailbox: String,
    /// As in [`ImapSearch`].
    pub message: String,
    /// Folders to take it from; all but those of `to` if empty.
    #[serde(default)]
    pub from: Vec<String>,
    /// The folder to move it to, made if there is none; or a list, one for each copy.
    pub to: Value,
}

/// A mail in plain text (RFC 5321, RFC 5322). Its Message-ID is made from the idempotency key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpCall {
    /// The sender's address.
    pub from: String,
    /// The recipient's address, or a list of them.
    pub to: Value,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A log line (RFC 5424 §6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyslogCall {
    /// `kern` to `local7`.
    pub facility: String,
    /// `emerg` to `debug`.
    pub severity: String,
    /// HOSTNAME; nothing is said where it renders empty.
    pub host: String,
    /// APP-NAME.
    pub app: String,
    /// MSGID: what sort of line it is.
    pub kind: String,
    /// SD-ID of `data`, `name@number`; as it stands.
    pub data_id: String,
    /// Parameters of the structured data.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
    /// MSG, one line.
    pub text: String,
}
