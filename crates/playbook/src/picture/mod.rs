//! A graph as a picture: SVG that looks as the UI draws it, and Mermaid for pages that draw it themselves.
//!
//! [`layers`] places the steps from top to bottom, as the UI's own layout does; [`svg`] and [`mermaid`] write
//! the text. What stands in a playbook is written by people, and its titles may come from anywhere, so every
//! text is escaped for where it goes.

mod layers;
mod mermaid;
mod svg;

#[cfg(test)]
mod tests;

pub use self::{mermaid::mermaid, svg::svg};

/// A text on one line, without characters that a reader would obey: controls, and those that reorder.
fn visible(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let shown = text.chars().map(|c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if hidden(c) => '\u{fffd}',
        c => c,
    });
    let shown: String = shown.collect();
    shown.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
