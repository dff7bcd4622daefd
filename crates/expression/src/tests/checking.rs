//! Expression → findings and type, against the schemas of [`super::env`].

use super::{env, part};
use crate::{Expression, Type};

/// `PLACE | message | help` of each finding.
fn found(text: &str) -> Vec<String> {
    let expression = Expression::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    expression
        .check(&env())
        .iter()
        .map(|f| format!("{} | {} | {}", part(text, f.offset, f.length), f.message, f.help))
        .collect()
}

#[test]
fn sound_expressions_have_a_type_and_no_findings() {
    let strings = || Type::list(Type::String);
    for (text, expect) in [
        ("alert.severity >= SEVERITY.high", Type::Bool),
        ("alert.count + 1", Type::Int),
        ("alert.score + 1", Type::Number),
        ("alert.score > 1", Type::Bool),
        ("alert.techniques", strings()),
        ("alert.techniques[0] + 'x'", Type::String),
        ("alert.techniques.map(t, t.size())", Type::list(Type::Int)),
        ("alert.hosts.map(h, h.id).filter(i, i != '')", strings()),
        ("alert.hosts.exists(h, h.id == alert.host.name)", Type::Bool),
        ("alert.fields.anything.at.all == 7 || alert.fields['x'] > 'y'", Type::Bool),
        ("alert.fields.a + 'x'", Type::String),
        ("alert.fields.list.exists(x, x.y > 3)", Type::Bool),
        ("alert.note == null || alert.note == 'x'", Type::Bool),
        ("vars.anything && vars.other > 3", Type::Bool),
        ("steps.intel.verdict == 'malicious'", Type::Bool),
        ("steps.intel.verdict in ['malicious', 'suspicious']", Type::Bool),
        ("steps.intel.verdict + '!'", Type::String),
        ("steps['find'].online ? 1 : 2", Type::Int),
        ("steps.find.online ? 1 : 'x'", Type::Any),
        ("has(steps.find.host_id) && !alert.closed", Type::Bool),
        ("{'a': 1}.a", Type::Int),
        ("alert.techniques.join(', ')", Type::String),
        ("cidr_contains('10.0.0.0/8', alert.src.ip)", Type::Bool),
        ("'x' in alert.fields", Type::Bool),
        ("[] + alert.techniques", Type::list(Type::Any)),
        ("-alert.score", Type::Number),
    ] {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
        assert_eq!(Expression::compile(text).unwrap().infer(&env()), expect, "{text}");
    }
}

#[test]
fn slips_are_found_where_they_are_written() {
    for (text, expect) in [
        ("alrt.count > 1", "alrt | `alrt` is not known here | did you mean `alert`?"),
        ("x.y", "x | `x` is not known here | known are: `alert`, `steps`, `vars`"),
        (
            "steps.find.hostid == ''",
            "hostid | `steps.find` has no property `hostid` | did you mean `host_id`?",
        ),
        ("steps['fnd'].host_id", "'fnd' | `steps` has no property `fnd` | did you mean `find`?"),
        (
            "alert.hosts.id",
            "id | `alert.hosts` is a list, and has no property `id` | take one element: \
          `alert.hosts[0].id`, or all: `alert.hosts.map(x, x.id)`",
        ),
        (
            "alert.host.name.x",
            "x | `alert.host.name` is a string, and has no property `x` | use `alert.host.name` itself",
        ),
        (
            "1 + 'a'",
            "1 + 'a' | `+` cannot add int and string | turn one side into the other's type: `string(…)` or `int(…)`",
        ),
        (
            "alert.severity == 'high'",
            "alert.severity == 'high' | int and string are compared; `==` never holds | \
          severities are numbers: write `SEVERITY.high`",
        ),
        (
            "alert.count == 'x'",
            "alert.count == 'x' | int and string are compared; `==` never holds | \
          turn one side into the other's type: `string(…)` or `int(…)`",
        ),
        (
            "alert.host.name >= 3",
            "alert.host.name >= 3 | `>=` cannot compare string with int | turn one side into \
          the other's type: `string(…)` or `int(…)`",
        ),
        (
            "alert.count && true",
            "alert.count | `&&` takes bool, not int | compare it: `alert.count != 0`",
        ),
        (
            "!alert.host.name",
            "alert.host.name | `!` takes bool, not string | compare it: `alert.host.name != ''`",
        ),
        (
            "alert.techniques ? 1 : 2",
            "alert.techniques | `?` takes bool, not list of string | ask for its size: \
          `size(alert.techniques) > 0`",
        ),
        (
            "'T1486' in alert.host.name",
            "alert.host.name | `in` takes a list, not string | to search in a text write \
          `alert.host.name.contains('T1486')`",
        ),
        (
            "7 in alert.techniques",
            "7 in alert.techniques | a list of string never holds int | turn one side into \
          the other's type: `string(…)` or `int(…)`",
        ),
        (
            "alert.techniques.contains('T1486')",
            "alert.techniques | `contains` takes string here, not list of string | \
          for lists write `value in list`",
        ),
        (
            "steps.intel.verdict == 'malicous'",
            "'malicous' | the value is never `malicous` | did you mean `malicious`?",
        ),
        ("len(alert.techniques) > 1", "len | there is no function `len` | write `size(list)`"),
        (
            "alert.host.name.startswith('a')",
            "startswith | there is no function `startswith` | did you mean `startsWith`?",
        ),
        (
            "alert.host.name.startsWith()",
            "startsWith | `startsWith` is not called this way | write `text.startsWith('start')`",
        ),
        (
            "startsWith(alert.host.name, 'a')",
            "startsWith | `startsWith` is not called this way | write \
          `text.startsWith('start')`",
        ),
        (
            "alert.host.name.matches('(?=a)')",
            "'(?=a)' | pattern cannot be read as a regular expression | patterns are \
          RE2: no look-around, no back references; write a backslash as \\\\ or use r'…'",
        ),
        (
            "alert.count.all(x, true)",
            "alert.count | `alert.count` is an int, and has no elements | loops walk lists, \
          and the names of objects",
        ),
        (
            "alert.techniques.filter(t, t)",
            "t | `filter` takes bool, not string | compare it: `t != ''`",
        ),
        ("alert.hosts.map(h, h.name)", "name | `h` has no property `name` | known are: `id`"),
        (
            "alert.techniques['a']",
            "'a' | a list is indexed by int, not by string | write the element's number, from 0",
        ),
        (
            "alert.host.name * 2",
            "alert.host.name * 2 | `*` takes numbers, not string and int | turn one side into the \
          other's type: `string(…)` or `int(…)`",
        ),
        (
            "has(alert.hots)",
            "has(alert.hots) | `alert` has no property `hots` | did you mean `host`?",
        ),
    ] {
        assert_eq!(found(text), [expect], "{text}");
    }
}

#[test]
fn one_slip_gives_one_finding_and_all_are_found() {
    assert_eq!(found("alrt.a.b.c + 1 > 2 && alrt.d.size() > 1").len(), 2);
    assert_eq!(found("alert.nme.startsWith('x') && alert.cnt > 1 && 1 == 'a'").len(), 3);
}
