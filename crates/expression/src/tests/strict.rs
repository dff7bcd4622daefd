//! A strict environment: what it minds, and that what it lets pass meets nothing missing and nothing
//! of a wrong type.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{env, part};
use crate::{EvalErrorKind, Expression, Scope, Template, TypeEnv, TypeFinding};

fn strict() -> TypeEnv {
    let wide = json!({ "type": "object", "properties": {
        "text": { "type": "string" }, "whole": { "type": "integer" }, "part": { "type": "number" },
        "truth": { "type": "boolean" }, "words": { "type": "array", "items": { "type": "string" } },
        "mixed": { "type": "array" }, "any": {}, "open": { "type": "object" },
    }});
    env().with("w", &wide).strict()
}

fn mended(text: &str, finding: &TypeFinding) -> String {
    let edit = finding.edit.as_ref().unwrap_or_else(|| panic!("{text}: {}", finding.message));
    let end = edit.offset.saturating_add(edit.length);
    let (before, after) = (text.get(..edit.offset).unwrap(), text.get(end..).unwrap());
    format!("{before}{}{after}", edit.text)
}

#[test]
fn what_may_be_absent_is_asked_for_first() {
    for text in [
        "has(w.open.a) && w.open.a == 3",
        "'a' in w.open && w.open.a == 3",
        "'a-b' in w.open && w.open['a-b'] == 3",
        "!has(w.open.a) || w.open.a == 3",
        "has(w.open.a) ? w.open.a == 3 : false",
        "!has(w.open.a) ? false : w.open.a == 3",
        "has(w.open.a.b) && w.open.a.b == w.open.a",
        "has(w.any.b) && w.any.b == 1",
        "w.open.exists(k, w.open[k] == 3)",
        "w.text in w.open && w.open[w.text] == 3",
        "w.mixed.exists(m, has(m.x) && m.x == 3)",
        "w.mixed.map(m, has(m.x), m.x).size() > 0",
        "string(w.any).startsWith('a')",
        "list(w.any).exists(x, x == 3)",
        "w.any == 3 && 'a' in list(w.any)",
        "'a' in w.open ? list(w.open['a'])[0] == 3 : false",
    ] {
        let found = Expression::compile(text).unwrap().check(&strict());
        assert_eq!(found, [], "{text}");
    }
}

#[test]
fn what_a_strict_environment_minds_is_mended_by_its_edit() {
    for (text, place, mended_to) in [
        ("w.open.a == 3", "w.open.a", "(has(w.open.a) ? w.open.a : '') == 3"),
        ("w.open['a-b'] == 3", "w.open['a-b']", "('a-b' in w.open ? w.open['a-b'] : '') == 3"),
        ("w.open[w.text] == 3", "w.open[w.text]", "(w.text in w.open ? w.open[w.text] : '') == 3"),
        ("w.any.startsWith('a')", "w.any", "string(w.any).startsWith('a')"),
        ("w.any > 3", "w.any", "int(w.any) > 3"),
        ("w.any - 3 > 0", "w.any", "double(w.any) - 3 > 0"),
        ("w.any + 'a' == ''", "w.any", "string(w.any) + 'a' == ''"),
        ("w.any.exists(x, x == 3)", "w.any", "list(w.any).exists(x, x == 3)"),
        ("'a' in w.any", "w.any", "'a' in list(w.any)"),
        ("w.any && w.truth", "w.any", "(w.any == true) && w.truth"),
        ("w.mixed.join(', ') == ''", "w.mixed", "w.mixed.map(x, string(x)).join(', ') == ''"),
        ("w.words[w.any] == ''", "w.any", "w.words[int(w.any)] == ''"),
        ("w.any[0] == 3", "w.any", "list(w.any)[0] == 3"),
        ("w.text == 3", "w.text == 3", "w.text == '3'"),
        ("w.whole == '3'", "w.whole == '3'", "w.whole == 3"),
        ("w.text + w.whole == ''", "w.text + w.whole", "w.text + string(w.whole) == ''"),
        ("!w.text", "w.text", "!(w.text != '')"),
        ("'a' in w.text", "w.text", "w.text.contains('a')"),
        ("w.words.contains('a')", "w.words", "('a' in w.words)"),
        ("w.txt == ''", "txt", "w.text == ''"),
        ("w.text.x == ''", "x", "w.text == ''"),
        ("alert.severity == 'high'", "alert.severity == 'high'", "alert.severity == SEVERITY.high"),
        ("len(w.words) > 0", "len", "size(w.words) > 0"),
        (
            "steps.intel.verdict == \"malicous\"",
            "\"malicous\"",
            "steps.intel.verdict == \"malicious\"",
        ),
    ] {
        let found = Expression::compile(text).unwrap().check(&strict());
        let [finding] = found.as_slice() else { panic!("{text}: {found:?}") };
        assert_eq!(part(text, finding.offset, finding.length), place, "{text}");
        let text = mended(text, finding);
        assert_eq!(text, mended_to);
        assert_eq!(Expression::compile(&text).unwrap().check(&strict()), [], "{text}");
    }
    let template = Template::parse("a ${{ w.any }} b").unwrap();
    let found = template.check(&strict());
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(mended(template.text(), finding), "a ${{ string(w.any) }} b");
}

