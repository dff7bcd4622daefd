//! What people read when a text is no expression: each row is read by a person when it changes.

use super::part;
use crate::Expression;

/// `PLACE | message | help`.
fn said(text: &str) -> String {
    let error = Expression::compile(text).expect_err(text);
    let place = part(text, error.offset, error.length);
    format!("{place} | {} | {}", error.message, error.help)
}

#[test]
fn errors_are_said_in_plain_words() {
    for (text, expect) in [
        ("a = 1", "= | `=` does not compare | write `==`"),
        ("a & b", "& | `&` is no operator | write `&&`"),
        ("a and b", "and | `and` is not expected here | write `&&`"),
        ("not a", "not | `not` is not expected here | write `!`"),
        (
            "a b",
            "b | `b` is not expected here | put an operator between them, or quotes around text",
        ),
        ("a 1", "1 | `1` is not expected here | put an operator before it, or remove it"),
        (
            "a +",
            " | expression ends too early | complete it: a value is missing after the last sign",
        ),
        ("(a", "( | `(` is never closed | close it, or remove it"),
        ("a)", ") | `)` closes nothing | remove it, or open it with `(`"),
        ("(a]", "( | `(` is not closed before `]` | close it, or remove it"),
        ("a == 'x", "' | text is never closed | end it with '"),
        ("a == “x”", "“ | `“` is no quotation mark | write ' or \""),
        (
            "a == 1u",
            "1u | unsigned numbers are not supported | write the number without the final `u`",
        ),
        ("if a", "if | `if` is not expected here | write `condition ? one : other`"),
        (
            "while + 1",
            "while | `while` is a reserved word | for a property of that name write `['while']`",
        ),
        ("a == == b", "== | `==` is not expected here | a value is missing before it"),
        (
            "a > 99999999999999999999",
            "99999999999999999999 | `99999999999999999999` is no value that can be \
          read | check the number's size, or the text's escapes: a backslash is written \\\\, or use r'…'",
        ),
        (
            "x.matches('\\d')",
            "\\d | `\\d` is no escape | write `\\\\d`, or put r before the quote: r'…'",
        ),
        (
            "list.all(x)",
            "all(x) | `all` takes a name and an expression | write `list.all(x, …)`, where x \
          stands for each element",
        ),
        (
            "list.map('x', 1)",
            "map('x', 1) | the first argument of `map` is no plain name | write \
          `list.map(x, …)`, where x stands for each element",
        ),
        (
            "has(a)",
            "has(a) | `has` takes one property | write `has(alert.file)`: a variable, a dot and a name",
        ),
        ("${{ a }}", "$ | `$` has no meaning here | write the variable's name alone"),
        ("a # b", "# | `#` has no meaning in an expression | put text between quotation marks"),
        (
            "",
            " | expression is empty | write a CEL expression, as in `alert.severity >= SEVERITY.high`",
        ),
        ("{1: 2}", "1 | map keys are texts | put the key in quotes"),
        (
            "[1].all(a, [1].all(b, [1].all(c, true)))",
            "all(c, true) | loops are nested more than 2 deep | \
          compute the inner list in a `set` step",
        ),
    ] {
        assert_eq!(said(text), expect, "{text}");
    }
}
