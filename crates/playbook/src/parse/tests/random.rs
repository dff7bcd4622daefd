//! Arbitrary text: parser, checker and layout never panic, and their time grows with the text alone.

use std::fs;

use proptest::{collection::vec, prelude::*, sample::select};
use stanch_model::Diagnostic;

use crate::{
    check::{Context, check, tests::catalog::catalog},
    fmt,
    parse::{BYTES_MAX, parse},
};

/// Words that mean something, and signs that end or begin something.
const WORDS: [&str; 62] = [
    "playbook: p",
    "title: t",
    "steps:",
    "inputs:",
    "outputs:",
    "on:",
    "timeout: 1d",
    "alert:",
    "schedule:",
    "webhook: w",
    "do: edr.find_host",
    "do:",
    "script: python",
    "code: |",
    "with:",
    "with: {",
    "output:",
    "effect:",
    "if:",
    "then:",
    "else:",
    "switch:",
    "cases:",
    "in: [",
    "parallel:",
    "until: any",
    "for_each:",
    "as: x",
    "width: 2",
    "while:",
    "turns: 3",
    "call: p",
    "wait: 1m",
    "wait: {",
    "signal: s",
    "within: 1h",
    "ask:",
    "options: [",
    "form:",
    "set:",
    "try:",
    "on_error:",
    "on_error: continue",
    "end: failed",
    "note:",
    "id: a",
    "approve: {",
    "retry: {",
    "default: {",
    "${{ alert.src.ip }}",
    "${{ steps.a.ok }}",
    "${{ secrets.s }}",
    "\"alert.count > 3\"",
    "${{",
    "}}",
    "type: string",
    "{ a: [",
    "- ",
    "# c",
    "'",
    "\"",
    ": ",
];

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => select(WORDS.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => any::<char>().prop_map(String::from),
    ];
    let line = (0_usize..6, vec(word, 0..4))
        .prop_map(|(indent, words)| format!("{}{}", "  ".repeat(indent), words.concat()));
    vec(line, 0..24).prop_map(|lines| lines.join("\n"))
}

/// A valid playbook with some lines left out, doubled, moved and changed.
fn damaged() -> impl Strategy<Value = String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/valid");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut texts: Vec<String> = paths.map(|path| fs::read_to_string(path).unwrap()).collect();
    texts.sort();
    let change = (any::<u16>(), 0_u8..5, any::<u16>(), select(WORDS.to_vec()));
    (select(texts), vec(change, 1..5)).prop_map(|(text, changes)| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, kind, other, word) in changes {
            let (at, other) = (usize::from(at) % lines.len(), usize::from(other) % lines.len());
            match kind {
                0 if lines.len() > 1 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[other].clone()),
                2 => lines.swap(at, other),
                3 => {
                    let indent = lines[at].len() - lines[at].trim_start().len();
                    lines.insert(at, format!("{}{word}", " ".repeat(indent)));
                }
                _ => lines[at].push_str(word),
            }
        }
        lines.join("\n")
    })
}

/// Everything that is done with a text; what it comes to is in order.
fn everything(text: &str) {
    let catalog = catalog();
    let (playbook, findings) = parse(text);
    assert_eq!(playbook.is_none(), findings.iter().any(Diagnostic::is_error), "{findings:?}");
    let lines = u32::try_from(text.lines().count()).unwrap() + 1;
    let mut all = findings;
    if let Some(playbook) = &playbook {
        all.extend(check(playbook, &Context::new(&catalog)));
        match fmt::format(text) {
            Ok(formatted) => {
                assert_eq!(fmt::format(&formatted).as_deref(), Ok(formatted.as_str()), "{text}")
            }
            Err(error) => assert_ne!(error, fmt::Error::Unreadable, "{text}"),
        }
    }
    for finding in all {
        let span = finding.span;
        assert!(span.line >= 1 && span.column >= 1 && span.line <= lines, "{finding:?}\n{text}");
        assert!(
            (span.line, span.column) <= (span.end_line, span.end_column),
            "{finding:?}\n{text}"
        );
        // A fix has a place in the text it was made for.
        if let Some(fix) = &finding.fix {
            let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
            assert!(fix.apply(bare).is_some(), "{finding:?}\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_does_not_panic(text in text()) {
        everything(&text);
    }

    #[test]
    fn damaged_playbooks_do_not_panic(text in damaged()) {
        everything(&text);
    }
}

/// As large as a playbook can be, and as bad for the checker as it can be: findings and fixes without end, loops
/// inside loops, many variables. The time of such a text stays that of many small ones.
#[test]
fn the_largest_texts_are_read_and_checked_in_bounded_steps() {
    let catalog = catalog();
    let context = Context::new(&catalog);
    let head = "playbook: p\ntitle: t\nsteps:\n";
    let unknown: String =
        (0..6_000).map(|n| format!("      k{n}: \"${{{{ alert.x{n} }}}}\"\n")).collect();
    let many_sets: String = (0..498)
        .map(|n| format!("  - set: {{ v{n}: \"${{{{ alert.count + {n} }}}}\" }}\n"))
        .collect();
    let nested = |steps: &str| {
        let mut text = head.to_owned();
        for level in 0..4 {
            let pad = " ".repeat(level * 4 + 2);
            text.push_str(&format!(
                "{pad}- for_each: alert.techniques\n{pad}  as: e{level}\n{pad}  steps:\n"
            ));
        }
        let pad = " ".repeat(18);
        text + &steps
            .lines()
            .map(|line| format!("{pad}{}\n", line.trim_start()))
            .collect::<String>()
    };
    for text in [
        format!("{head}  - do: edr.find_host\n    with:\n{unknown}"),
        format!("{head}{many_sets}"),
        nested(&many_sets.lines().take(490).collect::<Vec<_>>().join("\n")),
        format!(
            "{head}  - set:\n{}",
            (0..9_000).map(|n| format!("      a{n}: 1\n")).collect::<String>()
        ),
        format!("{head}  - bad: [{}]\n", "x, ".repeat(60_000)),
        format!("{head}  - bad: [{}]\n", "ä, ".repeat(60_000)),
        format!(
            "{head}  - bad: {{ {} }}\n",
            (0..20_000).map(|n| format!("k{n}: ä, ")).collect::<String>()
        ),
    ] {
        assert!(text.len() <= BYTES_MAX, "{}", text.len());
        let (playbook, findings) = parse(&text);
        let checked = playbook.map(|playbook| check(&playbook, &context)).unwrap_or_default();
        assert!(findings.len() + checked.len() < 20_000);
    }
}