#[test]
fn errors_of_other_languages_are_mended_by_their_edit() {
    for (text, expect) in [
        ("a = 1", "a == 1"),
        ("a & b", "a && b"),
        ("a and b", "a && b"),
        ("a or b", "a || b"),
        ("(a", "(a)"),
        ("a)", "a"),
        ("a == 'x", "a == 'x'"),
        ("a == 1u", "a == 1"),
        ("b'a'", "'a'"),
        ("x.matches('\\d')", "x.matches('\\\\d')"),
    ] {
        let error = Expression::compile(text).expect_err(text);
        let edit = error.edit.unwrap_or_else(|| panic!("{text}"));
        let mut mended = text.to_owned();
        mended.replace_range(edit.offset..edit.offset + edit.length, &edit.text);
        assert_eq!(mended, expect);
        Expression::compile(&mended).unwrap();
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        Just(json!(0.5)),
        select(vec!["", "a", "b", "3"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((select(vec!["a", "b", "x"]), inner), 0..3)
                .prop_map(|entries| entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

/// Data that fits the schema of `w`.
fn data() -> impl Strategy<Value = Value> {
    let text = || select(vec!["", "a", "b", "x"]);
    let open = vec((select(vec!["a", "b", "x"]), json_value()), 0..4);
    let open = open.prop_map(|entries| -> Value {
        entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
    });
    (
        text(),
        -3_i64..4,
        any::<bool>(),
        vec(text(), 0..3),
        vec(json_value(), 0..3),
        json_value(),
        open,
    )
        .prop_map(|(text, whole, truth, words, mixed, any, open)| {
            json!({ "text": text, "whole": whole, "part": 0.5, "truth": truth, "words": words,
                    "mixed": mixed, "any": any, "open": open })
        })
}

/// Expressions of all kinds, sound or not.
fn expression() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "w.text",
        "w.whole",
        "w.part",
        "w.truth",
        "w.words",
        "w.mixed",
        "w.any",
        "w.open",
        "1",
        "'a'",
        "true",
        "null",
        "[]",
        "['a']",
        "w.open.a",
        "w.open['b']",
        "w.any.x",
        "has(w.open.a)",
        "'b' in w.open",
        "has(w.any.x)",
        "w.words[0]",
        "w.mixed[0]",
        "{'a': 1}",
        "w.open[w.text]",
        "w.text in w.open",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 3, |inner| {
        let one = inner.clone();
        let two = (inner.clone(), inner.clone());
        let sign = select(vec!["==", "!=", "<", ">=", "in", "+", "-", "*", "/", "%", "&&", "||"]);
        prop_oneof![
            4 => (sign, two).prop_map(|(sign, (a, b))| format!("({a} {sign} {b})")),
            1 => one.clone().prop_map(|a| format!("!({a})")),
            1 => one.clone().prop_map(|a| format!("-({a})")),
            2 => (select(vec!["string", "int", "double", "list", "size"]), one.clone())
                .prop_map(|(name, a)| format!("{name}({a})")),
            2 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            2 => (inner.clone(), select(vec!["exists", "all", "filter", "map", "exists_one"]), inner.clone())
                .prop_map(|(a, name, b)| format!("({a}).{name}(w, {b})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            1 => (inner.clone(), select(vec!["startsWith", "contains", "join"]), inner.clone())
                .prop_map(|(a, name, b)| format!("({a}).{name}({b})")),
        ]
    })
}

/// The two properties below would say nothing if hardly any expression were sound.
#[test]
fn many_generated_expressions_become_sound() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut reached = 0;
    for _ in 0..1_000 {
        let text = expression().new_tree(&mut runner).unwrap().current();
        let operators = text.matches('(').count();
        reached += usize::from(sound(text).is_some() && operators > 1);
    }
    assert!(reached > 80, "{reached}");
}

/// As is, and with every edit that is offered: mending makes many of them sound.
fn sound(mut text: String) -> Option<Expression> {
    for _ in 0..40 {
        let expression = Expression::compile(&text).ok()?;
        let findings = expression.check(&strict());
        let Some(first) = findings.first() else { return Some(expression) };
        first.edit.as_ref()?;
        text = mended(&text, first);
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn what_passes_meets_nothing_missing_and_no_wrong_type(text in expression(), data in data()) {
        let Some(expression) = sound(text) else { return Ok(()) };
        if let Err(error) = expression.evaluate(&Scope::new().with("w", data.clone())) {
            let wrong = matches!(error.kind, EvalErrorKind::Missing | EvalErrorKind::Type);
            prop_assert!(!wrong, "{expression} on {data}: {error}");
        }
    }

    #[test]
    fn the_type_that_is_inferred_is_the_type_of_the_value(text in expression(), data in data()) {
        use crate::types::Type as T;
        let Some(expression) = sound(text) else { return Ok(()) };
        let Ok(value) = expression.evaluate(&Scope::new().with("w", data.clone())) else { return Ok(()) };
        let fits = match expression.infer(&strict()) {
            T::Any => true,
            T::Null => value.is_null(),
            T::Bool => value.is_boolean(),
            T::Int | T::Number => value.is_number(),
            T::String | T::Choice(_) => value.is_string(),
            T::List(_) => value.is_array(),
            T::Object(_) => value.is_object(),
        };
        prop_assert!(fits, "{expression} on {data}: {value}");
    }
}
