//! docs/reference/exit-codes.md: the table that `stanch --help` ends with.

use anyhow::ensure;

use super::markdown::{code, head, table};
use crate::root::read;

const OF: &str = "crates/cli/src/exit.rs";

/// The page.
pub(super) fn page() -> anyhow::Result<String> {
    let help = read(OF)?;
    let rows: Vec<_> = help.lines().filter_map(row).collect();
    ensure!(rows.len() > 1, "{OF} holds no table of exit codes any more");
    let mut text = head("Exit codes", OF);
    text.push_str(
        "\nEvery command of `stanch` ends with one of these. Scripts may rely on them.\n\n",
    );
    text.push_str(&table(&["code", "meaning"], &rows));
    text.push_str(
        "\nData goes to stdout, as a table or with `--json` as one JSON document; talk goes to stderr. A \
         reader that has seen enough (`stanch … | head`) is no error.\n",
    );
    Ok(text)
}

/// A line of the table in the help: two spaces or more, a number, two spaces, the meaning.
fn row(line: &str) -> Option<Vec<String>> {
    let (number, meaning) = line.strip_prefix("  ")?.trim_start().split_once("  ")?;
    let number: u8 = number.parse().ok()?;
    Some(vec![code(&number.to_string()), meaning.trim().to_owned()])
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_are_lines_of_the_help_and_nothing_else() {
        assert_eq!(
            super::row("   1  the answer is no").unwrap(),
            ["`1`".to_owned(), "the answer is no".to_owned()]
        );
        for other in ["Exit codes:", "    Done = 0,", "  70", ""] {
            assert_eq!(super::row(other), None, "{other}");
        }
    }
}
