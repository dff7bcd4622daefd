//! The table: what was measured, what it was measured against, and the ratio of the two.

use crate::{machine::Machine, rounds::Compared, setup::Setup};

/// What a measure gives.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What was measured.
    pub(crate) rows: Vec<Row>,
    /// What was not, and why.
    pub(crate) skipped: Vec<String>,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) name: String,
    /// Of both figures.
    pub(crate) unit: &'static str,
    /// The figures.
    pub(crate) found: Compared,
    /// What ours and the limit are, in words.
    pub(crate) note: String,
}

const HEAD: [&str; 6] = ["name", "ours", "limit", "unit", "ratio", "spread"];

fn cells(row: &Row) -> [String; 6] {
    let Row { name, unit, found, .. } = row;
    let spread = found.spread.map_or("one run".to_owned(), |(least, most)| {
        format!("{}–{}", figure(least), figure(most))
    });
    [
        name.clone(),
        figure(found.ours),
        figure(found.limit),
        (*unit).to_owned(),
        figure(found.ratio),
        spread,
    ]
}

/// For a terminal.
pub(crate) fn text(machine: &Machine, setup: &Setup, rows: &[Row], skipped: &[String]) -> String {
    let mut lines: Vec<[String; 6]> = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let width = |column: usize| {
        lines.iter().filter_map(|line| Some(line.get(column)?.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = preface(machine, setup).join("\n") + "\n\n";
    for line in &lines {
        let padded = line.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let is_text = matches!(column, 0 | 3);
            if is_text { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text += padded.collect::<Vec<_>>().join("  ").trim_end();
        text += "\n";
    }
    text += "\n";
    for row in rows {
        text += &format!("{}: {}\n", row.name, row.note);
    }
    for why in skipped {
        text += &format!("skipped: {why}\n");
    }
    text
}

/// For docs/reference/measurements.md.
pub(crate) fn page(machine: &Machine, setup: &Setup, rows: &[Row], skipped: &[String]) -> String {
    #[expect(clippy::disallowed_methods, reason = "the page says on which day it was measured")]
    let today = jiff::Timestamp::now().to_string();
    let today = today.split('T').next().unwrap_or_default();
    let mut page = String::from("# Measurements\n\nWritten by `bash scripts/bench.sh --write`, ");
    page += &format!("on {today}. {}\n\n", preface(machine, setup).join(" "));
    page += &format!("| {} |\n|---|---:|---:|---|---:|---:|\n", HEAD.join(" | "));
    for row in rows {
        page += &format!("| {} |\n", cells(row).join(" | "));
    }
    page += "\n## What was measured against what\n\n";
    for row in rows {
        page += &format!("- **{}**: {}\n", row.name, row.note);
    }
    for why in skipped {
        page += &format!("- Skipped: {why}\n");
    }
    page
}

fn preface(machine: &Machine, setup: &Setup) -> Vec<String> {
    let pairs = setup.pairs;
    let mut lines = vec![
        format!("Measured on {}.", machine.describe()),
        format!(
            "Ours and limit ran in turns, {pairs} rounds after one to warm up. Figures are medians."
        ),
        "The ratio is ours / limit, its spread the least and the most of any round.".to_owned(),
    ];
    if machine.is_in_memory() {
        lines.push("The data never reached a disk: nothing here is durable.".to_owned());
    }
    if setup.quick {
        lines.push("This was a quick run: the figures mean nothing.".to_owned());
    }
    lines
}

/// Three digits that count, thousands apart.
pub(crate) fn figure(number: f64) -> String {
    if !number.is_finite() {
        return "–".to_owned();
    }
    let size = number.abs();
    let decimals = match size {
        _ if size >= 100.0 || size == 0.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ if size >= 0.1 => 3,
        _ if size >= 0.01 => 4,
        _ => 5,
    };
    let text = format!("{number:.decimals$}");
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let digits = whole.chars().count();
    let mut spaced = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (digits - index).is_multiple_of(3) && digit.is_ascii_digit() {
            spaced.push(',');
        }
        spaced.push(digit);
    }
    if rest.is_empty() { spaced } else { format!("{spaced}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_have_three_digits_that_count() {
        let check = |number: f64, expect: &str| assert_eq!(figure(number), expect);
        check(0.0, "0");
        check(0.012_345, "0.0123");
        check(0.25, "0.250");
        check(3.217, "3.22");
        check(42.0, "42.0");
        check(999.6, "1,000");
        check(12_345.6, "12,346");
        check(1_234_567.0, "1,234,567");
        check(f64::NAN, "–");
    }
}
