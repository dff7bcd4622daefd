//! YAML value → JSON value of an input.

use serde_json::{Value, json};
use stanch_expression::Scope;

use crate::{
    ast::{Arg, StepKind},
    parse::parse,
};

fn rendered(arg: &Arg) -> Value {
    match arg {
        Arg::Literal(literal) => literal.value.clone(),
        Arg::Text(text) => text.value.render(&Scope::new()).unwrap(),
        Arg::List(list) => list.value.iter().map(rendered).collect(),
        Arg::Map(map) => map.value.iter().map(|(n, v)| (n.value.clone(), rendered(v))).collect(),
    }
}

#[test]
fn values_are_what_they_look_like() {
    for (yaml, expect) in [
        ("1", json!(1)),
        ("-7", json!(-7)),
        ("1.5", json!(1.5)),
        ("1e3", json!(1000.0)),
        ("0", json!(0)),
        ("007", json!("007")),
        ("12345678901234567890123", json!("12345678901234567890123")),
        ("'1'", json!("1")),
        ("true", json!(true)),
        ("yes", json!("yes")),
        ("no", json!("no")),
        ("null", json!(null)),
        ("~", json!(null)),
        ("", json!(null)),
        ("''", json!("")),
        ("10.0.0.1", json!("10.0.0.1")),
        (".inf", json!(".inf")),
        ("1_000", json!("1_000")),
        ("2026-01-01", json!("2026-01-01")),
        ("[1, a, [b]]", json!([1, "a", ["b"]])),
        ("{ x: 1, y: { z: b } }", json!({ "x": 1, "y": { "z": "b" } })),
        ("'${{ 1 + 1 }}'", json!(2)),
        ("'n ${{ 1 + 1 }}'", json!("n 2")),
        ("|\n        a\n        b\n", json!("a\nb\n")),
    ] {
        let text = format!("playbook: p\ntitle: t\nsteps:\n  - set:\n      a: {yaml}\n");
        let (playbook, findings) = parse(&text);
        let playbook = playbook.unwrap_or_else(|| panic!("{yaml}: {findings:?}"));
        let StepKind::Set(values) = &playbook.steps[0].kind else { panic!("{yaml}") };
        assert_eq!(rendered(&values[0].1), expect, "{yaml}");
    }
}
