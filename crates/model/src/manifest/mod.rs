//! Connector manifests: what a target can do, how it is asked, looked up, verified and undone.
//!
//! The types only; `connector` reads and checks the YAML, `playbook` checks steps against it,
//! the engine joins both.

mod call;
mod catalog;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ObservableKind, canonical};

pub use self::{
    call::{
        Call, HttpCall, HttpFirst, ImapCall, ImapMove, ImapSearch, Interpreter, LdapCall,
        LdapModify, LdapScope, LdapSearch, ScriptCall, ScriptLayer, SmtpCall, SyslogCall,
    },
    catalog::{Catalog, Instance, ResolveError, Resolved},
};

/// What an action does to the world.
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
pub enum EffectClass {
    /// Changes nothing.
    Read,
    /// Can be undone by the manifest's `undo`.
    Reversible,
    /// Cannot be undone.
    Irreversible,
}

/// What happens if the same act is sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Idempotency {
    /// The target's state is the same after the second.
    Natural,
    /// The target recognises our idempotency key.
    Key,
    /// It acts twice: never repeated without a person.
    None,
}

/// How a connector reaches its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// The guarded HTTP client; calls are [`Call::Http`].
    Http,
    /// SSH, one command an exec request; calls are [`Call::Ssh`].
    Ssh,
    /// LDAP; calls are [`Call::Ldap`].
    Ldap,
    /// IMAP; calls are [`Call::Imap`].
    Imap,
    /// SMTP; calls are [`Call::Smtp`].
    Smtp,
    /// Syslog; calls are [`Call::Syslog`].
    Syslog,
    /// A script in the sandbox; calls are [`Call::Script`].
    Script,
    /// Answered by the engine itself (`intel.lookup`, `incident.comment`).
    Builtin,
}

/// A question to the target: is the effect there?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What to ask.
    pub call: Call,
    /// CEL over `input`, `config`, `key`, `output` and `response` that is true if the effect is
    /// there. `response` is `status`, `body`, `etag` and `location` for HTTP; `exit`, `stdout`, and
    /// `body` where stdout is JSON for SSH; `entries` for LDAP; `messages` for IMAP; `body` for scripts.
    pub done: String,
    /// Name → CEL over what `done` reads: what the undo has to know of the target as it was
    /// before the act. Kept in the ledger; `undo` reads it as `output.before.NAME`.
    #[serde(default)]
    pub before: BTreeMap<String, String>,
}

/// A check repeated until it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// What to ask.
    pub call: Call,
    /// See [`Check::done`].
    pub done: String,
    /// Pause between two questions.
    #[serde(with = "crate::duration::text", default = "default_every")]
    pub every: Duration,
    /// When to give up.
    #[serde(with = "crate::duration::text", default = "default_within")]
    pub within: Duration,
}

const fn default_every() -> Duration {
    Duration::from_secs(1)
}
const fn default_within() -> Duration {
    Duration::from_secs(60)
}
const fn default_timeout() -> Duration {
    Duration::from_secs(15)
}

/// How an act is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// What to ask for.
    pub call: Call,
    /// Until the effect is seen to be gone.
    pub verify: Verify,
    /// In plain words, for the approval card.
    pub title: String,
}

/// Which input names the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// What kind of thing it is; the value is canonicalised as that.
    pub kind: ObservableKind,
    /// Name of the input property.
    pub input: String,
    /// Name of the input property that says which part of it is acted on (a message in a mailbox):
    /// acts on two parts are two effects, which are undone apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

/// At most so many acts in a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many.
    pub count: u32,
    /// In what time.
    #[serde(with = "crate::duration::text")]
    pub per: Duration,
}

/// What an action is given and gives back: documentation, and with the exchange that is recorded
/// for it (`examples/` beside the manifest) its contract test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The action's input.
    pub input: Value,
    /// The action's output.
    pub output: Value,
}

/// How the instance's credential is shown to an HTTP target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// In which way.
    pub scheme: AuthScheme,
    /// The header or query parameter, for the schemes of that name.
    #[serde(default)]
    pub name: Option<String>,
    /// What stands before the credential in the header: `token `.
    #[serde(default)]
    pub prefix: Option<String>,
}

