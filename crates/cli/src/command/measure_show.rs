//! `measure show`.

use serde_json::Value;

use crate::{
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// How many days back
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    days: u32,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let days = args.days.to_string();
    let answer = args.connection.open()?.get(&["measures"], &[("days", Some(&days))])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let count = |name: &str| view::at(&answer, name);
    out.line(&format!(
        "{days} days: {} incidents, {} of them open, from {} alerts",
        count("/incidents"),
        count("/open"),
        count("/alerts")
    ))?;
    let times = ["time_to_detect", "time_to_acknowledge", "time_to_contain"];
    let rows: Vec<_> = times.iter().map(|name| time_row(&answer, name)).collect();
    out.table(&["MEASURE", "MEDIAN", "P90", "REACHED", "STILL OPEN"], &rows)?;
    let rows: Vec<_> =
        ["contained", "automated"].iter().map(|name| share_row(&answer, name)).collect();
    out.table(&["SHARE", "PART", "WHOLE", "95 % FROM", "TO"], &rows)?;
    if let Some(words) = answer.get("dispositions").and_then(Value::as_object) {
        let rows: Vec<_> =
            words.iter().map(|(word, n)| vec![word.clone(), n.to_string()]).collect();
        out.table(&["DISPOSITION", "COUNT"], &rows)?;
    }
    Ok(Exit::Done)
}

fn time_row(measures: &Value, name: &str) -> Vec<String> {
    let seconds = |at: &str| {
        let found = measures.pointer(&format!("/{name}/{at}")).and_then(Value::as_f64);
        found.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1} s"))
    };
    let count = |at: &str| view::at(measures, &format!("/{name}/{at}"));
    vec![name.to_owned(), seconds("median_s"), seconds("p90_s"), count("n"), count("open")]
}

fn share_row(measures: &Value, name: &str) -> Vec<String> {
    let percent = |at: &str| {
        let found = measures.pointer(&format!("/{name}/{at}")).and_then(Value::as_f64);
        found.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0))
    };
    let count = |at: &str| view::at(measures, &format!("/{name}/{at}"));
    vec![name.to_owned(), count("part"), count("whole"), percent("low"), percent("high")]
}
