//! Text with `${{ }}` parts → value, errors, findings.

use serde_json::{Value, json};

use super::{env, part, scope};
use crate::{Template, Type, ValueTemplate, render_value};

#[test]
fn templates_render() {
    for (text, expect) in [
        ("plain", json!("plain")),
        ("", json!("")),
        ("${{ alert.count }}", json!(3)),
        ("${{alert.techniques}}", json!(["T1071.001", "T1486"])),
        ("${{ alert.note }}", json!(null)),
        (" ${{ alert.count }}", json!(" 3")),
        (
            "host ${{ alert.host.name }} seen ${{ alert.count }} times",
            json!("host WS-17 seen 3 times"),
        ),
        ("${{ alert.host.name }}${{ steps.find.online }}", json!("WS-17true")),
        ("${{ {'a': {'b': 1}} }}", json!({ "a": { "b": 1 } })),
        ("${{ {'a': {'b': 1}}}}", json!({ "a": { "b": 1 } })),
        ("${{ '}}' + \"${{\" }}!", json!("}}${{!")),
        ("a }} b $ {{ c", json!("a }} b $ {{ c")),
        ("käse ${{ 'ä' }} ö", json!("käse ä ö")),
    ] {
        let template = Template::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(template.render(&scope()), Ok(expect), "{text}");
    }
}

#[test]
fn faults_are_placed_in_the_whole_text() {
    for (text, place, message) in [
        ("a ${{ alert.x", "${{", "`${{` is never closed"),
        ("ä ${{ alert..x }} b", ".", "`.` is not expected here"),
        ("ok ${{ 1 }} ${{ (1 }}", "(", "`(` is not closed before `}`"),
        ("${{ }}", "", "expression is empty"),
        ("${{ 'a }}", "'", "text is never closed"),
        ("x ${{ a = b }}", "=", "`=` does not compare"),
    ] {
        let error = Template::parse(text).expect_err(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(part(text, error.offset, error.length), place, "{text}");
    }
    for (text, place, message) in [
        ("ö ${{ alert.gone }}", "alert.gone", "there is no property `gone`"),
        ("n: ${{ alert.note }}", "alert.note", "null has no place in a text"),
        ("t: ${{ alert.techniques }}", "alert.techniques", "a list has no place in a text"),
        ("h: ${{ alert.host }}", "alert.host", "an object has no place in a text"),
    ] {
        let error = Template::parse(text).unwrap().render(&scope()).expect_err(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(part(text, error.offset, error.length), place, "{text}");
    }
}

#[test]
fn templates_are_checked_in_the_whole_text() {
    let text = "ä ${{ alert.hots.name }} t ${{ alert.techniques }} ${{ vars.x }} ${{ steps.find.host_id }}";
    let template = Template::parse(text).unwrap();
    let found: Vec<String> = template
        .check(&env())
        .iter()
        .map(|f| format!("{} | {} | {}", part(text, f.offset, f.length), f.message, f.help))
        .collect();
    assert_eq!(
        found,
        [
            "hots | `alert` has no property `hots` | did you mean `host`?",
            "alert.techniques | a list of string has no place in a text | join it: \
             `alert.techniques.join(', ')`, or let it stand alone",
        ]
    );
    let paths: Vec<String> = template.references().iter().map(|r| r.path.join(".")).collect();
    assert_eq!(paths, ["alert.hots.name", "alert.techniques", "vars.x", "steps.find.host_id"]);
    for reference in template.references() {
        let written = part(text, reference.offset, reference.length);
        assert_eq!(written, reference.path.join("."));
    }
    assert_eq!(template.infer(&env()), Type::String);
    assert_eq!(Template::parse("${{ alert.count }}").unwrap().infer(&env()), Type::Int);
}

#[test]
fn values_render_leaf_by_leaf() {
    let value =
        json!({ "a": ["${{ alert.count }}", 1, null], "b": { "c": "x${{ alert.count }}" } });
    let expect = json!({ "a": [3, 1, null], "b": { "c": "x3" } });
    assert_eq!(render_value(&value, &scope()), Ok(expect.clone()));
    let template = ValueTemplate::parse(&value).unwrap();
    assert_eq!(template.render(&scope()), Ok(expect));
    assert_eq!(template.templates().len(), 2);
    // What an attacker wrote into the data is not read as a template.
    let data = scope().with("evil", json!("${{ alert.count }}"));
    let rendered = render_value(&json!("${{ evil }} and ${{ evil }}"), &data);
    assert_eq!(rendered, Ok(json!("${{ alert.count }} and ${{ alert.count }}")));
    assert!(ValueTemplate::parse(&json!({ "${{ a }}": 1 })).is_err());
    let deep = (0..40).fold(Value::Null, |inner, _| json!([inner]));
    assert!(ValueTemplate::parse(&deep).is_err());
}
