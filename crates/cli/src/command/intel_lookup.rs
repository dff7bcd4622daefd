//! `intel lookup`: is a value known, and as what, by the files that are given?

use serde::Serialize;
use stanch_intel::{
    Claim, Delivery, Index, Indicator, IndicatorSet, Indicators, Intel, Kind, Lookup, Meaning, Tlp,
    Value,
    index::Seen,
    score::{Earned, Model},
};
use stanch_model::Time;

use crate::{
    exit::{Exit, Usage},
    intel::{Reading, source},
    output::{self, Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Addresses, domains, URLs, hashes or mail addresses, defanged or not
    #[arg(value_name = "VALUE", required = true)]
    values: Vec<String>,
    /// A file of indicators: a STIX 2.1 bundle, events of MISP, a table, or one value per line; may be repeated
    #[arg(long = "list", value_name = "FILE", required = true)]
    lists: Vec<String>,
    /// A file of harmless values, which win: a MISP warning list, one value per line, or an allow-list
    /// (.csv with value,reason,until); may be repeated
    #[arg(long, value_name = "FILE")]
    benign: Vec<String>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    format: Format,
}

/// What is known of one value, as `--json` prints it.
#[derive(Serialize)]
struct Answer {
    value: Value,
    kind: Kind,
    #[serde(flatten)]
    lookup: Lookup,
    /// The nearest entry of the files of indicators.
    indicator: Option<Nearest>,
}

#[derive(Serialize)]
struct Nearest {
    value: Value,
    score: u8,
    tlp: Option<Tlp>,
    claims: Vec<Claim>,
}

/// Everything that was read.
struct Known {
    intel: Intel,
    indicators: Vec<Indicator>,
    index: Index,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let read = |text: &String| Value::read(text).map_err(|why| Usage(format!("`{text}` {why}")));
    let values = args.values.iter().map(read).collect::<Result<Vec<_>, Usage>>()?;
    let now = args.reading.now();
    let known = known(args, now)?;
    let answers: Vec<Answer> = values.into_iter().map(|value| known.answer(value, now)).collect();
    if args.format.json {
        out.json(&answers)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = answers.iter().map(row).collect();
    out.table(&["value", "verdict", "score", "tlp", "note"], &rows)?;
    Ok(Exit::Done)
}

fn known(args: &Args, now: Time) -> anyhow::Result<Known> {
    let (mut all, mut intel) = (Indicators::default(), Intel::default());
    for path in &args.lists {
        let (_, import) = args.reading.read(path)?;
        let (read, left_out) = (import.claims.len(), import.left_out.count);
        if left_out > 0 {
            let how = format!("`stanch intel import --check {path}` names them");
            output::note(&format!("{path}: {left_out} parts were left out; {how}"));
        }
        for meaning in [Meaning::Malicious, Meaning::Benign] {
            let claims = import.claims.iter().map(|(value, claim)| (value, claim));
            let set = IndicatorSet::of_claims(&source(path), meaning, claims, now);
            if !set.is_empty() {
                intel.add(meaning, set);
            }
        }
        output::note(&format!("{path}: {read} claims"));
        all.apply(&source(path), import, Delivery::Part);
    }
    for path in &args.benign {
        args.reading.benign(path, &mut intel)?;
    }
    let indicators: Vec<Indicator> = all.iter().cloned().collect();
    let index = Index::of(indicators.iter().map(|indicator| &indicator.value));
    Ok(Known { intel, indicators, index })
}

impl Known {
    fn answer(&self, value: Value, now: Time) -> Answer {
        let lookup = self.intel.lookup_text(&value.to_string());
        let indicator = self.nearest(&value).map(|indicator| Nearest {
            value: indicator.value.clone(),
            score: Model::default().score(indicator, &Earned::new(), now),
            tlp: indicator.tlp(),
            claims: indicator.claims.clone(),
        });
        Answer { kind: value.kind(), value, lookup, indicator }
    }

    fn nearest(&self, value: &Value) -> Option<&Indicator> {
        let text = value.to_string();
        let seen = match value.kind() {
            Kind::Cidr => return None,
            Kind::Ip => Seen::Address(value.network()?.addr()),
            Kind::Domain => Seen::Domain(&text),
            Kind::Url => Seen::Url(&text),
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 => Seen::Hash(&text),
            Kind::EmailAddress => Seen::EmailAddress(&text),
        };
        let entry = usize::try_from(self.index.find(seen)?.entry).ok()?;
        self.indicators.get(entry)
    }
}

fn row(answer: &Answer) -> Vec<String> {
    let nearest = answer.indicator.as_ref();
    let verdict = match answer.lookup.verdict {
        stanch_intel::Verdict::Malicious => "malicious",
        stanch_intel::Verdict::Benign => "benign",
        stanch_intel::Verdict::Unknown => "unknown",
    };
    vec![
        answer.value.to_string(),
        verdict.to_owned(),
        nearest.map_or("-".to_owned(), |nearest| nearest.score.to_string()),
        nearest.and_then(|nearest| nearest.tlp).map_or("-".to_owned(), |tlp| tlp.to_string()),
        answer.lookup.note.clone(),
    ]
}
