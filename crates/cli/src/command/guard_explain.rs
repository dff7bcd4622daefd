//! `guard explain`: what the guard considered with every decision of a run, as it was then.

use stanch_model::{RunId, guard::Explanation};

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The run
    #[arg(value_name = "RUN")]
    run: RunId,
    /// Only the decisions about that step
    #[arg(long, value_name = "KEY")]
    step: Option<String>,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let run = args.run.to_string();
    let query = [("step", args.step.as_deref())];
    let list = args.connection.open()?.list(&["runs", &run, "explanations"], &query, args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let explanations = client::items::<Explanation>(&list)?;
    if explanations.is_empty() {
        out.line("the guard was not asked")?;
    }
    for explanation in &explanations {
        out.line(&format!(
            "{} {}: {} on {}: {}",
            view::time(explanation.at),
            explanation.step,
            explanation.action,
            view::or_dash(explanation.target.as_ref()),
            view::word(&explanation.ruling)
        ))?;
        let rows: Vec<Vec<String>> = explanation
            .considered
            .iter()
            .map(|one| vec![one.rule.clone(), view::word(&one.ruling), one.text.clone()])
            .collect();
        out.table(&["RULE", "SAYS", "WHY"], &rows)?;
    }
    Ok(Exit::Done)
}
