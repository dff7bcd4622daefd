//! Every finding about playbooks: its code and what it means.
//!
//! The one table behind CLI, API, UI and the pages in docs/reference/codes/. A code is never used again for
//! something else. An example of each, and what becomes of it when the help is followed, stands among the
//! planted faults (corpus/planted/), which tests go through.

/// What there is to say about a code of playbooks.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// `PB0001`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it means, and why it is refused.
    pub explanation: &'static str,
}

/// What there is to say about another code, with an example beside it.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// `TS0001`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it means, and why it is refused.
    pub explanation: &'static str,
    /// A text that has the finding.
    pub example: &'static str,
    /// How to mend the example.
    pub fix: &'static str,
}

pub(crate) const NOT_YAML: &str = "PB0001";
pub(crate) const TOO_LARGE: &str = "PB0002";
pub(crate) const DUPLICATE_KEY: &str = "PB0003";
pub(crate) const UNKNOWN_KEY: &str = "PB0004";
pub(crate) const MISSING_KEY: &str = "PB0005";
pub(crate) const WRONG_SHAPE: &str = "PB0006";
pub(crate) const UNKNOWN_WORD: &str = "PB0007";
pub(crate) const BAD_NAME: &str = "PB0008";
pub(crate) const NO_DURATION: &str = "PB0009";
pub(crate) const DURATION_RANGE: &str = "PB0010";
pub(crate) const NO_EXPRESSION: &str = "PB0011";
pub(crate) const NO_KIND: &str = "PB0012";
pub(crate) const ONE_BRANCH: &str = "PB0013";
pub(crate) const BAD_OPTIONS: &str = "PB0014";
pub(crate) const TAKEN_ID: &str = "PB0015";
pub(crate) const UNKNOWN_NAME: &str = "PB0016";
pub(crate) const WRONG_TYPE: &str = "PB0017";
pub(crate) const NOT_BOOL: &str = "PB0018";
pub(crate) const NO_STEP: &str = "PB0019";
pub(crate) const NOT_BEFORE: &str = "PB0020";
pub(crate) const NOT_SET: &str = "PB0021";
pub(crate) const SECRET: &str = "PB0022";
pub(crate) const NO_ACTION: &str = "PB0023";
pub(crate) const UNBOUND: &str = "PB0024";
pub(crate) const MISSING_INPUT: &str = "PB0025";
pub(crate) const UNKNOWN_INPUT: &str = "PB0026";
pub(crate) const WRONG_INPUT: &str = "PB0027";
pub(crate) const NO_EXPIRY: &str = "PB0028";
pub(crate) const UNAPPROVED: &str = "PB0029";
pub(crate) const UNREACHED: &str = "PB0030";
pub(crate) const NUMBER_RANGE: &str = "PB0031";
pub(crate) const BAD_TRIGGER: &str = "PB0032";
pub(crate) const BAD_SCHEMA: &str = "PB0033";
pub(crate) const NOT_CONSTANT: &str = "PB0034";
pub(crate) const BAD_NETWORK: &str = "PB0035";
pub(crate) const ABSENT: &str = "PB0036";
pub(crate) const UNTYPED: &str = "PB0037";
pub(crate) const SHADOWED: &str = "PB0038";
pub(crate) const NOT_COVERED: &str = "PB0039";
pub(crate) const TAKEN_CASE: &str = "PB0040";
pub(crate) const NEVER_CASE: &str = "PB0041";
pub(crate) const NO_LIST: &str = "PB0042";
pub(crate) const STANDSTILL: &str = "PB0043";
pub(crate) const LOOPS_DEEP: &str = "PB0044";
pub(crate) const NO_RACE: &str = "PB0045";
pub(crate) const SET_TWICE: &str = "PB0046";
pub(crate) const NO_RETRY: &str = "PB0047";
pub(crate) const NO_GROUP: &str = "PB0048";
pub(crate) const NO_PLAYBOOK: &str = "PB0049";
pub(crate) const CALL_CYCLE: &str = "PB0050";
pub(crate) const CALL_DEPTH: &str = "PB0051";
pub(crate) const CALL_CONTEXT: &str = "PB0052";
pub(crate) const NO_INTERPRETER: &str = "PB0053";
pub(crate) const NO_SECRET: &str = "PB0054";
pub(crate) const SCRIPT_TARGET: &str = "PB0055";
pub(crate) const NO_MOMENT: &str = "PB0056";
pub(crate) const BAD_DEFAULT: &str = "PB0057";
pub(crate) const NO_SCHEDULE: &str = "PB0058";
pub(crate) const NO_ZONE: &str = "PB0059";
pub(crate) const OUTLIVES: &str = "PB0060";
pub(crate) const NO_APPROVAL: &str = "PB0061";

