//! `detect`: log files through Sigma rules, without a server.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Map, Value};
use stanch_detect::{Detection, Detector, RuleSet, is_test_file, product_detection};
use stanch_engine::clock::Clock;
use stanch_ingest::{Line, Receipt, SOURCES};
use stanch_model::{
    Event, EventId, Severity, Time,
    alert::RuleRef,
    event::{Common, LogSource, Trust},
};

use crate::{
    args::word,
    content,
    exit::{Exit, Usage},
    lines,
    output::{self, Output},
    view, walk,
};

/// Lines of one file that are named because they cannot be read; more are counted.
const UNREAD_NAMED_MAX: u64 = 100;

/// A file written before 2000-01-01 has a stamp that an archive program made up.
const STAMP_MIN: Time = Time::from_micros(946_684_800_000_000);

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Log files, folders of them, or `-` for stdin: JSON lists, one JSON object a line, or plain lines
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Folder or file of Sigma rules; may be repeated. The rules that the binary brings along if absent
    #[arg(long, value_name = "DIR")]
    rules: Vec<String>,
    /// Format of the records; recognised record by record if absent
    #[arg(long, value_name = "NAME", value_parser = format_name)]
    format: Option<String>,
    /// Only alerts at least this bad
    #[arg(long, value_name = "SEVERITY", default_value = "info", value_parser = word::<Severity>(&["info", "low", "medium", "high", "critical"]))]
    min_level: Severity,
    /// Print one JSON document a line, one for each alert, instead of a table
    #[arg(long)]
    json: bool,
}

/// An alert as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    rule: &'a RuleRef,
    severity: Severity,
    techniques: &'a [String],
    count: u64,
    event: Seen<'a>,
    /// All events behind it; the last is `event`.
    events: &'a [EventId],
    matched_fields: Map<String, Value>,
    group: Map<String, Value>,
}

/// The event that completed it.
#[derive(Serialize)]
struct Seen<'a> {
    id: EventId,
    file: &'a str,
    line: u32,
    occurred_at: Time,
    log_source: &'a LogSource,
    common: &'a Common,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let rules = rules(&args.rules)?;
    let files = files(&args.files)?;
    let mut scan = Scan {
        args,
        detector: Detector::new(Arc::new(rules)),
        now: Clock::new(Time::default()).now(),
        out,
        events: 0,
        alerts: 0,
        unread: 0,
    };
    for (segment, path) in (1..).zip(&files) {
        scan.file(segment, path)?;
    }
    let Scan { events, alerts, unread, .. } = scan;
    let files = files.len();
    output::note(&format!(
        "{files} files, {events} events, {alerts} alerts, {unread} records unread"
    ));
    Ok(if events == 0 && unread > 0 { Exit::No } else { Exit::Done })
}

fn format_name(text: &str) -> Result<String, String> {
    let known: Vec<&str> = SOURCES.iter().map(|source| source.name()).collect();
    let is_known = known.contains(&text);
    is_known.then(|| text.to_owned()).ok_or_else(|| format!("use one of {}", known.join(", ")))
}

/// The rules of `paths`, or those that the binary brings along. What is refused is said; the rest is used.
fn rules(paths: &[String]) -> anyhow::Result<RuleSet> {
    let texts = if paths.is_empty() {
        content::rules()
    } else {
        let is_rule = |path: &Path| walk::is_yaml(path) && !is_test_file(&path.to_string_lossy());
        let read = |path: String| Ok((path.clone(), walk::read_text(&path)?));
        walk::files(paths, is_rule)?.into_iter().map(read).collect::<anyhow::Result<Vec<_>>>()?
    };
    let (rules, findings) = stanch_detect::load(&texts);
    let mut refused = std::collections::BTreeSet::new();
    for found in findings.iter().filter(|found| found.diagnostic.is_error()) {
        output::note(&format!("{}:{}", found.path, found.diagnostic));
        refused.insert(&found.path);
    }
    let loaded = rules.rules().len();
    if loaded == 0 {
        return Err(Usage(format!("no rule could be loaded from {}", paths.join(", "))).into());
    }
    output::note(&format!("{loaded} rules loaded, {} files refused", refused.len()));
    Ok(rules)
}

/// The files to scan; `-` stays what it is.
fn files(paths: &[String]) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    for path in paths {
        if path == "-" {
            files.push(path.clone());
        } else {
            files.extend(walk::files(std::slice::from_ref(path), |_| true)?);
        }
    }
    if files.is_empty() {
        return Err(Usage("there is no file to scan".to_owned()).into());
    }
    Ok(files)
}

/// A scan under way.
struct Scan<'a> {
    args: &'a Args,
    detector: Detector,
    now: Time,
    out: &'a mut Output,
    events: u64,
    alerts: u64,
    unread: u64,
}

