//! `rule test`: the events beside each rule, through the ordinary intake.

use std::path::Path;

use stanch_detect::ruletest::{self, CaseResult};
use stanch_ingest::Receipt;
use stanch_model::{Event, EventId, Span, TenantId, Time, event::Trust};

use crate::{
    cases,
    exit::Exit,
    kind::{self, Kind},
    output::{Format, Output},
    walk,
};

/// When the events of tests are received, so that a test says the same tomorrow: the end of 2026. Times
/// that leave out the year are of that year.
const RECEIVED_AT: Time = Time::from_micros(1_798_761_599_000_000);

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Test files (NAME.test.yaml), rules with one beside them, or folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let files = cases::files(&args.paths, Kind::RuleTest)?;
    cases::report(&files, args.format, out, results)
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
