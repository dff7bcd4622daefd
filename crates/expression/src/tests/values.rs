//! Expression → value, on the data of [`super::scope`].

use serde_json::{Value, json};

use super::{part, scope};
use crate::{EvalErrorKind, Expression};

pub(super) fn rows() -> Vec<(&'static str, Value)> {
    vec![
        ("alert.severity >= SEVERITY.high && 'T1486' in alert.techniques", json!(true)),
        ("SEVERITY.critical - SEVERITY.info", json!(4)),
        ("alert.count + 1", json!(4)),
        ("7 / 2", json!(3)),
        ("-7 % 3", json!(-1)),
        ("-(2 + 3) * 2", json!(-10)),
        ("0x1F", json!(31)),
        ("1.5 + 1.5", json!(3.0)),
        ("'a' + \"b\" + r'\\d'", json!("ab\\d")),
        ("'it\\'s'", json!("it's")),
        ("'''a 'quoted' b'''", json!("a 'quoted' b")),
        ("[1, 2] + [3]", json!([1, 2, 3])),
        ("1 == 1.0", json!(true)),
        ("alert.note == null", json!(true)),
        ("{'a': 1, 'b': [true]}", json!({ "a": 1, "b": [true] })),
        ("{'a': 1}.a", json!(1)),
        ("{'a': 1}['a']", json!(1)),
        ("'a' in {'a': 1}", json!(true)),
        ("alert.fields['event-type']", json!("alert")),
        ("alert.fields.ports[1]", json!(443)),
        ("[[1], [2]][1][0]", json!(2)),
        ("has(alert.host)", json!(true)),
        ("has(alert.hots)", json!(false)),
        ("!has(steps.find.gone) && steps.find.online", json!(true)),
        ("alert.severity > 3 ? 'high' : 'low'", json!("high")),
        ("true ? (false ? 1 : 2) : 3", json!(2)),
        ("false ? 1 : true ? 2 : 3", json!(2)),
        ("alert.techniques.exists(t, t.startsWith('T1071'))", json!(true)),
        ("alert.techniques.all(t, t.startsWith('T1'))", json!(true)),
        ("alert.techniques.exists_one(t, t == 'T1486')", json!(true)),
        ("alert.fields.ports.map(p, p * 2)", json!([160, 886])),
        ("alert.fields.ports.map(p, p > 100, p)", json!([443])),
        ("alert.fields.ports.filter(p, p > 100).size()", json!(1)),
        ("[1, 2].map(x, [10].map(y, x + y))", json!([[11], [12]])),
        ("[1, 2].map(x, x).filter(x, x > 1)", json!([2])),
        ("{'b': 1}.map(k, k)", json!(["b"])),
        ("size('käse')", json!(4)),
        ("size(alert.techniques) + alert.host.name.size()", json!(7)),
        ("alert.host.name.endsWith('17') && alert.host.name.contains('S-')", json!(true)),
        ("alert.host.name.matches('^WS-[0-9]+$')", json!(true)),
        ("string(1.5) + string(true) + string(7)", json!("1.5true7")),
        ("int('12') + int(3.9)", json!(15)),
        ("double('0.5')", json!(0.5)),
        ("big", json!(9_223_372_036_854_775_807_i64)),
        ("alert.gone == 1 || true", json!(true)),
        ("alert.gone == 1 && false", json!(false)),
        ("[1, 'a'].exists(x, x > 'A')", json!(true)),
        ("alert // a comment\n  .count", json!(3)),
        ("'ä' < 'b'", json!(false)),
    ]
}

#[test]
fn expressions_have_these_values() {
    let scope = scope();
    for (text, expect) in rows() {
        let value = Expression::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(value.evaluate(&scope), Ok(expect), "{text}");
    }
}

#[test]
fn functions_of_our_own_have_these_values() {
    let scope = scope();
    for (text, expect) in [
        ("alert.host.name.lowerAscii()", json!("ws-17")),
        ("alert.techniques.join(', ')", json!("T1071.001, T1486")),
        ("[].join(',')", json!("")),
        ("cidr_contains('10.0.0.0/8', alert.src.ip)", json!(true)),
        ("cidr_contains('10.1.2.3', alert.src.ip)", json!(true)),
        ("cidr_contains('10.0.0.0/8', '::ffff:10.9.9.9')", json!(true)),
        ("cidr_contains('::ffff:10.0.0.0/104', '10.9.9.9')", json!(true)),
        ("cidr_contains('10.0.0.0/8', '11.0.0.1')", json!(false)),
        ("cidr_contains('10.0.0.0/8', '64:ff9b::a09:909')", json!(true)),
        ("cidr_contains('0.0.0.0/0', '8.8.8.8')", json!(true)),
        ("cidr_contains('0.0.0.0/0', '2001:db8::1')", json!(false)),
        ("cidr_contains('2001:db8::/32', '2001:db8:1::1')", json!(true)),
        ("cidr_contains('::/0', '2001:db8::1')", json!(true)),
        ("alert.score + 1", json!(1.5)),
        ("1 + 0.5", json!(1.5)),
    ] {
        let value = Expression::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(value.evaluate(&scope), Ok(expect), "{text}");
    }
}

