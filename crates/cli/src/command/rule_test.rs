//! `rule test`: the events beside each rule, through the ordinary intake.

use std::path::Path;

use serde::Serialize;
use stanch_detect::{
    is_test_file,
    ruletest::{self, CaseResult},
};
use stanch_ingest::Receipt;
use stanch_model::{Event, EventId, Span, TenantId, Time, event::Trust};

use crate::{
    command::check::kind::{self, Kind},
    exit::{Exit, Usage},
    output::{self, Format, Output},
    walk,
};

/// When the events of tests are received, so that a test says the same tomorrow. Times that leave out the
/// year are of 2026.
const RECEIVED_AT: Time = Time::from_micros(1_798_761_599_000_000);

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Test files (NAME.test.yaml), rules with one beside them, or folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    format: Format,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    passed: usize,
    failed: usize,
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Case {
    path: String,
    #[serde(flatten)]
    result: CaseResult,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let mut cases = Vec::new();
    for path in tests(&args.paths)? {
        let results = results(&path)?;
        cases.extend(results.into_iter().map(|result| Case { path: path.clone(), result }));
    }
    if cases.is_empty() {
        return Err(Usage("there is no test of a rule (NAME.test.yaml)".to_owned()).into());
    }
    let passed = cases.iter().filter(|case| case.result.passed).count();
    let failed = cases.len().saturating_sub(passed);
    if args.format.json {
        out.json(&Report { passed, failed, cases })?;
    } else {
        for Case { path, result } in &cases {
            let word = if result.passed { "pass" } else { "FAIL" };
            let Span { line, column, .. } = result.span;
            out.line(&format!("{word} {path}:{line}:{column} {}", result.name))?;
            for line in result.message.lines() {
                out.line(&format!("     {line}"))?;
            }
        }
        output::note(&format!("{passed} passed, {failed} failed"));
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::No })
}

/// The test files that `paths` mean. A rule stands for the test beside it.
fn tests(paths: &[String]) -> anyhow::Result<Vec<String>> {
    let named = paths.iter().map(|path| {
        if Path::new(path).is_file() && !is_test_file(path) { beside(path) } else { path.clone() }
    });
    let is_test = |path: &Path| is_test_file(&path.to_string_lossy());
    let mut found = walk::files(&named.collect::<Vec<_>>(), is_test)?;
    let is_rules = |path: &String| {
        walk::read_text(path).is_ok_and(|text| Kind::of(path, &text) == Kind::RuleTest)
    };
    found.retain(is_rules);
    Ok(found)
}

/// The test file beside a rule.
fn beside(rule: &str) -> String {
    let (stem, extension) = rule.rsplit_once('.').unwrap_or((rule, "yaml"));
    format!("{stem}.test.{extension}")
}

fn results(test: &str) -> anyhow::Result<Vec<CaseResult>> {
    let rule = kind::subject(test);
    if !Path::new(&rule).is_file() {
        let message = format!("the rule under test, {rule}, is not there");
        let name = "TS0102".to_owned();
        return Ok(vec![CaseResult { name, span: Span::on_line(1, 1, 0), passed: false, message }]);
    }
    Ok(ruletest::run(&walk::read_text(&rule)?, &walk::read_text(test)?, &parse))
}

fn parse(format: &str, record: &str) -> Result<Event, String> {
    let receipt = Receipt {
        id: EventId::default(),
        tenant: TenantId::default(),
        source: "test".to_owned(),
        trust: Trust::default(),
        received_at: RECEIVED_AT,
    };
    let mut event =
        stanch_ingest::parse(Some(format), record, receipt).map_err(|error| error.to_string())?;
    // Records that say the year may be younger than this moment.
    event.received_at = event.received_at.max(event.occurred_at);
    Ok(event)
}
