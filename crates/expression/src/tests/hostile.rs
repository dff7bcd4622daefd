//! Hostile texts on the smallest stack that the crate promises to need: refused, none aborts; and
//! what is exactly at a cap is accepted, checked and evaluated there.

use super::{env, scope};
use crate::{CompileError, Expression, Template, limits::*};

/// A quarter less than the 2 MiB of a Rust thread: callers stand on the same stack.
const STACK_BYTES: usize = 1536 * 1024;

/// Everything that is done with an expression, on a stack of [`STACK_BYTES`].
fn on_small_stack(text: String) -> Result<(), CompileError> {
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let expression = Expression::compile(&text)?;
            drop((expression.check(&env()), expression.references()));
            drop(expression.evaluate(&scope()));
            Ok(())
        })
        .unwrap()
        .join()
        .expect("the thread ends by itself")
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

fn chain(first: &str, link: &str, times: usize) -> String {
    format!("{first}{}", link.repeat(times))
}

#[test]
fn hostile_texts_are_refused() {
    let rows = [
        chain("1", "+1", 3000),
        chain("1", "+1", 1000),
        chain("1", "+1", TOKENS_MAX / 2),
        chain("1", "+1", DEPTH_MAX),
        chain("a", ".a", 1000),
        chain("a", ".a", DEPTH_MAX),
        chain("a", "[0]", DEPTH_MAX),
        chain("a", ".size()", DEPTH_MAX),
        chain("true", "&&true", 1000),
        chain("[1]", ".map(x,x)", DEPTH_MAX),
        chain("1", "?1:1", CONDITIONALS_MAX + 1),
        chain("", "!", 2000),
        chain("", "- ", 1000),
        nested("(", "1", ")", 1000),
        nested("(", "1", ")", NESTING_MAX + 1),
        nested("[", "", "]", NESTING_MAX + 1),
        nested("{'a':", "1", "}", NESTING_MAX + 1),
        nested("size(", "''", ")", NESTING_MAX + 1),
        nested("(", "", "", 2000),
        nested("", "", ")", 2000),
        nested("[0].all(x,", "true", ")", 3),
        nested("[0].all(x,", "true", ")", 12),
        nested("[0].map(x,", "x", ")", COMPREHENSIONS_MAX + 1),
        format!("'{}'", "a".repeat(BYTES_MAX)),
        format!("'{}", "a".repeat(1000)),
        format!("[{}]", "0,".repeat(300)),
        "\\".repeat(500),
        "\u{0}\u{1}\u{202e}".to_owned(),
        "'\\".to_owned(),
        "\"\"\"".to_owned(),
        "a ? b ((?))".to_owned(),
        "x(1,)".to_owned(),
        "has(".to_owned(),
        "has(1)".to_owned(),
        "[].all(1, 2)".to_owned(),
        "[].all(x)".to_owned(),
        "Type{a: 1}".to_owned(),
        ".a".to_owned(),
        "a.?b".to_owned(),
        "a[?0]".to_owned(),
        "[?a]".to_owned(),
        "{1: 2}".to_owned(),
        "1u".to_owned(),
        "b'a'".to_owned(),
        "99999999999999999999".to_owned(),
        "1e999".to_owned(),
        "'\\ud800'".to_owned(),
        "1 = 1".to_owned(),
        "``".to_owned(),
        "if".to_owned(),
        "// only a comment".to_owned(),
        "a // }}\n b".to_owned(),
        "\u{feff}1".to_owned(),
        "@not_strictly_false(true)".to_owned(),
    ];
    for text in rows {
        let shown: String = text.chars().take(60).collect();
        let error = on_small_stack(text.clone()).expect_err(&shown);
        assert!(!error.message.is_empty() && !error.help.is_empty(), "{shown}");
        let inside = error.offset.checked_add(error.length).is_some_and(|end| end <= text.len());
        assert!(inside, "{shown}: {error:?}");
        assert!(text.is_char_boundary(error.offset), "{shown}: {error:?}");
    }
}

#[test]
fn what_is_at_a_cap_is_accepted() {
    let rows = [
        chain("1", "+1", DEPTH_MAX - 1),
        chain("alert", ".a", DEPTH_MAX - 1),
        chain("true", "&&true", TOKENS_MAX / 2 - 1),
        chain("1", "?1:1", CONDITIONALS_MAX),
        nested("(", "1", ")", NESTING_MAX),
        nested("[", "1", "]", NESTING_MAX),
        nested("{'a':", "1", "}", NESTING_MAX),
        nested("size(", "''", ")", NESTING_MAX),
        nested("[0].all(x,", "true", ")", COMPREHENSIONS_MAX),
        format!("'{}'", "a".repeat(BYTES_MAX - 2)),
        format!("[{}0]", "0,".repeat(TOKENS_MAX / 2 - 2)),
        format!("{}true", "!".repeat(TOKENS_MAX - 1)),
        nested("(", &chain("1", "+1", DEPTH_MAX - 1), ")", NESTING_MAX),
    ];
    for text in rows {
        let shown: String = text.chars().take(60).collect();
        assert_eq!(on_small_stack(text), Ok(()), "{shown}");
    }
}

/// The parser is reached by what the scanner lets through, however little it is an expression.
#[test]
fn what_the_scanner_lets_through_does_not_abort_the_parser() {
    let terms = TOKENS_MAX / 2 - NESTING_MAX - 1;
    for text in [
        nested("(", &chain("1", "+1", terms), ")", NESTING_MAX),
        nested("(", &chain("a", ".a", terms), ")", NESTING_MAX),
        nested("(", &chain("1", "<1", terms), ")", NESTING_MAX),
        nested("[", &chain("", "+", TOKENS_MAX - 40), "]", NESTING_MAX),
        chain("", "a ", 200),
        chain("", ". ", TOKENS_MAX),
        chain("", ", ", TOKENS_MAX),
        chain("", "1 ", TOKENS_MAX),
        chain("", "'' ", TOKENS_MAX),
        nested("{", "", "}", NESTING_MAX),
        nested("(?", ":", ")", NESTING_MAX / 2),
    ] {
        let shown: String = text.chars().take(60).collect();
        assert!(on_small_stack(text).is_err(), "{shown}");
    }
}

#[test]
fn hostile_templates_are_refused() {
    for text in [
        "x".repeat(TEMPLATE_BYTES_MAX + 1),
        "${{ 1 }}".repeat(TEMPLATE_PARTS_MAX * 2 + 1),
        "${{".repeat(1000),
        format!("${{{{ {} }}}}", chain("1", "+1", 3000)),
        format!("${{{{ {}", "(".repeat(3000)),
        "${{ ${{ 1 }} }}".to_owned(),
    ] {
        let shown: String = text.chars().take(60).collect();
        assert!(Template::parse(&text).is_err(), "{shown}");
    }
}
