//! Text from outside as data: what a reader's program would obey is written out.

/// The text with control characters, and those that hide, reorder or join what is around them, written out by their
/// code point, and at most `chars_max` characters of it.
#[must_use]
pub fn visible(text: &str, chars_max: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(chars_max.saturating_mul(4)));
    for (number, c) in text.chars().enumerate() {
        if number == chars_max {
            shown.push('…');
            break;
        }
        if is_obeyed(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Controls, line ends of Unicode, marks of direction (Unicode Standard Annex 9), and what is invisible.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_obeyed_is_written_out() {
        for (text, expect) in [
            ("ws-07 ünï 日本 🔒", "ws-07 ünï 日本 🔒"),
            ("a\r\nBcc: b", "a\\u{d}\\u{a}Bcc: b"),
            ("evil\u{202e}gnp.exe", "evil\\u{202e}gnp.exe"),
            ("ad\u{200b}min\u{feff}", "ad\\u{200b}min\\u{feff}"),
            ("a\u{1b}[2J\u{9b}\u{7f}\0", "a\\u{1b}[2J\\u{9b}\\u{7f}\\u{0}"),
            ("\u{2028}\u{2066}\u{e0041}", "\\u{2028}\\u{2066}\\u{e0041}"),
            ("", ""),
        ] {
            assert_eq!(visible(text, 100), expect);
        }
        assert_eq!((visible("abc", 3), visible("abcd", 3)), ("abc".to_owned(), "abc…".to_owned()));
    }
}
