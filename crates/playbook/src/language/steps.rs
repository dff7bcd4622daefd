//! The kinds of steps.

use super::{DAY, Fields, HOUR, Key, Kind, LONGEST, MINUTE, Object, SECOND, Shape, may, must};
use crate::ast::{LIMIT_MAX, TURNS_MAX, WIDTH_MAX};

/// All kinds, in the order in which they are listed.
pub const KINDS: [&Kind; 13] = [
    &DO, &SCRIPT, &IF, &SWITCH, &PARALLEL, &FOR_EACH, &WHILE, &CALL, &WAIT_STEP, &ASK, &SET, &TRY,
    &END,
];

/// The key that every step can have.
pub const ID: Key = may(
    "id",
    Shape::Name { dashes: false },
    "the machine numbers it",
    "The name that other steps use: `steps.ID`. In the whole playbook it is the only one with it.",
);

const WITH: Key = may(
    "with",
    Shape::Values,
    "nothing",
    "What it is given. A secret stands alone: `${{ secrets.NAME }}`.",
);

const ON_ERROR: Key = may(
    "on_error",
    Shape::Word(&["fail", "continue"]),
    "`fail`",
    "Whether the run fails if the step fails, unless a `try` catches it, or goes on; then `steps.ID.ok` is false.",
);

const RETRY_KEY: Key = may(
    "retry",
    Shape::Object(&RETRY),
    "no second try",
    "How often it is tried again. Acts are only if they certainly did not happen.",
);

const DEFAULT: Key = may(
    "default",
    Shape::Constants,
    "the empty value of each type",
    "What `steps.ID` reads as where the step did not run or failed. Where it is silent the empty value counts.",
);

const APPROVE_KEY: Key = may(
    "approve",
    Shape::Object(&APPROVE),
    "what the guard asks for",
    "The approval that it needs at least. An irreversible act cannot do without.",
);

/// How often a step is tried again.
pub const RETRY: Object = Object {
    what: "`retry`",
    keys: &[
        must("times", Shape::Number { least: 1, most: 10 }, "How often after the first time."),
        must(
            "every",
            Shape::Time { least: SECOND, most: HOUR },
            "The pause before the first of them. It doubles each time, up to an hour.",
        ),
    ],
};

/// An approval.
pub const APPROVE: Object = Object {
    what: "`approve`",
    keys: &[
        may("by", Shape::Text, "whoever may approve", "The group of which they have to be."),
        may("count", Shape::Number { least: 1, most: 10 }, "1", "How many people."),
        may(
            "within",
            Shape::Time { least: MINUTE, most: LONGEST },
            "as the policy says",
            "How long the question stands.",
        ),
        may(
            "otherwise",
            Shape::Word(&["deny", "escalate"]),
            "`deny`",
            "What happens then: a no, or the target's owner is asked, else the admins, once.",
        ),
    ],
};

const DO: Kind = Kind {
    word: "do",
    title: "Call an action",
    text: "Calls an action of a connector: a read, or an act, which the guard decides on. Its input and output are \
           checked against the connector's manifest.",
    value: Shape::Text,
    keys: &[
        WITH,
        RETRY_KEY,
        may(
            "timeout",
            Shape::Time { least: SECOND, most: DAY },
            "as long as it takes",
            "How long the step may take, all retries included.",
        ),
        DEFAULT,
        ON_ERROR,
        may(
            "expires",
            Shape::Time { least: MINUTE, most: LONGEST },
            "until somebody takes it back",
            "How long the act stays; then it is undone. Reversible actions only.",
        ),
        APPROVE_KEY,
    ],
    gives: "the action's output",
};

