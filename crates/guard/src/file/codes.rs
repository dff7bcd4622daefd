//! Every finding about policies: its code, what it means, an example that has it, and the fix.
//!
//! The one table behind the CLI and docs/reference/codes.md. A code is never used again for something else. Each
//! example is run by a test, which demands that the finding is there.

/// What there is to say about a code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// `GD0001`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it means, and why it is refused, or said.
    pub explanation: &'static str,
    /// A policy that has the finding.
    pub example: &'static str,
    /// How to mend the example.
    pub fix: &'static str,
}

pub(crate) const NOT_YAML: &str = "GD0001";
pub(crate) const TOO_LARGE: &str = "GD0002";
pub(crate) const DUPLICATE_KEY: &str = "GD0003";
pub(crate) const UNKNOWN_KEY: &str = "GD0004";
pub(crate) const MISSING_KEY: &str = "GD0005";
pub(crate) const VALUE: &str = "GD0006";
pub(crate) const TAKEN_NAME: &str = "GD0007";
pub(crate) const TWICE: &str = "GD0008";
pub(crate) const NO_PERMIT: &str = "GD0009";

/// All codes, in order.
pub const CODES: [Code; 9] = [
    Code {
        code: NOT_YAML,
        title: "the text is no YAML",
        explanation: "The file cannot be read as YAML, or uses a part of YAML that policies do without: anchors, \
                      tags, several documents, control characters. Nothing in it is looked at.",
        example: "policy: p\ntitle: \"Nights\nfreeze: []\n",
        fix: "Close the quotes: `title: \"Nights\"`.",
    },
    Code {
        code: TOO_LARGE,
        title: "the policy is too large",
        explanation: "A policy has at most 256 KiB, and lines are indented by at most 64 columns. Beyond that \
                      nobody can read it, and reading it could be made to cost too much.",
        example: "policy: p\nbudgets:\n                                                                      - {}\n",
        fix: "Indent by two columns for each level.",
    },
    Code {
        code: DUPLICATE_KEY,
        title: "a key is given twice",
        explanation: "The same key stands twice in one mapping. YAML readers differ in which one counts, so neither does.",
        example: "policy: p\nbudgets:\n  - { class: edr.isolate_host, limit: 5, window: 1h }\nbudgets: []\n",
        fix: "Put all entries below one `budgets:`.",
    },
    Code {
        code: UNKNOWN_KEY,
        title: "a key is not known",
        explanation: "The key means nothing where it stands. It is refused, and not skipped, because a misspelt limit \
                      would be no limit.",
        example: "policy: p\nprotected:\n  - { tag: domain-controller, automtic: never }\n",
        fix: "Write `automatic`.",
    },
    Code {
        code: MISSING_KEY,
        title: "a key is missing",
        explanation: "The entry cannot be understood without it.",
        example: "policy: p\nbudgets:\n  - { class: edr.isolate_host, limit: 5 }\n",
        fix: "Add `window: 1h`.",
    },
    Code {
        code: VALUE,
        title: "a value cannot be read, or would limit nothing",
        explanation: "The value is none of those that can stand there: a duration of nothing, a zone that is not in the \
                      time zone database, a class that no act can have, a target that nothing is called.",
        example: "policy: p\nbudgets:\n  - { class: edr.isolate_host, limit: 5, window: 0s }\n",
        fix: "Write how far back intents are counted, as in `1h`.",
    },
    Code {
        code: TAKEN_NAME,
        title: "two windows have the same name",
        explanation: "Reasons name the window that an act fell into. With two of a name nobody can tell which.",
        example: "policy: p\nfreeze:\n  - { name: nights, from: \"22:00\", to: \"06:00\" }\n  - { name: nights, days: sun }\n",
        fix: "Call the second one `sundays`.",
    },
    Code {
        code: TWICE,
        title: "an entry says nothing that another does not say",
        explanation: "Another entry stops at least as much, or permits at least as much, so this one never matters. It is \
                      loaded all the same, but one of the two is probably not what was meant.",
        example: "policy: p\nbudgets:\n  - { class: edr.isolate_host, limit: 5, window: 1h }\n  - { class: edr.isolate_host, limit: 9, window: 1h }\n",
        fix: "Remove the one that does not count, or give it another scope.",
    },
    Code {
        code: NO_PERMIT,
        title: "a permit permits nothing",
        explanation: "Another right forbids all that this one permits, and what one right forbids no other can permit.",
        example: "policy: p\nrights:\n  - permit: { who: { group: responders }, what: edr.* }\n  - forbid: { who: anybody, what: \"*\" }\n",
        fix: "Forbid less, for example `on: { tag: domain-controller }`.",
    },
];
