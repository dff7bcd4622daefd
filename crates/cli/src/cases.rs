//! Test files and their cases: which files are meant, and how it went.

use std::path::Path;

use serde::Serialize;
use stanch_detect::{is_test_file, ruletest};
use stanch_model::Span;
use stanch_playbook::testing;

use crate::{
    exit::{Exit, Usage},
    kind::Kind,
    output::{self, Format, Output},
    walk,
};

/// How a case went.
pub(crate) trait Outcome: Serialize {
    /// Its name.
    fn name(&self) -> &str;
    /// Where it stands.
    fn span(&self) -> Span;
    /// Whether all is as expected.
    fn passed(&self) -> bool;
    /// If not, what is otherwise.
    fn differences(&self) -> Vec<String>;
}

impl Outcome for ruletest::CaseResult {
    fn name(&self) -> &str {
        &self.name
    }
    fn span(&self) -> Span {
        self.span
    }
    fn passed(&self) -> bool {
        self.passed
    }
    fn differences(&self) -> Vec<String> {
        self.message.lines().map(str::to_owned).collect()
    }
}

impl Outcome for testing::CaseResult {
    fn name(&self) -> &str {
        &self.name
    }
    fn span(&self) -> Span {
        self.span
    }
    fn passed(&self) -> bool {
        self.passed
    }
    fn differences(&self) -> Vec<String> {
        let done = self.effects.iter().map(|row| {
            let kind = crate::view::word(&row.kind);
            format!("done: {} {kind} {} {} → {}", row.step, row.name, row.target, row.outcome)
        });
        self.differences.iter().cloned().chain(done).collect()
    }
}

/// A case and the file that it is in.
#[derive(Serialize)]
pub(crate) struct Case<T> {
    path: String,
    #[serde(flatten)]
    result: T,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<T> {
    passed: usize,
    failed: usize,
    cases: Vec<Case<T>>,
}

/// The test files of this kind that `paths` mean. A file that is no test stands for the one beside it.
///
/// # Errors
/// A path that is not there.
pub(crate) fn files(paths: &[String], kind: Kind) -> anyhow::Result<Vec<String>> {
    let named = paths.iter().map(|path| {
        if Path::new(path).is_file() && !is_test_file(path) { beside(path) } else { path.clone() }
    });
    let is_test = |path: &Path| is_test_file(&path.to_string_lossy());
    let mut found = walk::files(&named.collect::<Vec<_>>(), is_test)?;
    found.retain(|path| walk::read_text(path).is_ok_and(|text| Kind::of(path, &text) == kind));
    if found.is_empty() {
        return Err(Usage("there is no such test (NAME.test.yaml) to run".to_owned()).into());
    }
    Ok(found)
}

/// The test file beside a rule or playbook.
fn beside(subject: &str) -> String {
    let (stem, extension) = subject.rsplit_once('.').unwrap_or((subject, "yaml"));
    format!("{stem}.test.{extension}")
}

/// Runs each file and says how it went: `pass` or `FAIL`, place, name, and what is otherwise.
///
/// # Errors
/// Those of `run`, and of printing.
pub(crate) fn report<T: Outcome>(
    files: &[String],
    format: Format,
    out: &mut Output,
    run: impl Fn(&str) -> anyhow::Result<Vec<T>>,
) -> anyhow::Result<Exit> {
    let mut cases = Vec::new();
    for path in files {
        let results = run(path)?;
        cases.extend(results.into_iter().map(|result| Case { path: path.clone(), result }));
    }
    let passed = cases.iter().filter(|case| case.result.passed()).count();
    let failed = cases.len().saturating_sub(passed);
    if format.json {
        out.json(&Report { passed, failed, cases })?;
    } else {
        for Case { path, result } in &cases {
            let word = if result.passed() { "pass" } else { "FAIL" };
            let Span { line, column, .. } = result.span();
            out.line(&format!("{word} {path}:{line}:{column} {}", result.name()))?;
            if !result.passed() {
                result
                    .differences()
                    .iter()
                    .try_for_each(|line| out.line(&format!("     {line}")))?;
            }
        }
        output::note(&format!("{passed} passed, {failed} failed"));
    }
    Ok(if failed == 0 && passed > 0 { Exit::Done } else { Exit::No })
}
