//! Faults inside of values are shown where they stand, in every style that YAML has for text.

use crate::parse::parse;

/// `LINE:COL-LINE:COL` of the only finding.
fn place(condition: &str) -> String {
    let text = format!(
        "playbook: p\ntitle: t\nsteps:\n  - if: {condition}\n    then: [{{ end: succeeded }}]\n"
    );
    let (_, findings) = parse(&text);
    let [finding] = findings.as_slice() else { panic!("{text}\n{findings:#?}") };
    let span = finding.span;
    let mut covered = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let from = if number == span.line { span.column as usize } else { 1 };
        let to = if number == span.end_line { span.end_column as usize } else { usize::MAX };
        if (span.line..=span.end_line).contains(&number) {
            covered.extend(line.chars().skip(from - 1).take(to.saturating_sub(from)));
        }
    }
    format!("{}:{} {covered}", span.line, span.column)
}

#[test]
fn faults_are_placed_in_every_style() {
    for (condition, expect) in [
        ("a = 1", "4:11 ="),
        ("'a = 1'", "4:12 ="),
        ("\"a = 1\"", "4:12 ="),
        ("'x == ''y'' && a = 1'", "4:26 ="),
        ("\"x == \\\"y\\\" && a = 1\"", "4:26 ="),
        ("\"x == '\\u00e4\\x41' && a = 1\"", "4:33 ="),
        ("'x == ''ö'' && a = 1'", "4:26 ="),
        ("\"true\n      && a = 1\"", "5:12 ="),
        ("true\n      && a = 1", "5:12 ="),
        ("\"true \\\n      && a = 1\"", "5:12 ="),
        ("|\n      true\n      && a = 1", "6:12 ="),
        ("|\n      true\n\n        && a = 1", "7:14 ="),
        (">-\n      true\n      && a = 1", "6:12 ="),
        ("> # why\n      true\n      && a = 1\n", "6:12 ="),
        ("|2-\n      'true' ==\n      'a' && a = 1", "6:16 ="),
        (">-\n      'a' in x\n      && a = 1", "6:12 ="),
        ("\n      a = 1", "5:9 ="),
        ("\n      'a = 1'", "5:10 ="),
        ("a == \"x", "4:14 \""),
        ("'a =='", "4:14 "),
    ] {
        assert_eq!(place(condition), expect, "{condition}");
    }
}
