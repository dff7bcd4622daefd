//! Every finding about a test file: its code, what it means, an example that has it, and the fix.

use crate::check::codes::Code;

pub(super) const NOT_YAML: &str = "TS0001";
pub(super) const TOO_LARGE: &str = "TS0002";
pub(super) const DUPLICATE_KEY: &str = "TS0003";
pub(super) const UNKNOWN_KEY: &str = "TS0004";
pub(super) const MISSING_KEY: &str = "TS0005";
pub(super) const WRONG_SHAPE: &str = "TS0006";
pub(super) const UNKNOWN_WORD: &str = "TS0007";
pub(super) const TAKEN_NAME: &str = "TS0008";
pub(super) const NO_SUCH_ALERT: &str = "TS0009";

/// The table. A code is never used again for something else.
pub const CODES: &[Code] = &[
    Code {
        code: NOT_YAML,
        title: "a test file is no YAML",
        explanation: "The text cannot be read as YAML, uses anchors or tags, or holds a second document.",
        example: "- name: [a\n",
        fix: "Close the bracket.",
    },
    Code {
        code: TOO_LARGE,
        title: "a test file is too large",
        explanation: "It has more bytes than are read, or nests too deep.",
        example: "- [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        fix: "Split it, or nest less deep.",
    },
    Code {
        code: DUPLICATE_KEY,
        title: "a key of a test is given twice",
        explanation: "Only one of the two could count.",
        example: "- name: a\n  name: b\n  alert: {}\n  expect: { actions: [], state: succeeded }\n",
        fix: "Remove one.",
    },
    Code {
        code: UNKNOWN_KEY,
        title: "a key of a test does not exist",
        explanation: "Nothing unknown is skipped: a misspelt key would make the case test something else.",
        example: "- name: a\n  alerts: {}\n  alert: {}\n  expect: { actions: [], state: succeeded }\n",
        fix: "Write `alert`.",
    },
    Code {
        code: MISSING_KEY,
        title: "a test lacks a key",
        explanation: "A case has to have a name, an alert, and an expectation of acts and state.",
        example: "- name: a\n  alert: {}\n  expect: { state: succeeded }\n",
        fix: "Add `actions: []` under `expect`.",
    },
    Code {
        code: WRONG_SHAPE,
        title: "a value of a test has the wrong shape",
        explanation: "A mapping, a list or a single value is wanted where something else is written.",
        example: "- name: a\n  alert: {}\n  expect: { actions: firewall.block_address, state: succeeded }\n",
        fix: "Write a list: `[{ name: firewall.block_address, target: 203.0.113.66 }]`.",
    },
    Code {
        code: UNKNOWN_WORD,
        title: "a word of a test does not exist",
        explanation: "Only some words are possible there.",
        example: "- name: a\n  alert: {}\n  expect: { actions: [], state: success }\n",
        fix: "Write `succeeded`.",
    },
    Code {
        code: TAKEN_NAME,
        title: "two cases have one name",
        explanation: "A report could not tell them apart.",
        example: "- { name: a, alert: {}, expect: { actions: [], state: succeeded } }\n- { name: a, alert: {}, expect: { actions: [], state: failed } }\n",
        fix: "Give each case a name that says what it shows.",
    },
    Code {
        code: NO_SUCH_ALERT,
        title: "no alert looks like that",
        explanation: "The value has a type or range that the key of an alert or incident never has.",
        example: "- name: a\n  alert: { severity: high }\n  expect: { actions: [], state: succeeded }\n",
        fix: "Write `severity: 4`; 1 is info, 5 is critical.",
    },
];