/// All codes, in order.
pub const CODES: [Entry; 61] = [
    Entry {
        code: NOT_YAML,
        title: "the text is no YAML",
        explanation: "The file cannot be read as YAML, or uses a part of YAML that playbooks do without: anchors, tags, \
                      several documents, control characters. Nothing in it is looked at.",
    },
    Entry {
        code: TOO_LARGE,
        title: "the playbook is too large",
        explanation: "A playbook has at most 256 KiB, 500 steps, and 32 mappings and lists inside one another; other \
                      lists have limits of their own. Beyond that nobody can read it, and reading it could be made to \
                      cost too much.",
    },
    Entry {
        code: DUPLICATE_KEY,
        title: "a key is given twice",
        explanation: "The same key stands twice in one mapping. YAML readers differ in which one counts, so neither \
                      does.",
    },
    Entry {
        code: UNKNOWN_KEY,
        title: "a key is not known",
        explanation: "The key means nothing where it stands. It is refused, and not skipped, because a misspelt \
                      `approve` that is skipped is an act that nobody approved.",
    },
    Entry {
        code: MISSING_KEY,
        title: "a key is missing",
        explanation: "The key has no value that could be assumed for it.",
    },
    Entry {
        code: WRONG_SHAPE,
        title: "a value has the wrong shape",
        explanation: "A list, a mapping or a single value stands where another of the three is needed, or nothing at \
                      all.",
    },
    Entry {
        code: UNKNOWN_WORD,
        title: "a word is not known",
        explanation: "The key takes one of a few words or numbers, and this is none of them.",
    },
    Entry {
        code: BAD_NAME,
        title: "a name cannot be used",
        explanation: "Names of playbooks, signals and webhooks are made of `a-z`, `0-9` and `-`, names of steps, \
                      variables and fields of `a-z`, `0-9` and `_`, beginning with a letter: they stand in expressions, \
                      addresses and file names. `start`, and `s` with a number, name steps that have no id; `ok` says \
                      whether a step succeeded.",
    },
    Entry {
        code: NO_DURATION,
        title: "a text is no duration",
        explanation: "A duration is a whole number and one of ms, s, m, h, d.",
    },
    Entry {
        code: DURATION_RANGE,
        title: "a duration is too short or too long",
        explanation: "Waits last from 1 s to 90 d; questions, approvals, expiries and runs from 1 m to 90 d; a step is \
                      given up to a day, a script up to an hour, and a pause between two tries is at most an hour: what \
                      is shorter nobody can answer, and what is longer is forgotten.",
    },
    Entry {
        code: NO_EXPRESSION,
        title: "an expression cannot be read",
        explanation: "The text is no CEL expression, or is longer or deeper than one may be.",
    },
    Entry {
        code: NO_KIND,
        title: "a step has no kind, or two",
        explanation: "Each step is exactly one of `do`, `script`, `if`, `switch`, `parallel`, `for_each`, `while`, \
                      `call`, `wait`, `ask`, `set`, `try`, `end`.",
    },
    Entry {
        code: ONE_BRANCH,
        title: "`parallel` has fewer than two branches",
        explanation: "One branch alone runs beside nothing; most likely another one was lost.",
    },
    Entry {
        code: BAD_OPTIONS,
        title: "a question cannot be answered as written",
        explanation: "A question has 2 to 20 different options, and the answer that counts if nobody answers is one of \
                      them.",
    },
    Entry {
        code: TAKEN_ID,
        title: "an id is given twice",
        explanation: "`steps.ID` has to mean one step.",
    },
    Entry {
        code: UNKNOWN_NAME,
        title: "an expression names what is not there",
        explanation: "The variable or property does not exist, or not here. Steps see what started the run (`alert`, \
                      `incident`, `finding`, `mail` or `webhook`), `inputs`, `vars`, `steps`, `SEVERITY`, the elements \
                      of the loops around them, and `error` in the `on_error` of a `try`; a trigger sees only what it is \
                      about. What each of them holds is known from schemas, so the slip is found now and not during an \
                      incident.",
    },
    Entry {
        code: WRONG_TYPE,
        title: "an expression mixes types",
        explanation: "An operator or function gets a value of a type that it does not take, or two values are compared \
                      that can never be equal.",
    },
    Entry {
        code: NOT_BOOL,
        title: "a condition is neither true nor false",
        explanation: "`if`, `while` and the trigger take an expression that is true or false; no other value counts as \
                      either.",
    },
    Entry {
        code: NO_STEP,
        title: "a step that is named does not exist",
        explanation: "No step has that id.",
    },
    Entry {
        code: NOT_BEFORE,
        title: "a step is named that cannot have run",
        explanation: "The step runs later, on the other way of an `if` or `switch`, beside this one in `parallel`, or in \
                      the turns of a loop, which show their outcomes only as `results`. Its outcome is never there when \
                      it is needed.",
    },
    Entry {
        code: NOT_SET,
        title: "a variable may not be set",
        explanation: "`vars.NAME` has to be set on every way that leads to where it is used; else the run would fail \
                      there.",
    },
    Entry {
        code: SECRET,
        title: "a secret has no place here",
        explanation: "Secrets are decrypted only at the call, by the connector or script that needs them. A secret \
                      stands alone, as a whole value under `with` of a `do` or `script` step; anywhere else, or as a \
                      part of a text, it would end up in journals, plans and messages.",
    },
    Entry {
        code: NO_ACTION,
        title: "an action does not exist",
        explanation: "The name after `do` is no capability, and no action of a connector or of an instance.",
    },
    Entry {
        code: UNBOUND,
        title: "nothing is bound to a capability",
        explanation: "A warning: some connector can do it, but no instance of one is bound to it here. The playbook \
                      loads and can be read, planned and tested, but not run.",
    },
    Entry {
        code: MISSING_INPUT,
        title: "an action lacks an input",
        explanation: "The action, the playbook that is called, or the run cannot do without it.",
    },
    Entry {
        code: UNKNOWN_INPUT,
        title: "there is no such input",
        explanation: "Neither the action's input schema nor the `inputs` of the playbook that is called have it.",
    },
    Entry {
        code: WRONG_INPUT,
        title: "an input has the wrong type or value",
        explanation: "The value does not fit the schema of what it is given to, or is no value of the kind that the \
                      action acts on.",
    },
    Entry {
        code: NO_EXPIRY,
        title: "`expires` where nothing can expire",
        explanation: "Only acts that can be undone have an end. A read leaves nothing behind, and what is irreversible \
                      stays.",
    },
    Entry {
        code: UNAPPROVED,
        title: "an irreversible act without approval",
        explanation: "What cannot be undone is never done on a machine's word alone, whatever the mode. That holds for \
                      scripts as well.",
    },
    Entry {
        code: UNREACHED,
        title: "a step is never reached",
        explanation: "The run has surely ended before. Most likely an `end` stands where it should not.",
    },
    Entry {
        code: NUMBER_RANGE,
        title: "a number is out of its range",
        explanation: "Everything that repeats or multiplies has a limit, and this number is beyond it, or is no whole \
                      number.",
    },
    Entry {
        code: BAD_TRIGGER,
        title: "a trigger does not say what starts it",
        explanation: "`on` names exactly one of `alert`, `incident`, `finding`, `mail`, `schedule`, `webhook`; only a \
                      schedule has a `time_zone`.",
    },
    Entry {
        code: BAD_SCHEMA,
        title: "a field is not described as a JSON Schema",
        explanation: "Inputs, outputs of scripts and forms are described by the part of JSON Schema that playbooks know. \
                      A keyword that is not known would check nothing, so it is refused.",
    },
    Entry {
        code: NOT_CONSTANT,
        title: "an expression stands where only a constant may",
        explanation: "Defaults and the values of a case are known before a run starts, and a script is handed over as it \
                      is written. An expression there would be taken for the text that it is.",
    },
    Entry {
        code: BAD_NETWORK,
        title: "a place in `network` is no host and port",
        explanation: "A script reaches exactly the places that it lists, each a host and a port. Nothing else can be let \
                      through.",
    },
    Entry {
        code: ABSENT,
        title: "a value may not be there",
        explanation: "No schema says that the property exists: the fields of an alert are what the sensor sent, and the \
                      body of a webhook what somebody posted. An expression asks first, with `has(x.name)` or `'name' in \
                      x`, in the same expression or in an `if` around the step.",
    },
    Entry {
        code: UNTYPED,
        title: "a value may be of any type",
        explanation: "Nothing says of what type the value is, and what it is used for takes only some. `string(x)`, \
                      `int(x)`, `double(x)` and `list(x)` make one type of any; `==` and `in` take every type as it is.",
    },
    Entry {
        code: SHADOWED,
        title: "a name is in use already",
        explanation: "The element of a loop cannot have the name of something that expressions see there: one of both \
                      could not be reached.",
    },
    Entry {
        code: NOT_COVERED,
        title: "a `switch` has no way for some values",
        explanation: "No case is for the value, and there is no `else`. Whether the run should go on then, or end, only \
                      its author knows. A step that may not have run reads as the empty text, which is a value too.",
    },
    Entry {
        code: TAKEN_CASE,
        title: "a constant has a case already",
        explanation: "The first case with a constant is taken, so the second is never.",
    },
    Entry {
        code: NEVER_CASE,
        title: "a way of a `switch` is never taken",
        explanation: "The constant is of another type than what is compared, or none of the values that it can have; or \
                      the cases cover every value, so that `else` is never reached.",
    },
    Entry {
        code: NO_LIST,
        title: "`for_each` goes over something that is no list",
        explanation: "Each turn has one element of a list. A text, a number and a mapping have none.",
    },
    Entry {
        code: STANDSTILL,
        title: "a loop stands still",
        explanation: "Nothing in the loop changes what its condition looks at, or its turns neither wait nor read: it \
                      would use up its turns in no time, and fail. It is a warning: the playbook is loaded all the same.",
    },
    Entry {
        code: LOOPS_DEEP,
        title: "loops are nested too deep",
        explanation: "Loops are at most 4 deep: each multiplies the turns of those around it.",
    },
    Entry {
        code: NO_RACE,
        title: "the first branch is known before",
        explanation: "`until: any` goes on with the first branch that succeeds. A `set` or `end` is done at once, and of \
                      several `wait`s the shortest always wins: there is nothing to wait for.",
    },
    Entry {
        code: SET_TWICE,
        title: "a variable is set side by side",
        explanation: "Branches of a `parallel`, and turns of a `for_each` that is wider than 1, do not see one another. \
                      Of several values for one variable only one would count, and what a turn reads is not what another \
                      has set.",
    },
    Entry {
        code: NO_RETRY,
        title: "an act that may double is tried again",
        explanation: "The action's manifest says `idempotency: none`: sent twice, it acts twice. The same holds for \
                      scripts that act. What comes after a failure is for a person to decide.",
    },
    Entry {
        code: NO_GROUP,
        title: "a group of people does not exist",
        explanation: "Nobody could answer, and the question would lapse.",
    },
    Entry {
        code: NO_PLAYBOOK,
        title: "a playbook that is called does not exist",
        explanation: "No playbook of the folder has that name.",
    },
    Entry {
        code: CALL_CYCLE,
        title: "calls form a circle",
        explanation: "The playbook calls itself, directly or through others, and would never end.",
    },
    Entry {
        code: CALL_DEPTH,
        title: "calls go too deep",
        explanation: "Calls are at most 5 deep: beyond that nobody can see what a run will do.",
    },
    Entry {
        code: CALL_CONTEXT,
        title: "a playbook that is called lacks what it reads",
        explanation: "A playbook that is called sees what started its caller. It reads an alert, say, and its caller is \
                      started by a schedule, so there is none.",
    },
    Entry {
        code: NO_INTERPRETER,
        title: "nothing here runs such scripts",
        explanation: "The interpreter is not installed where Stanch runs. A script is never run by another one, and \
                      never without its sandbox.",
    },
    Entry {
        code: NO_SECRET,
        title: "a secret does not exist",
        explanation: "No secret of that name is stored.",
    },
    Entry {
        code: SCRIPT_TARGET,
        title: "what a script acts on is not clear",
        explanation: "The guard decides by target, so a script that acts names one. A script that only reads has none.",
    },
    Entry {
        code: NO_MOMENT,
        title: "a text is no moment",
        explanation: "`wait: { until: … }` takes a text in the form of RFC 3339, with date, time and time zone.",
    },
    Entry {
        code: BAD_DEFAULT,
        title: "a default does not fit",
        explanation: "What a step or an input reads as by default has to be a value that it could have had; else the \
                      steps after it would meet a type that they do not expect.",
    },
    Entry {
        code: NO_SCHEDULE,
        title: "a text is no schedule",
        explanation: "A schedule has the five fields of cron: minute, hour, day, month and weekday.",
    },
    Entry {
        code: NO_ZONE,
        title: "a time zone does not exist",
        explanation: "Time zones have the names of the IANA database, which the program carries.",
    },
    Entry {
        code: OUTLIVES,
        title: "a step lasts longer than the run may",
        explanation: "A run ends as failed when its `timeout` is over, 30 days if it does not say. The step could never \
                      be done.",
    },
    Entry {
        code: NO_APPROVAL,
        title: "approval for what changes nothing",
        explanation: "Nobody is asked before a read. A person who counts on being asked would wait in vain.",
    },
];

/// The entry of a code.
#[must_use]
pub fn of(code: &str) -> Option<&'static Entry> {
    CODES.iter().find(|entry| entry.code == code)
}
