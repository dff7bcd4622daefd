//! `playbook backtest`: what it would have done to the alerts of the past; nothing is done.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use stanch_engine::{
    Share,
    jobs::{Backtest, Difference, EffectName, EffectRow, Replayed},
};
use stanch_model::{duration, manifest::EffectClass};

use crate::{
    args::name,
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// How far to look back
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = duration::parse)]
    since: Duration,
    /// Another version, to see what differs: a number from `playbook history`
    #[arg(long, value_name = "VERSION")]
    against: Option<u32>,
    /// Most alerts to look at, the newest ones; 100000 at the most
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let since = duration::format(args.since);
    let body = json!({ "since": since, "against": args.against, "limit": args.limit });
    let answer = args.connection.open()?.post(&["playbooks", &args.name, "backtest"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let found: Backtest = client::typed(&answer)?;
    out.line(&format!(
        "{} from {} to {}: {} of {} alerts looked at",
        found.playbook,
        view::time(found.since),
        view::time(found.until),
        found.looked_at,
        found.alerts
    ))?;
    if found.looked_at < found.alerts {
        out.line(&format!("only the newest {}: raise it with --limit", found.limit))?;
    }
    for text in &found.assumptions {
        out.line(&format!("assumed: {text}"))?;
    }
    replayed("in force", &found.version, out)?;
    if let Some(against) = &found.against {
        replayed("against", against, out)?;
    }
    if let Some(difference) = &found.difference {
        differs(difference, out)?;
    }
    Ok(Exit::Done)
}

/// What one version came to.
fn replayed(what: &str, of: &Replayed, out: &mut Output) -> anyhow::Result<()> {
    let digest: String = of.digest.chars().take(12).collect();
    let number = of.number.map_or(digest, |number| number.to_string());
    out.line("")?;
    out.line(&format!(
        "{what}, version {number}: {} alerts match, {} runs ({})",
        of.matched,
        of.runs,
        counts(&of.ended)
    ))?;
    for (why, count) in &of.not_started {
        out.line(&format!("not started: {why}: {count}"))?;
    }
    for found in &of.not_known {
        out.line(&format!("not known: {}: {}: {} runs", found.name, found.why, found.count))?;
    }
    for found in &of.assumed {
        out.line(&format!(
            "assumed: {} answered {}: {} runs",
            found.step, found.answer, found.count
        ))?;
    }
    if of.effects.is_empty() {
        return Ok(out.line("no effects")?);
    }
    let head = [
        "ACTION",
        "TARGET",
        "COUNT",
        "REFUSED",
        "FIRST",
        "LAST",
        "INCIDENTS",
        "PRECISION",
        "RESTS ON",
    ];
    let rows: Vec<Vec<String>> = of.effects.iter().map(row).collect();
    out.table(&head, &rows)?;
    if of.left_out > 0 {
        out.line(&format!("{} more acts are on targets that are not listed", of.left_out))?;
    }
    out.line(&format!("incidents: {}", counts(&of.dispositions)))?;
    out.line(&format!("precision: {}", precision(&of.precision)))?;
    if of.guard.is_empty() {
        out.line("guard: no rule would have asked, held or refused")?;
    } else {
        let hits = of.guard.iter().map(|hits| {
            vec![
                hits.rule.clone(),
                hits.asked.to_string(),
                hits.held.to_string(),
                hits.refused.to_string(),
            ]
        });
        out.table(&["GUARD RULE", "ASKED", "HELD", "REFUSED"], &hits.collect::<Vec<_>>())?;
    }
    Ok(())
}

fn row(effect: &EffectRow) -> Vec<String> {
    let kind = match (effect.effect, effect.practice) {
        (EffectClass::Irreversible, false) => " (irreversible)",
        (EffectClass::Irreversible, true) => " (irreversible, practice)",
        (_, true) => " (practice)",
        (_, false) => "",
    };
    vec![
        format!("{}{kind}", effect.action),
        if effect.target.is_empty() { "-".to_owned() } else { effect.target.clone() },
        effect.count.to_string(),
        effect.refused.to_string(),
        view::time(effect.first_at),
        view::time(effect.last_at),
        counts(&effect.dispositions),
        precision(&effect.precision),
        counts(&effect.rests_on),
    ]
}

fn differs(difference: &Difference, out: &mut Output) -> anyhow::Result<()> {
    out.line("")?;
    out.line(&format!("{} effects in both", difference.both))?;
    let lines = |sign: &str, names: &[EffectName]| -> Vec<Vec<String>> {
        let cells =
            |name: &EffectName| vec![sign.to_owned(), name.action.clone(), name.target.clone()];
        names.iter().map(cells).collect()
    };
    let mut rows = lines("in force", &difference.only_version);
    rows.extend(lines("against", &difference.only_against));
    if !rows.is_empty() {
        out.table(&["ONLY", "ACTION", "TARGET"], &rows)?;
    }
    Ok(())
}

/// `open 3, true_positive 2`.
fn counts(of: &BTreeMap<String, u64>) -> String {
    let words: Vec<String> = of.iter().map(|(word, count)| format!("{word} {count}")).collect();
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// `8 of 10, 49 % to 94 %`.
fn precision(share: &Share) -> String {
    if share.whole == 0 {
        return "no data".to_owned();
    }
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let (low, high) = (percent(share.low), percent(share.high));
    format!("{} of {}, {low} to {high}", share.part, share.whole)
}