const SCRIPT: Kind = Kind {
    word: "script",
    title: "Run a script",
    text: "Runs a script in a sandbox: one JSON object on its standard input, one on its standard output. Without \
           `network` it reaches nothing.",
    value: Shape::Word(&["python", "bash", "powershell"]),
    keys: &[
        must(
            "code",
            Shape::Text,
            "The script. Nothing is worked out in it: it gets values by `with`.",
        ),
        WITH,
        may(
            "output",
            Shape::Fields(Fields::Output),
            "nothing",
            "What it writes: a JSON Schema for each property, all of them required.",
        ),
        may(
            "effect",
            Shape::Word(&["read", "irreversible"]),
            "`read`",
            "What it does to the world. One that acts needs `target` and `approve`.",
        ),
        may(
            "target",
            Shape::Object(&TARGET),
            "nothing",
            "What it acts on, for the guard to look at.",
        ),
        may(
            "network",
            Shape::List(&Shape::Text, 0, 20),
            "none",
            "The places that it may reach, as `host:port`.",
        ),
        RETRY_KEY,
        may(
            "timeout",
            Shape::Time { least: SECOND, most: HOUR },
            "30s",
            "How long it may take, all retries included.",
        ),
        DEFAULT,
        ON_ERROR,
        APPROVE_KEY,
    ],
    gives: "what `output` declares",
};

/// What a script acts on.
pub const TARGET: Object = Object {
    what: "`target`",
    keys: &[
        must(
            "kind",
            Shape::Word(&[
                "ip",
                "domain",
                "url",
                "file_hash",
                "email_address",
                "user",
                "host",
                "process",
            ]),
            "What kind of thing it is.",
        ),
        must("value", Shape::Template, "Which one."),
    ],
};

const IF: Kind = Kind {
    word: "if",
    title: "Take one of two ways",
    text: "What its condition asks for with `has` or `in` is known to be there in the steps of the way that is taken.",
    value: Shape::Expression("bool"),
    keys: &[
        must("then", Shape::Steps(1), "What is done if it is true."),
        may("else", Shape::Steps(1), "nothing", "What is done if it is not."),
    ],
    gives: "",
};

const SWITCH: Kind = Kind {
    word: "switch",
    title: "Take one of several ways",
    text: "Compares a value with constants, as `==` does. Every value needs a way: there is an `else`, or the cases cover \
           all that the value can be.",
    value: Shape::Expression("any value"),
    keys: &[
        must("cases", Shape::List(&Shape::Object(&CASE), 1, 100), "The ways, tried in order."),
        may(
            "else",
            Shape::Steps(1),
            "nothing, if the cases cover every value",
            "What is done if none fits.",
        ),
    ],
    gives: "",
};

/// A way of a `switch`.
pub const CASE: Object = Object {
    what: "a case",
    keys: &[
        must("in", Shape::List(&Shape::Constant, 1, 100), "The constants that it is for."),
        must("then", Shape::Steps(1), "What is done."),
    ],
};

const PARALLEL: Kind = Kind {
    word: "parallel",
    title: "Go several ways at once",
    text: "Each branch is one step; for more write an `if`, `try` or a loop around them. Branches do not see one \
           another: what one sets, the others see only afterwards.",
    value: Shape::Steps(2),
    keys: &[may(
        "until",
        Shape::Word(&["all", "any"]),
        "`all`",
        "Whether it waits for all branches, or for the first that succeeds. That ends the others: what is in \
         flight comes back, and what they did stays in the ledger.",
    )],
    gives: "",
};

const FOR_EACH: Kind = Kind {
    word: "for_each",
    title: "Do the same for each element of a list",
    text: "Inside, the element has the name after `as`, and steps are seen by later ones of the same turn. A list \
           longer than `limit` fails the step: it is never cut.",
    value: Shape::Expression("list"),
    keys: &[
        must("as", Shape::Name { dashes: false }, "What the element is called inside."),
        may("width", Shape::Number { least: 1, most: WIDTH_MAX }, "1", "How many turns at once."),
        may("limit", Shape::Number { least: 1, most: LIMIT_MAX }, "100", "The longest list."),
        must("steps", Shape::Steps(1), "What is done in each turn."),
        ON_ERROR,
    ],
    gives: "`count`, `failed`, and `results`: for each turn, in the order of the list, what its steps gave, by id",
};

