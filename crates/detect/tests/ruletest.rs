//! Test files of rules: what passes, what fails, and what cannot be read.

use stanch_detect::ruletest;
use stanch_model::Event;

const RULE: &str = r"
title: base
id: 00000000-0000-4000-8000-000000000001
logsource: { product: x, category: y }
detection: { selection: { a: 1, b: 'true' }, condition: selection }
---
title: counted
id: 00000000-0000-4000-8000-000000000002
correlation:
    type: event_count
    rules: [ 00000000-0000-4000-8000-000000000001 ]
    timespan: 1m
    condition: { gte: 2 }
---
title: other
id: 00000000-0000-4000-8000-000000000003
logsource: { product: x, category: y }
detection: { selection: { c: 1 }, condition: selection }
";

#[track_caller]
fn check(rule: &str, test: &str, expect: &str) {
    let parse = |format: &str, record: &str| -> Result<Event, String> {
        Err(format!("no {format} here: {record}"))
    };
    let lines: Vec<_> = ruletest::run(rule, test, &parse)
        .into_iter()
        .map(|result| {
            let word = if result.passed { "ok" } else { "failed" };
            format!("{} {word} {} {}", result.span.line, result.name, result.message)
                .trim()
                .to_owned()
        })
        .collect();
    assert_eq!(lines.join("\n"), expect);
}

#[test]
fn cases_say_what_they_want_and_what_was_seen() {
    check(RULE, "- { name: n, events: [ { a: 1, b: 'true' } ], match: false }", "1 ok n");
    check(
        RULE,
        "- name: n\n  events: [ { event: { a: 1, b: 'true' }, repeat: 4 } ]\n  match: 2\n",
        "1 ok n",
    );
    check(
        RULE,
        "\n- { name: n, events: [ { a: 1, b: 'true' }, { a: 1, b: 'true' } ], match: false }\n",
        r#"2 failed n wanted no match, saw 1: ["counted"]"#,
    );
    check(
        RULE,
        "- { name: n, events: [ { c: 2 } ], match: true }",
        "1 failed n wanted a match, saw 0: []",
    );
    check(RULE, "- { name: n, events: [ { c: 1 } ], match: 1 }", "1 ok n");
    check(RULE, "- { name: n, rule: counted, events: [ { c: 1 } ], match: 0 }", "1 ok n");
    check(
        RULE,
        "- { name: n, rule: none, events: [ { c: 1 } ], match: 0 }",
        "1 failed n the rule file has no rule `none`",
    );
    check(
        RULE,
        "- { name: n, format: sshd, events: [ 'x y' ], match: true }",
        "1 failed n event 1 cannot be read as sshd: no sshd here: x y",
    );
    check(
        RULE,
        "- { name: n, events: [ 'x y' ], match: true }",
        "1 failed n an event that is a text needs `format`",
    );
}

#[test]
fn files_that_cannot_be_read_say_so_at_their_place() {
    let shape = |test: &str, expect: &str| check(RULE, test, expect);
    shape("", "1 failed TS0101 the file is no list of cases");
    shape("a: 1", "1 failed TS0101 the document is no list");
    shape("[]", "1 failed TS0101 the file has no cases");
    shape("- { name: n, events: [ {c: 1} ] }", "1 failed TS0101 `match` is missing");
    shape(
        "- { name: n, events: [], match: true }",
        "1 failed TS0101 a case without events proves nothing",
    );
    shape("- { name: n, event: [], match: true }", "1 failed TS0101 `event` is no key of a case");
    shape(
        "- { name: n, events: [ {c: 1} ], match: maybe }",
        "1 failed TS0101 `match` is true, false or a number",
    );
    check(
        "title: x",
        "[]",
        "1 failed TS0102 the rule is refused: 1:1 SG0002 neither `detection` nor `correlation` nor `filter` is there",
    );
}
