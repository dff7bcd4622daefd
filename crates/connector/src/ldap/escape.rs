//! Values put into distinguished names (RFC 4514 §2.4) and filters (RFC 4515 §3), so that they stay values.

use std::fmt::Write as _;

/// A value in a filter. Bytes of control characters are written out as well: nothing in a filter is
/// invisible.
pub(super) fn in_filter(text: &str) -> String {
    escape(text, |_, c| matches!(c, '*' | '(' | ')' | '\\'))
}

/// A value in a distinguished name.
pub(super) fn in_name(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    escape(text, |at, c| {
        matches!(c, '"' | '+' | ',' | ';' | '<' | '=' | '>' | '\\')
            || (at == 0 && matches!(c, ' ' | '#'))
            || (at == last && c == ' ')
    })
}

fn escape(text: &str, special: impl Fn(usize, char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        if c.is_control() || special(at, c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                write!(escaped, "\\{byte:02x}").expect("invariant: a string takes all");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_syntax_is_written_as_its_bytes() {
        for (text, filter, name) in [
            ("alice", "alice", "alice"),
            ("*", "\\2a", "*"),
            ("a)(uid=*", "a\\29\\28uid=\\2a", "a)(uid\\3d*"),
            ("a\\b", "a\\5cb", "a\\5cb"),
            ("a,ou=x", "a,ou=x", "a\\2cou\\3dx"),
            ("a+b;c<d>\"e\"", "a+b;c<d>\"e\"", "a\\2bb\\3bc\\3cd\\3e\\22e\\22"),
            (" a ", " a ", "\\20a\\20"),
            ("#a#", "#a#", "\\23a#"),
            (" ", " ", "\\20"),
            ("a\0\nb", "a\\00\\0ab", "a\\00\\0ab"),
            ("ünïcode", "ünïcode", "ünïcode"),
            ("\u{85}", "\\c2\\85", "\\c2\\85"),
            ("", "", ""),
        ] {
            assert_eq!(in_filter(text), filter, "{text:?}");
            assert_eq!(in_name(text), name, "{text:?}");
        }
    }
}