const WHILE: Kind = Kind {
    word: "while",
    title: "Do the same until something holds",
    text: "The condition is looked at before each turn. It sees the steps inside as the last turn left them, and \
           before the first turn their defaults. When the turns are used up, the step fails.",
    value: Shape::Expression("bool"),
    keys: &[
        must("turns", Shape::Number { least: 1, most: TURNS_MAX }, "How many turns at the most."),
        must("steps", Shape::Steps(1), "What is done in each turn."),
        ON_ERROR,
    ],
    gives: "",
};

const CALL: Kind = Kind {
    word: "call",
    title: "Run another playbook",
    text: "Runs a playbook of the same folder as a part of this one; it sees what started this run. Calls form no \
           circle, and go at most 5 deep.",
    value: Shape::Name { dashes: true },
    keys: &[may("with", Shape::Values, "nothing", "Its inputs."), ON_ERROR],
    gives: "the playbook's `outputs`",
};

const WAIT_STEP: Kind = Kind {
    word: "wait",
    title: "Let time pass, or wait for a signal",
    text: "For a while; until a moment, at once if it is past and at most a year ahead; or until somebody outside says so, \
           with `POST /api/v1/runs/RUN/signals/NAME`.",
    value: Shape::Either(&[Shape::Time { least: SECOND, most: LONGEST }, Shape::Object(&WAIT)]),
    keys: &[],
    gives: "of a signal: `data`, the JSON object that came with it; `ok` is false when the time was over first",
};

/// What a `wait` waits for, if not for a while.
pub const WAIT: Object = Object {
    what: "`wait`",
    keys: &[
        may("until", Shape::Expression("an RFC 3339 text"), "", "The moment."),
        may("signal", Shape::Name { dashes: true }, "", "The name of the signal."),
        may(
            "within",
            Shape::Time { least: MINUTE, most: LONGEST },
            "needed beside `signal`",
            "How long the signal is waited for.",
        ),
    ],
};

const ASK: Kind = Kind {
    word: "ask",
    title: "Ask people",
    text: "A decision, with `options` and `otherwise`, or a form, with `form`. A form that nobody fills in in time reads as \
           empty values, and `ok` is false.",
    value: Shape::Template,
    keys: &[
        may("options", Shape::List(&Shape::Text, 2, 20), "", "The answers to choose from."),
        may(
            "form",
            Shape::Fields(Fields::Form),
            "",
            "A value for each field, all of them required: a flat JSON Schema, of type string, integer, number, boolean, \
             or with an `enum`.",
        ),
        must(
            "within",
            Shape::Time { least: MINUTE, most: LONGEST },
            "How long the question stands.",
        ),
        may(
            "otherwise",
            Shape::Text,
            "needed beside `options`",
            "The answer if nobody answers: one of the options.",
        ),
        may("by", Shape::Text, "whoever may answer", "The group that is asked."),
    ],
    gives: "of a decision: `answer`; of a form: its fields",
};

const SET: Kind = Kind {
    word: "set",
    title: "Give names to values",
    text: "In order, so that a value can use those before it. They are read as `vars.NAME` on every way that leads through \
           here.",
    value: Shape::Values,
    keys: &[],
    gives: "",
};

const TRY: Kind = Kind {
    word: "try",
    title: "Catch what fails",
    text: "If a step fails, or is refused by the guard or by people, the steps of `on_error` are done; they see \
           `error.step` and `error.why`. Cancelling, the timeout of the run and the kill switch are not caught.",
    value: Shape::Steps(1),
    keys: &[must("on_error", Shape::Steps(1), "What is done then.")],
    gives: "",
};

const END: Kind = Kind {
    word: "end",
    title: "End the run",
    text: "Of a playbook that was called it ends that alone.",
    value: Shape::Word(&["succeeded", "failed"]),
    keys: &[may("note", Shape::Template, "nothing", "Why, in plain words.")],
    gives: "",
};
