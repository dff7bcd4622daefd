//! Text from outside on its way into messages that people read: one line, bounded, visible, and
//! without the secrets of the call that it came from.

use std::sync::Arc;

use crate::secrets::Redactor;

/// Longest quotation, in characters.
const QUOTE_CHARS_MAX: usize = 200;

tokio::task_local! {
    /// What the call under way must not tell. A quotation is cut, and the beginning of a secret could
    /// not be found in what is left: so it is struck out before, here, whoever quotes.
    static REDACTOR: Arc<Redactor>;
}

/// Runs `call` so that nothing which it quotes tells the secrets of `redactor`.
pub(crate) async fn without<F: Future>(redactor: Arc<Redactor>, call: F) -> F::Output {
    REDACTOR.scope(redactor, call).await
}

/// The first line of `text` that says something, control and bidirectional characters made visible.
pub(crate) fn quote(text: &str) -> String {
    let struck = REDACTOR.try_with(|redactor| redactor.text(text));
    let text = struck.as_deref().unwrap_or(text);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut quoted = String::new();
    for (count, c) in line.chars().enumerate() {
        if count == QUOTE_CHARS_MAX {
            quoted.push('…');
            break;
        }
        if c.is_control() || is_bidi(c) {
            quoted.extend(c.escape_unicode());
        } else {
            quoted.push(c);
        }
    }
    quoted
}

/// An error and its causes in one line, without saying the same thing twice.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    quote(&text)
}

const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[tokio::test]
    async fn a_secret_is_struck_out_before_a_quotation_is_cut() {
        let redactor = Arc::new(Redactor::new(&[Secret::from("s3cret-value".to_owned())]));
        let text = format!("{}s3cret-value", "x".repeat(QUOTE_CHARS_MAX - 6));
        assert!(quote(&text).contains("s3cret"), "outside of a call there is nothing to hide");
        let quoted = without(redactor, async { quote(&text) }).await;
        assert!(!quoted.contains('3') && quoted.ends_with("[redac…"), "{quoted}");
    }

    #[test]
    fn what_a_terminal_would_obey_is_made_visible() {
        assert_eq!(quote("\n  Error: no\nsecond"), "Error: no");
        assert_eq!(quote("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(quote(&"x".repeat(500)).chars().count(), 201);
    }
}
