//! Generated references, and the tests that keep documents and sources tidy.
//!
//! `cargo run -p stanch-xtask -- reference` writes what is generated ([`reference`]); `cargo test -p
//! stanch-xtask` fails where that was forgotten, and where a document or a source file breaks a rule
//! of the house (`tidy`). It stands outside the arrows: nothing depends on it, and no binary that is
//! shipped contains it.

mod reference;
mod root;

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod tidy;

use std::{io::Write as _, process::ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["reference"] => reference::write_all(),
        _ => Err(anyhow::anyhow!("usage: {}", reference::COMMAND)),
    };
    match done {
        Ok(written) => {
            for path in written {
                tell(&format!("wrote {path}"));
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn tell(text: &str) {
    // Nobody is left to tell if this cannot be printed.
    drop(writeln!(std::io::stderr(), "{text}"));
}
