//! Connector manifests: what a target can do, how it is asked, looked up, verified and undone.
//!
//! The types only; `connector` reads and checks the YAML, `playbook` checks steps against it,
//! the engine joins both.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ObservableKind, canonical};

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

/// A connector as this installation uses it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Its name here: `edge-firewall`.
    pub name: String,
    /// The manifest it fills.
    pub connector: String,
    /// `https://…` for HTTP, `ssh://user@host:port` for SSH, `ldaps://…` or `ldap://…` (StartTLS)
    /// for LDAP, `imaps://…` or `imap://…` (STARTTLS) for IMAP,
    /// `smtps://…` or `smtp://…` (STARTTLS) for SMTP, `syslog+tls://…`, `syslog+tcp://…` or `syslog://…`
    /// (UDP) for syslog.
    #[serde(default)]
    pub base_url: String,
    /// Whether private, loopback and link-local ranges may be reached. Off unless said.
    #[serde(default)]
    pub allow_private: bool,
    /// Where the credential is: `secret:NAME`, `env:NAME` or `file:PATH`. For HTTP what the
    /// manifest's `auth` says, a private key for SSH, password of `user` for the others.
    #[serde(default)]
    pub credential: Option<String>,
    /// Who signs in, where the address does not say it: for LDAP a distinguished name or
    /// `name@domain`.
    #[serde(default)]
    pub user: Option<String>,
    /// A PEM file with the authorities that the server's certificate must lead to; the system's
    /// own if absent. Not for HTTP and SSH.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// Whether to talk without TLS where the protocol would begin with it. Only possible with a
    /// server inside; whoever is on the way can read the password. Off unless said.
    #[serde(default)]
    pub plaintext: bool,
    /// SSH: the server's public key in OpenSSH form; a server with another one is refused.
    #[serde(default)]
    pub host_key: Option<String>,
    /// Values that requests may use as `config.*`.
    #[serde(default)]
    pub config: BTreeMap<String, Value>,
}

/// Everything that steps can name: manifests, instances and what capabilities are bound to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// Manifests by connector name.
    pub manifests: BTreeMap<String, Manifest>,
    /// Instances by their name.
    pub instances: BTreeMap<String, Instance>,
    /// Capability (`edr.isolate_host`) → instance name.
    pub bindings: BTreeMap<String, String>,
}

/// An action found in the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    /// The instance that acts; builtin connectors have one of their own name.
    pub instance: &'a str,
    /// The manifest of the instance.
    pub manifest: &'a Manifest,
    /// Name of the action in the manifest.
    pub name: &'a str,
    /// The action.
    pub action: &'a ActionManifest,
}

/// Why a `do:` names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// Neither a capability of any manifest nor `connector.action`.
    #[error("no action or capability is called `{0}`")]
    Unknown(String),
    /// A capability that exists, but nothing is bound to it here.
    #[error("capability `{0}` is bound to no connector instance")]
    Unbound(String),
}

impl Catalog {
    /// Finds what `do: NAME` means: a capability by its binding, else `connector.action` or
    /// `instance.action`.
    ///
    /// # Errors
    /// Unknown names; capabilities without a binding.
    pub fn resolve(&self, name: &str) -> Result<Resolved<'_>, ResolveError> {
        if let Some(instance) = self.bindings.get(name)
            && let Some(found) = self.capability_of(instance, name)
        {
            return Ok(found);
        }
        if let Some((owner, action)) = name.split_once('.')
            && let Some(found) = self.named(owner, action)
        {
            return Ok(found);
        }
        if self.capabilities().any(|capability| capability == name) {
            return Err(ResolveError::Unbound(name.to_owned()));
        }
        Err(ResolveError::Unknown(name.to_owned()))
    }

    /// All capabilities that any manifest offers, with doubles.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        self.manifests
            .values()
            .flat_map(|m| m.actions.values())
            .filter_map(|a| a.capability.as_deref())
    }

    fn capability_of<'a>(&'a self, instance: &'a str, capability: &str) -> Option<Resolved<'a>> {
        let manifest = self.manifests.get(&self.instances.get(instance)?.connector)?;
        let (name, action) = manifest
            .actions
            .iter()
            .find(|(_, action)| action.capability.as_deref() == Some(capability))?;
        Some(Resolved { instance, manifest, name, action })
    }

    fn named<'a>(&'a self, owner: &str, action: &str) -> Option<Resolved<'a>> {
        let by_connector = || self.instances.iter().find(|(_, i)| i.connector == owner);
        let (instance, connector) = match self.instances.get_key_value(owner).or_else(by_connector)
        {
            Some((name, instance)) => (name.as_str(), instance.connector.as_str()),
            None => {
                let manifest = self.manifests.get(owner)?;
                if manifest.transport != Transport::Builtin {
                    return None;
                }
                (manifest.connector.as_str(), owner)
            }
        };
        let manifest = self.manifests.get(connector)?;
        let (name, action) = manifest.actions.get_key_value(action)?;
        Some(Resolved { instance, manifest, name, action })
    }
}