#[test]
fn a_scope_cannot_hide_the_severities() {
    let scope = scope().with("SEVERITY", json!({ "high": 0 }));
    assert_eq!(Expression::compile("SEVERITY.high").unwrap().evaluate(&scope), Ok(json!(4)));
}

#[test]
fn failures_say_what_and_where() {
    use EvalErrorKind::{Budget, Missing, Type, Value};
    let long = json!((0..1001).collect::<Vec<u32>>());
    let wide = json!((0..1000).collect::<Vec<u32>>());
    let scope = scope().with("long", long).with("wide", wide);
    for (text, kind, place, message) in [
        ("alrt.count", Missing, "alrt", "`alrt` is not known here; did you mean `alert`?"),
        ("1 + alert.gone.more", Missing, "alert.gone", "there is no property `gone`"),
        ("alert.count.x", Type, "alert.count.x", "int has no property `x`"),
        (
            "alert.techniques[7]",
            Missing,
            "alert.techniques[7]",
            "there is no element 7 in a list of 2",
        ),
        ("1 + 'a'", Type, "1 + 'a'", "`+` does not take int and string"),
        ("alert.severity > 'x'", Type, "alert.severity > 'x'", "`>` does not take int and string"),
        ("1 / 0", Value, "1 / 0", "division by zero"),
        ("big + 1", Value, "big + 1", "the number does not fit 64 bits"),
        ("int('x')", Value, "int('x')", "the text is no number"),
        ("1e308 * 10.0", Value, "1e308 * 10.0", "the result is no finite number"),
        ("alert.count && true", Type, "alert.count", "bool is wanted, not int"),
        (
            "'a'.matches('(')",
            Value,
            "'a'.matches('(')",
            "pattern cannot be read as a regular expression",
        ),
        (
            "cidr_contains('10.0.0.0/33', '10.0.0.1')",
            Value,
            "cidr_contains('10.0.0.0/33', '10.0.0.1')",
            "`10.0.0.0/33` is no network: write `10.0.0.0/8`",
        ),
        (
            "'a'.matches('((a{99}){99}){99}')",
            Value,
            "'a'.matches('((a{99}){99}){99}')",
            "pattern cannot be read as a regular expression",
        ),
        (
            "nope(1)",
            Type,
            "nope(1)",
            "there is no function `nope`; known are: `size`, `startsWith`, \
          `endsWith`, `contains`, `matches`, `string`, `int`, `double`, `lowerAscii`, `join`, `cidr_contains`",
        ),
        ("long.all(x, x >= 0)", Budget, "long", "list has more than 1000 elements"),
        ("wide + [1]", Budget, "wide + [1]", "list has more than 1000 elements"),
        (
            "wide.all(x, wide.all(y, x >= 0 && y >= 0))",
            Budget,
            "wide",
            "expression is too much work: more than 250000 steps and copies",
        ),
        (
            "wide.map(x, wide)",
            Budget,
            "wide",
            "expression is too much work: more than 250000 steps and copies",
        ),
    ] {
        let error = Expression::compile(text).unwrap().evaluate(&scope).expect_err(text);
        let found = part(text, error.offset, error.length);
        assert_eq!((error.kind, error.message.as_str()), (kind, message), "{text}");
        assert_eq!(found, place, "{text}");
    }
}

#[test]
fn a_spent_budget_is_never_forgiven() {
    let wide = json!((0..1000).collect::<Vec<u32>>());
    let scope = scope().with("wide", wide);
    for text in
        ["wide.all(x, wide.all(y, true)) || true", "wide.exists(x, wide.map(y, wide).size() < 0)"]
    {
        let error = Expression::compile(text).unwrap().evaluate(&scope).expect_err(text);
        assert_eq!(error.kind, EvalErrorKind::Budget, "{text}");
    }
}
