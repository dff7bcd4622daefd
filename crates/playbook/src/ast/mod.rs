//! The language as a tree; every part keeps its place in the text.
//!
//! ```yaml
//! playbook: contain-c2-beacon            # [a-z0-9-]+, unique
//! title: Stop a beacon                   # required
//! description: …                         # optional
//! max_mode: assist                       # shadow | assist | auto; assist if absent
//! timeout: 7d                            # of a run; 30d if absent
//! inputs:                                # what a caller or a person gives; without `default` required
//!   hours: { type: integer, default: 24 }
//! outputs: { done: "${{ steps.isolate.ok }}" }   # what `call` reads; worked out when the run ends
//! on:                                    # one of; without it only started by hand or by `call`
//!   alert: "CEL, bool"                   # or incident, finding, mail
//!   # schedule: "0 7 * * mon-fri"        # with `time_zone: Europe/Berlin`
//!   # webhook: name
//!   per_hour: 20                         # runs that it starts in an hour; 60 if absent
//! steps:                                 # required, at least one
//!   - id: find                           # [a-z][a-z0-9_]*; needed where referenced
//!     do: edr.find_host                  # capability, connector.action or instance.action
//!     with: { address: "${{ alert.src.ip }}" }
//!     retry: { times: 3, every: 10s }    # `every` doubles each time
//!     timeout: 30s                       # all retries included
//!     default: { found: false }          # what steps.find reads as if it failed or did not run
//!     on_error: continue                 # fail (default) | continue
//!     expires: 8h                        # reversible actions only
//!     approve: { by: responders, count: 2, within: 15m, otherwise: deny } # deny | escalate
//!   - id: score
//!     script: python                     # python | bash | powershell
//!     code: …
//!     with: { text: "${{ alert.rule.title }}" }
//!     output: { score: { type: integer } }
//!     effect: read                       # read | irreversible, with `target: { kind, value }`
//!     network: [ "api.example.test:443" ]
//!   - if: "steps.find.found"
//!     then: [ … ]
//!     else: [ … ]                        # optional
//!   - switch: "alert.severity"
//!     cases: [ { in: [4, 5], then: [ … ] } ]
//!     else: [ … ]                        # unless every value is covered
//!   - parallel: [ step, step ]           # every branch is one step
//!     until: all                         # all | any
//!   - id: each
//!     for_each: "alert.techniques"
//!     as: technique
//!     width: 4
//!     limit: 50
//!     steps: [ … ]
//!   - while: "!steps.state.done"
//!     turns: 20
//!     steps: [ … ]
//!   - id: sub
//!     call: contain-host
//!     with: { host: "…" }
//!   - wait: 10m                          # or { until: CEL } or { signal: name, within: 4h }
//!   - id: sure
//!     ask: "Is the host in use?"         # text, may hold ${{ }}
//!     options: [isolate, leave]          # or form: { owner: { type: string } }
//!     within: 1h                         # required
//!     otherwise: leave                   # the answer if nobody answers; one of the options
//!     by: responders                     # a group
//!   - try: [ … ]
//!     on_error: [ … ]                    # sees error.step, error.why
//!   - set: { name: "${{ … }}" }          # read as vars.name
//!   - end: succeeded                     # succeeded | failed; `note:` optional text
//!     note: nothing to do
//! ```
//!
//! Scope of expressions: what started the run (`alert`, `finding`, `mail`, `webhook`), `incident`,
//! `inputs`, `vars`, `steps`, `SEVERITY`, the names of the loops around, and in `on_error` of a `try`
//! also `error`. `steps.ID` of a `do` holds the action's output properties and `ok` (bool). A step that
//! did not run, or failed under `on_error: continue`, reads as `ok: false` with its `default`, else with
//! the empty value of each declared type. `${{ secrets.NAME }}` stands only as a whole value in `with`.

mod act;
mod arg;
mod flow;
mod people;
mod trigger;

use std::time::Duration;

use serde_json::{Map, Value};
use stanch_model::{Span, guard::Mode};

pub use self::{
    act::{
        Approve, Call, Do, Interpreter, OnError, Otherwise, Retry, SCRIPT_TIMEOUT, Script,
        ScriptTarget,
    },
    arg::Arg,
    flow::{
        Case, End, ForEach, If, LIMIT, LIMIT_MAX, Parallel, Switch, TURNS_MAX, Try, Until, WIDTH,
        WIDTH_MAX, While,
    },
    people::{Ask, AskKind, Wait},
    trigger::{PER_HOUR, PER_HOUR_MAX, Trigger, TriggerKind},
};