/// In which way a credential is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthScheme {
    /// `Authorization: Bearer CREDENTIAL` (RFC 6750 §2.1).
    #[default]
    Bearer,
    /// `Authorization: Basic …`; the credential is `USER:PASSWORD` (RFC 7617 §2).
    Basic,
    /// A header of the target's own.
    Header,
    /// A parameter of the query, for targets that know nothing better: it stands in their logs.
    Query,
    /// Not at all; an instance has no credential.
    None,
}

/// What a target lets one account ask in a calendar period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// How many requests.
    pub count: u32,
    /// In what.
    pub per: Period,
}

/// A calendar period, UTC.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From the first on.
    Month,
}

/// One action of a connector.
#[expect(clippy::struct_excessive_bools, reason = "switches of a file, each read by its name")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionManifest {
    /// In plain words, imperative: `Block an address`.
    pub title: String,
    /// Whether somebody still has to decide what is missing. A draft is checked as far as it goes,
    /// and nothing can use it.
    #[serde(default)]
    pub draft: bool,
    /// The capability it fulfils (`firewall.block_address`); vendor actions have none.
    #[serde(default)]
    pub capability: Option<String>,
    /// What it does to the world.
    pub effect: EffectClass,
    /// Whether a read gives something away to a third party; plan and shadow do not make it.
    #[serde(default)]
    pub discloses: bool,
    /// Whether it only writes into our own books (a comment); plan and shadow do not make it.
    #[serde(default)]
    pub own_books: bool,
    /// What happens if it is sent twice.
    pub idempotency: Idempotency,
    /// What it acts on; required unless the effect is `read`.
    #[serde(default)]
    pub target: Option<TargetSpec>,
    /// JSON Schema of the input, an object.
    pub input: Value,
    /// JSON Schema of the output, an object.
    pub output: Value,
    /// The request.
    pub call: Call,
    /// Output property → CEL over `input`, `config` and `response`.
    #[serde(default)]
    pub returns: BTreeMap<String, String>,
    /// Looks the act up in the target, before acting (prior state) and after a crash.
    #[serde(default)]
    pub probe: Option<Check>,
    /// Asks until the effect is seen.
    #[serde(default)]
    pub verify: Option<Verify>,
    /// Takes it back; required if reversible.
    #[serde(default)]
    pub undo: Option<Undo>,
    /// Whether the target itself lifts the act after `ttl_seconds`.
    #[serde(default)]
    pub native_expiry: bool,
    /// Whether acceptance is all that can ever be seen, as with a mail; then there is no verify.
    #[serde(default)]
    pub handed_over: bool,
    /// At most so many.
    #[serde(default)]
    pub rate_limit: Option<RateLimit>,
    /// Time for one request.
    #[serde(with = "crate::duration::text", default = "default_timeout")]
    pub timeout: Duration,
    /// Recorded exchanges.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// A connector: one vendor, one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name, as in `do: NAME.action`.
    pub connector: String,
    /// In plain words.
    pub title: String,
    /// What it is, what it was proven against.
    pub description: String,
    /// True for the practice target; shown wherever its acts are shown.
    #[serde(default)]
    pub practice: bool,
    /// How it reaches its target.
    pub transport: Transport,
    /// How the credential is shown; as a bearer token if absent. For HTTP only.
    #[serde(default)]
    pub auth: Auth,
    /// What the target lets one account ask. Looking up, verifying and undoing is counted, but never
    /// held back.
    #[serde(default)]
    pub quota: Vec<Quota>,
    /// Its actions by name.
    pub actions: BTreeMap<String, ActionManifest>,
}

impl Manifest {
    /// SHA-256 over the canonical JSON; part of every plan hash.
    ///
    /// # Panics
    /// Never: a manifest that was read from YAML has a JSON form.
    #[must_use]
    pub fn digest(&self) -> String {
        canonical::sha256(self).expect("invariant: a manifest is JSON")
    }
}