impl Scan<'_> {
    fn file(&mut self, segment: u64, path: &str) -> anyhow::Result<()> {
        let (from, written_at): (Box<dyn Read>, _) = if path == "-" {
            (Box::new(io::stdin()), self.now)
        } else {
            let file = File::open(path).map_err(|error| Usage(format!("{path}: {error}")))?;
            let written_at = written_at(&file).unwrap_or(self.now);
            (Box::new(file), written_at)
        };
        let mut here = Here { path, written_at, id: EventId { segment, sequence: 0 }, unread: 0 };
        // Both closures print, one after the other.
        let scan = std::cell::RefCell::new(self);
        lines::read::<anyhow::Error>(
            from,
            |line| scan.borrow_mut().line(&mut here, &line),
            || Ok(scan.borrow_mut().out.flush()?),
        )
        .with_context(|| format!("scan {path}"))?;
        let more = here.unread.saturating_sub(UNREAD_NAMED_MAX);
        if more > 0 {
            output::note(&format!("{path}: {more} more records cannot be read"));
        }
        Ok(())
    }

    fn line(&mut self, here: &mut Here<'_>, line: &Line) -> anyhow::Result<()> {
        let read = match &line.text {
            Ok(text) => here.event(self.args.format.as_deref(), text),
            Err(bad) => Err(bad.reason.clone()),
        };
        let event = match read {
            Ok(event) => event,
            Err(why) => {
                self.unread += 1;
                here.unread += 1;
                if here.unread <= UNREAD_NAMED_MAX {
                    output::note(&format!("{}:{}: {why}", here.path, line.number));
                }
                return Ok(());
            }
        };
        self.events += 1;
        let mut found = self.detector.process(&event);
        found.extend(product_detection(&event));
        for detection in found.iter().filter(|found| found.severity >= self.args.min_level) {
            self.alerts += 1;
            self.print(here.path, line.number, &event, detection)?;
        }
        Ok(())
    }

    fn print(&mut self, file: &str, line: u32, event: &Event, found: &Detection) -> io::Result<()> {
        if self.args.json {
            return self.out.json_line(&row(file, line, event, found));
        }
        if self.alerts == 1 {
            let head = ["TIME", "SEVERITY", "RULE", "HOST/SOURCE", "TITLE"].map(str::to_owned);
            self.out.line(&columns(&head))?;
        }
        self.out.line(&columns(&[
            view::time(event.occurred_at),
            found.severity.to_string(),
            found.rule.id.clone(),
            whence(&event.common),
            found.rule.title.clone(),
        ]))
    }
}

/// A file and how far it was read.
struct Here<'a> {
    path: &'a str,
    written_at: Time,
    id: EventId,
    unread: u64,
}

impl Here<'_> {
    fn event(&mut self, format: Option<&str>, text: &str) -> Result<Event, String> {
        let receipt = Receipt {
            id: self.id,
            tenant: stanch_model::TenantId::default(),
            source: self.path.to_owned(),
            trust: Trust::default(),
            received_at: self.written_at,
        };
        let mut event = stanch_ingest::parse(format, text, receipt).map_err(|e| e.to_string())?;
        // A live intake counts what claims to come from the future as received now. Here the file's stamp
        // is the doubtful one: it only serves for times that leave out the year.
        event.received_at = event.received_at.max(event.occurred_at);
        self.id.sequence += 1;
        Ok(event)
    }
}

/// When a file was last written, unless that cannot be.
fn written_at(file: &File) -> Option<Time> {
    let modified = file.metadata().ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Time::default().plus(since)).filter(|time| *time >= STAMP_MIN)
}

fn row<'a>(file: &'a str, line: u32, event: &'a Event, found: &'a Detection) -> Row<'a> {
    let mut matched = Map::new();
    for (field, value) in &found.matched_fields {
        // The events of a correlation differ: then all values are kept.
        match matched.get_mut(field) {
            None => drop(matched.insert(field.clone(), value.clone())),
            Some(Value::Array(values)) => values.push(value.clone()),
            Some(one) => *one = Value::Array(vec![one.take(), value.clone()]),
        }
    }
    let group = found.group.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    let Event { id, occurred_at, log_source, common, .. } = event;
    Row {
        rule: &found.rule,
        severity: found.severity,
        techniques: &found.techniques,
        count: found.count,
        event: Seen { id: *id, file, line, occurred_at: *occurred_at, log_source, common },
        events: &found.events,
        matched_fields: matched,
        group: group.collect(),
    }
}

/// Host and source address, as far as they are known.
fn whence(common: &Common) -> String {
    match (&common.host, common.src_ip) {
        (Some(host), Some(ip)) => format!("{host}/{ip}"),
        (Some(host), None) => host.clone(),
        (None, Some(ip)) => ip.to_string(),
        (None, None) => "-".to_owned(),
    }
}

/// A row of fixed widths, since the rows to come are not known.
fn columns([time, severity, rule, whence, title]: &[String; 5]) -> String {
    let escape = output::visible;
    let (rule, whence) = (escape(rule), escape(whence));
    format!("{time:<20}  {severity:<8}  {rule:<36}  {whence:<24}  {title}")
}
