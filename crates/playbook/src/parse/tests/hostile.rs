//! Texts that are out to hurt, on a stack smaller than any that the program gives: refused, none
//! aborts.

use crate::parse::{BYTES_MAX, STEPS_MAX, parse};

const STACK_BYTES: usize = 1536 * 1024;

/// The codes of all findings.
fn codes(text: String) -> Vec<String> {
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let (playbook, findings) = parse(&text);
            assert_eq!(playbook.is_none(), findings.iter().any(|f| f.is_error()), "{findings:?}");
            findings.into_iter().map(|finding| finding.code).collect()
        })
        .unwrap()
        .join()
        .expect("the thread ends by itself")
}

fn in_playbook(step: &str) -> String {
    format!("playbook: p\ntitle: t\nsteps:\n{step}")
}

#[test]
fn hostile_texts_are_refused() {
    let nested = |levels: usize| -> String {
        (0..levels).map(|n| format!("{}a:\n", " ".repeat(n))).collect()
    };
    let ifs = |levels: usize| -> String {
        let step = |n: usize| {
            let pad = " ".repeat(n * 4 + 2);
            format!("{pad}- if: 'true'\n{pad}  then:\n")
        };
        let body: String = (0..levels).map(step).collect();
        in_playbook(&format!("{body}{}- end: succeeded\n", " ".repeat(levels * 4 + 2)))
    };
    for (text, expect) in [
        ("x".repeat(BYTES_MAX + 1), "PB0002"),
        (format!("a: {}", "[".repeat(100_000)), "PB0001"),
        (format!("a: {}", "{a: ".repeat(60_000)), "PB0001"),
        (format!("a: {}1{}", "[".repeat(200), "]".repeat(200)), "PB0002"),
        (format!("a:\n {}1", "- ".repeat(50_000)), "PB0002"),
        (nested(500), "PB0002"),
        (nested(120), "PB0002"),
        (ifs(20), "PB0002"),
        (in_playbook(&"  - wait: 1m\n".repeat(STEPS_MAX + 1)), "PB0002"),
        ("a: &a [1]\nb: *a\n".to_owned(), "PB0001"),
        ("a: *a\n".to_owned(), "PB0001"),
        ("a: !!binary x\n".to_owned(), "PB0001"),
        ("playbook: p\u{0}\n".to_owned(), "PB0001"),
        ("playbook: p\u{1b}[31m\n".to_owned(), "PB0001"),
        (
            format!("{}---\n{}", in_playbook("  - wait: 1m\n"), in_playbook("  - wait: 1m\n")),
            "PB0001",
        ),
        (format!("{}...\nx: 1\n", in_playbook("  - wait: 1m\n")), "PB0001"),
        ("- a\n".to_owned(), "PB0001"),
        ("just text".to_owned(), "PB0001"),
        ("? [a]\n: b\n".to_owned(), "PB0001"),
        ("a: 'x\n".to_owned(), "PB0001"),
        ("a: {b\n".to_owned(), "PB0001"),
        (in_playbook("  - if: '(((((((((((((((((((('\n    then: [{ wait: 1m }]\n"), "PB0011"),
        (in_playbook("  - end: succeeded\n    note: '${{ ${{ }}'\n"), "PB0011"),
        (String::new(), "PB0005"),
        ("# nothing\n".to_owned(), "PB0005"),
        (in_playbook("  - *a\n"), "PB0001"),
        ("\u{feff}playbook: [p]\ntitle: t\nsteps: [{ wait: 1m }]\n".to_owned(), "PB0006"),
    ] {
        let shown: String = text.chars().take(60).collect();
        let codes = codes(text);
        assert!(codes.iter().any(|code| code == expect), "{shown}: {codes:?}");
    }
}

#[test]
fn what_is_at_a_cap_is_read() {
    let sound: Vec<String> = Vec::new();
    assert_eq!(codes(in_playbook(&"  - wait: 1m\n".repeat(STEPS_MAX))), sound);
    assert_eq!(codes(format!("\u{feff}{}", in_playbook("  - wait: 1m\n"))), sound);
    assert_eq!(codes(format!("---\n{}", in_playbook("  - wait: 1m\n"))), sound);
    assert_eq!(
        codes(in_playbook("  - wait: 1m\r\n").replace('\n', "\r\n").replace("\r\r", "\r")),
        sound
    );
    let deep = format!("  - set: {{ a: {}1{} }}\n", "[".repeat(28), "]".repeat(28));
    assert_eq!(codes(in_playbook(&deep)), sound);
}

/// Every prefix of a playbook, and the playbook without each of its lines: never a panic.
#[test]
fn mutilated_playbooks_do_not_panic() {
    let text = include_str!("../../../corpus/valid/everything.yaml");
    for (end, _) in text.char_indices() {
        drop(parse(text.get(..end).unwrap()));
    }
    for left_out in 0..text.lines().count() {
        let kept = text.lines().enumerate().filter(|(n, _)| *n != left_out).map(|(_, l)| l);
        drop(parse(&kept.collect::<Vec<_>>().join("\n")));
    }
}
