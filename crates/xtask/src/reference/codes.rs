//! docs/reference/codes.md: every code that a check, a test or an API answer can carry.

use std::fmt::Write as _;

use stanch_model::Level;
use stanch_playbook::check::codes::Code;

use super::markdown::{block, code, head, table};

const OF: &str = "the tables in crates/{playbook,detect,connector,server}";

/// The page.
pub(super) fn page() -> anyhow::Result<String> {
    let mut text = head("Codes", OF);
    text.push_str(
        "\nA code says what is wrong, whatever the sentence around it. It is never used again for \
         something else. In files a finding stands as `FILE:LINE:COLUMN CODE message`, with a line on \
         how to mend it; in the API a code is the member `code` of an RFC 9457 problem.\n\n\
         | prefix | about |\n|---|---|\n\
         | `PB` | [playbooks](#playbooks) |\n\
         | `TS00` | [tests of playbooks](#tests-of-playbooks) |\n\
         | `CN` | [connector manifests](#connector-manifests) |\n\
         | `SG`, `TS01` | [Sigma rules and their tests](#sigma-rules-and-their-tests) |\n\
         | `AP` | [answers of the API](#answers-of-the-api) |\n",
    );
    explained(&mut text, "Playbooks", &stanch_playbook::check::codes::CODES)?;
    explained(&mut text, "Tests of playbooks", stanch_playbook::testing::codes::CODES)?;
    connectors(&mut text)?;
    rules(&mut text)?;
    api(&mut text)?;
    Ok(text)
}

fn explained(text: &mut String, title: &str, codes: &[Code]) -> anyhow::Result<()> {
    write!(text, "\n## {title}\n")?;
    for entry in codes {
        write!(text, "\n### {}: {}\n\n{}\n\n", entry.code, entry.title, entry.explanation)?;
        write!(text, "{}\nTo mend it: {}\n", block("yaml", entry.example), entry.fix)?;
    }
    Ok(())
}

fn connectors(text: &mut String) -> anyhow::Result<()> {
    let row = |entry: &stanch_connector::manifest::Code| {
        vec![code(entry.code), entry.title.to_owned(), entry.why.to_owned()]
    };
    let rows: Vec<_> = stanch_connector::manifest::CODES.iter().map(row).collect();
    let table = table(&["code", "what is refused", "why"], &rows);
    Ok(write!(text, "\n## Connector manifests\n\n{table}")?)
}

fn rules(text: &mut String) -> anyhow::Result<()> {
    let row = |entry: &&stanch_detect::codes::Code| {
        let level = match entry.level {
            Level::Error => "refused",
            Level::Warning => "warning",
        };
        vec![code(entry.id), level.to_owned(), entry.title.to_owned(), entry.help.to_owned()]
    };
    let rows: Vec<_> = stanch_detect::codes::ALL.iter().map(row).collect();
    let table = table(&["code", "then", "what it means", "to mend it"], &rows);
    Ok(write!(text, "\n## Sigma rules and their tests\n\n{table}")?)
}

fn api(text: &mut String) -> anyhow::Result<()> {
    let row = |entry: &stanch_server::codes::Code| {
        vec![
            code(entry.code),
            entry.status.to_string(),
            entry.title.to_owned(),
            entry.help.to_owned(),
        ]
    };
    let rows: Vec<_> = stanch_server::codes::CODES.iter().map(row).collect();
    let table = table(&["code", "status", "title", "what to do"], &rows);
    Ok(write!(text, "\n## Answers of the API\n\n{table}")?)
}