/// How long a run may take if its playbook does not say.
pub const TIMEOUT: Duration = Duration::from_secs(30 * 86_400);

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A playbook as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    /// Its name.
    pub name: Spanned<String>,
    /// In plain words.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// How far it may ever be trusted.
    pub max_mode: Mode,
    /// How long a run may take; [`TIMEOUT`] if absent.
    pub timeout: Option<Spanned<Duration>>,
    /// What a caller or a person gives, in the order of the text.
    pub inputs: Vec<Input>,
    /// What `call` reads, in the order of the text.
    pub outputs: Vec<(Spanned<String>, Arg)>,
    /// What starts it.
    pub on: Option<Trigger>,
    /// What it does.
    pub steps: Vec<Step>,
    /// The text it was read from.
    pub text: String,
    /// SHA-256 of the text.
    pub digest: String,
}

impl Playbook {
    /// How long a run may take.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        self.timeout.as_ref().map_or(TIMEOUT, |timeout| timeout.value)
    }
}

/// A named value and the JSON Schema it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Spanned<String>,
    /// Its JSON Schema.
    pub schema: Spanned<Value>,
}

/// The JSON Schema of an object that has exactly these fields, all of them required.
#[must_use]
pub fn object_schema(fields: &[Field]) -> Value {
    let name = |field: &Field| field.name.value.clone();
    let properties: Map<String, Value> =
        fields.iter().map(|field| (name(field), field.schema.value.clone())).collect();
    let required: Vec<String> = fields.iter().map(name).collect();
    serde_json::json!({
        "type": "object", "additionalProperties": false,
        "properties": properties, "required": required,
    })
}

/// What a caller or a person gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name and schema, without `default`.
    pub field: Field,
    /// What it is if it is not given; without it, it has to be.
    pub default: Option<Spanned<Value>>,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The name that other steps use.
    pub id: Option<Spanned<String>>,
    /// Where the step stands.
    pub span: Span,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Calls an action.
    Do(Do),
    /// Runs a script in a sandbox.
    Script(Script),
    /// Takes one of two ways.
    If(If),
    /// Takes one of several ways.
    Switch(Switch),
    /// Goes several ways at once.
    Parallel(Parallel),
    /// Does the same for each element of a list.
    ForEach(ForEach),
    /// Does the same again and again.
    While(While),
    /// Runs another playbook.
    Call(Call),
    /// Lets time pass.
    Wait(Wait),
    /// Asks people.
    Ask(Ask),
    /// Gives names to values, in order.
    Set(Vec<(Spanned<String>, Arg)>),
    /// Catches what fails.
    Try(Try),
    /// Ends the run.
    End(End),
}

impl StepKind {
    /// The key that names this kind in the text, and the kind on every surface.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Do(_) => "do",
            Self::Script(_) => "script",
            Self::If(_) => "if",
            Self::Switch(_) => "switch",
            Self::Parallel(_) => "parallel",
            Self::ForEach(_) => "for_each",
            Self::While(_) => "while",
            Self::Call(_) => "call",
            Self::Wait(_) => "wait",
            Self::Ask(_) => "ask",
            Self::Set(_) => "set",
            Self::Try(_) => "try",
            Self::End(_) => "end",
        }
    }

    /// The lists of steps inside, in the order of the text. Each branch of a `parallel` is a list of one.
    #[must_use]
    pub fn blocks(&self) -> Vec<&[Step]> {
        match self {
            Self::If(step) => vec![&step.then, &step.otherwise],
            Self::Switch(step) => {
                let cases = step.cases.iter().map(|case| case.then.as_slice());
                cases.chain(step.otherwise.as_deref()).collect()
            }
            Self::Parallel(step) => step.branches.iter().map(std::slice::from_ref).collect(),
            Self::ForEach(step) => vec![&step.steps],
            Self::While(step) => vec![&step.steps],
            Self::Try(step) => vec![&step.steps, &step.on_error],
            Self::Do(_)
            | Self::Script(_)
            | Self::Call(_)
            | Self::Wait(_)
            | Self::Ask(_)
            | Self::Set(_)
            | Self::End(_) => Vec::new(),
        }
    }
}
