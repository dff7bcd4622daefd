//! Every finding about playbooks: its code, what it means, an example that has it, and the fix.
//!
//! The one table behind CLI, API, UI and docs/reference/codes.md. A code is never used again for
//! something else. Each example is run by a test, which demands that the finding is there.

/// What there is to say about a code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// `PB0001`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it means, and why it is refused.
    pub explanation: &'static str,
    /// A playbook that has the finding.
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

/// All codes, in order.
pub const CODES: [Code; 30] = [
    Code {
        code: NOT_YAML,
        title: "the text is no YAML",
        explanation: "The file cannot be read as YAML, or uses a part of YAML that playbooks do without: \
                      anchors, tags, several documents, control characters. Nothing in it is looked at.",
        example: "playbook: p\ntitle: \"Stop it\nsteps:\n  - end: succeeded\n",
        fix: "Close the quotes: `title: \"Stop it\"`. Text that holds `: ` or begins with one of * & ! % @ needs quotes.",
    },
    Code {
        code: TOO_LARGE,
        title: "the playbook is too large",
        explanation: "A playbook has at most 256 KiB, 500 steps, and 32 mappings and lists inside one another. \
                      Beyond that nobody can read it, and reading it could be made to cost too much.",
        example: "playbook: p\ntitle: t\nsteps:\n  - set: { a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] }\n",
        fix: "Nest less deep, or split the playbook.",
    },
    Code {
        code: DUPLICATE_KEY,
        title: "a key is given twice",
        explanation: "The same key stands twice in one mapping. YAML readers differ in which one counts, so neither does.",
        example: "playbook: p\ntitle: t\ntitle: u\nsteps:\n  - end: succeeded\n",
        fix: "Remove one of the two.",
    },
    Code {
        code: UNKNOWN_KEY,
        title: "a key is not known",
        explanation: "The key means nothing where it stands. It is refused, and not skipped, because a misspelt \
                      `approve` that is skipped is an act that nobody approved.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: edr.find_host\n    with: { address: \"${{ alert.src.ip }}\" }\n    on_eror: continue\n",
        fix: "Write `on_error`.",
    },
    Code {
        code: MISSING_KEY,
        title: "a key is missing",
        explanation: "The key has no value that could be assumed for it.",
        example: "playbook: p\nsteps:\n  - end: succeeded\n",
        fix: "Add `title: …`.",
    },
    Code {
        code: WRONG_SHAPE,
        title: "a value has the wrong shape",
        explanation: "A list, a mapping or a single value stands where another of the three is needed, or nothing at all.",
        example: "playbook: p\ntitle: t\nsteps:\n  end: succeeded\n",
        fix: "Write a list: `- end: succeeded`.",
    },
    Code {
        code: UNKNOWN_WORD,
        title: "a word is not known",
        explanation: "The key takes one of a few words or numbers, and this is none of them.",
        example: "playbook: p\ntitle: t\nmax_mode: automatic\nsteps:\n  - end: succeeded\n",
        fix: "Write `max_mode: auto`.",
    },
    Code {
        code: BAD_NAME,
        title: "a name cannot be used",
        explanation: "Names of playbooks are made of `a-z`, `0-9` and `-`, names of steps and variables of `a-z`, `0-9` \
                      and `_`, beginning with a letter: they stand in expressions, addresses and file names. `start`, \
                      and `s` with a number, name steps that have no id.",
        example: "playbook: p\ntitle: t\nsteps:\n  - id: Find-Host\n    end: succeeded\n",
        fix: "Write `id: find_host`.",
    },
    Code {
        code: NO_DURATION,
        title: "a text is no duration",
        explanation: "A duration is a whole number and one of ms, s, m, h, d.",
        example: "playbook: p\ntitle: t\nsteps:\n  - wait: 10 minutes\n",
        fix: "Write `wait: 10m`.",
    },
    Code {
        code: DURATION_RANGE,
        title: "a duration is too short or too long",
        explanation: "Waits last from 1 s to 90 d, questions, approvals and expiries from 1 m to 90 d: what is shorter \
                      nobody can answer, and what is longer is forgotten.",
        example: "playbook: p\ntitle: t\nsteps:\n  - wait: 400d\n",
        fix: "Use a duration in the range.",
    },
    Code {
        code: NO_EXPRESSION,
        title: "an expression cannot be read",
        explanation: "The text is no CEL expression, or is longer or deeper than one may be.",
        example: "playbook: p\ntitle: t\nsteps:\n  - if: \"alert.count = 3\"\n    then: [{ end: succeeded }]\n",
        fix: "Write `alert.count == 3`.",
    },
    Code {
        code: NO_KIND,
        title: "a step has no kind, or two",
        explanation: "Each step is exactly one of `do`, `if`, `parallel`, `ask`, `wait`, `set`, `end`.",
        example: "playbook: p\ntitle: t\nsteps:\n  - wait: 10m\n    end: succeeded\n",
        fix: "Make two steps of it.",
    },
    Code {
        code: ONE_BRANCH,
        title: "`parallel` has fewer than two branches",
        explanation: "One branch alone runs beside nothing; most likely another one was lost.",
        example: "playbook: p\ntitle: t\nsteps:\n  - parallel:\n      - wait: 10m\n",
        fix: "Add a branch, or write the step without `parallel`.",
    },
    Code {
        code: BAD_OPTIONS,
        title: "a question cannot be answered as written",
        explanation: "A question has 2 to 20 different options, and the answer that counts if nobody answers is one of them.",
        example: "playbook: p\ntitle: t\nsteps:\n  - ask: Isolate it?\n    options: [yes, no]\n    within: 1h\n    otherwise: leave\n",
        fix: "Write `otherwise: no`, or add `leave` to the options.",
    },
    Code {
        code: TAKEN_ID,
        title: "an id is given twice",
        explanation: "`steps.ID` has to mean one step.",
        example: "playbook: p\ntitle: t\nsteps:\n  - { id: a, wait: 1m }\n  - { id: a, wait: 2m }\n",
        fix: "Give one of both another id.",
    },
    Code {
        code: UNKNOWN_NAME,
        title: "an expression names what is not there",
        explanation: "The variable or property does not exist, or not here. Steps see `alert`, `incident`, `vars`, `steps` and \
                      `SEVERITY`; a trigger sees `alert` and `SEVERITY`. What `alert` and each step's outcome hold is known \
                      from schemas, so the slip is found now and not during an incident.",
        example: "playbook: p\ntitle: t\nsteps:\n  - if: \"alert.host.nme == 'a'\"\n    then: [{ end: succeeded }]\n",
        fix: "Write `alert.host.name`.",
    },
    Code {
        code: WRONG_TYPE,
        title: "an expression mixes types",
        explanation: "An operator or function gets a value of a type that it does not take, or two values are compared that \
                      can never be equal.",
        example: "playbook: p\ntitle: t\nsteps:\n  - if: \"alert.severity == 'high'\"\n    then: [{ end: succeeded }]\n",
        fix: "Compare with the number: `alert.severity == SEVERITY.high`.",
    },
    Code {
        code: NOT_BOOL,
        title: "a condition is neither true nor false",
        explanation: "`if` and the trigger take an expression that is true or false; no other value counts as either.",
        example: "playbook: p\ntitle: t\nsteps:\n  - if: alert.count\n    then: [{ end: succeeded }]\n",
        fix: "Write a comparison: `alert.count > 0`.",
    },
    Code {
        code: NO_STEP,
        title: "a step that is named does not exist",
        explanation: "No step has that id.",
        example: "playbook: p\ntitle: t\nsteps:\n  - { id: find, do: edr.find_host, with: { address: 10.0.0.1 } }\n  - if: steps.fnd.found\n    then: [{ end: succeeded }]\n",
        fix: "Write `steps.find.found`.",
    },
    Code {
        code: NOT_BEFORE,
        title: "a step is named that cannot have run",
        explanation: "The step runs later, on the other way of an `if`, or beside this one in `parallel`. Its outcome is \
                      never there when it is needed.",
        example: "playbook: p\ntitle: t\nsteps:\n  - if: steps.find.found\n    then: [{ end: succeeded }]\n  - { id: find, do: edr.find_host, with: { address: 10.0.0.1 } }\n",
        fix: "Move the step `find` before the `if`.",
    },
    Code {
        code: NOT_SET,
        title: "a variable may not be set",
        explanation: "`vars.NAME` has to be set on every way that leads to where it is used; else the run would fail there.",
        example: "playbook: p\ntitle: t\nsteps:\n  - if: alert.count > 3\n    then: [{ set: { who: \"${{ alert.user.name }}\" } }]\n  - end: succeeded\n    note: \"${{ vars.who }}\"\n",
        fix: "Add `else: [{ set: { who: nobody } }]`, or set it before the `if`.",
    },
    Code {
        code: SECRET,
        title: "a playbook reads no secrets",
        explanation: "Secrets are decrypted only at the call, by the connector that needs them. A playbook that could read one \
                      could send it anywhere.",
        example: "playbook: p\ntitle: t\nsteps:\n  - end: succeeded\n    note: \"${{ secrets.token }}\"\n",
        fix: "Remove it; the connector instance names its credential in the configuration.",
    },
    Code {
        code: NO_ACTION,
        title: "an action does not exist",
        explanation: "The name after `do` is no capability, and no action of a connector or of an instance.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: edr.isolate_hosts\n    with: { host: a }\n",
        fix: "Write `edr.isolate_host`.",
    },
    Code {
        code: UNBOUND,
        title: "nothing is bound to a capability",
        explanation: "A warning: some connector can do it, but no instance of one is bound to it here. The playbook loads and can \
                      be read, planned and tested, but not run.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: directory.disable_user\n    with: { user: a }\n    expires: 8h\n",
        fix: "Bind the capability to an instance in the configuration.",
    },
    Code {
        code: MISSING_INPUT,
        title: "an action lacks an input",
        explanation: "The action's input schema requires it.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: firewall.block_address\n",
        fix: "Add `with: { address: \"${{ alert.src.ip }}\" }`.",
    },
    Code {
        code: UNKNOWN_INPUT,
        title: "an action takes no such input",
        explanation: "The action's input schema does not have it.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: firewall.block_address\n    with: { adress: 192.0.2.1 }\n",
        fix: "Write `address`.",
    },
    Code {
        code: WRONG_INPUT,
        title: "an input has the wrong type or value",
        explanation: "The value does not fit the action's input schema, or is no value of the kind that the action acts on.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: firewall.block_address\n    with: { address: \"${{ alert.count }}\" }\n",
        fix: "Give an address: `${{ alert.src.ip }}`.",
    },
    Code {
        code: NO_EXPIRY,
        title: "`expires` where nothing can expire",
        explanation: "Only acts that can be undone have an end. A read leaves nothing behind, and what is irreversible stays.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: edr.find_host\n    with: { address: 192.0.2.1 }\n    expires: 8h\n",
        fix: "Remove `expires`.",
    },
    Code {
        code: UNAPPROVED,
        title: "an irreversible act without approval",
        explanation: "What cannot be undone is never done on a machine's word alone, whatever the mode.",
        example: "playbook: p\ntitle: t\nsteps:\n  - do: mail.delete_message\n    with: { message: a }\n",
        fix: "Add `approve: { count: 1 }`.",
    },
    Code {
        code: UNREACHED,
        title: "a step is never reached",
        explanation: "The run has surely ended before. Most likely an `end` stands where it should not.",
        example: "playbook: p\ntitle: t\nsteps:\n  - end: succeeded\n  - wait: 10m\n",
        fix: "Remove one of both.",
    },
];

/// The entry of a code.
#[must_use]
pub fn of(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|entry| entry.code == code)
}
