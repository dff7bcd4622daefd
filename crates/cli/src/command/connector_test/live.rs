//! Against a live target. What will be done is said before; what the guard would refuse is not done.

use std::{
    fs,
    io::{BufRead as _, IsTerminal as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use serde_json::{Value, json};
use stanch_connector::{
    Hands,
    contract::{self, Drill, Report, Setting, Tape},
};
use stanch_engine::{
    Engine, Options,
    acting::Network,
    config::{Config, SecretsConfig},
    content::Content,
};
use stanch_model::{
    TenantId, duration,
    guard::Decision,
    manifest::{Catalog, EffectClass, Example, Instance, Transport},
    plan::PlannedAction,
};

use super::{Args, Subject};
use crate::{
    command::serve,
    exit::{Exit, NotFound, Usage},
    output::{self, Output},
    scripts,
};

/// How long an act stays if the drill cannot take it back and the target ends it by itself.
const EXPIRES: Duration = Duration::from_secs(15 * 60);

/// What will be tried.
struct Try<'a> {
    title: &'a str,
    example: &'a Example,
    action: PlannedAction,
    key: String,
}

pub(super) fn run(
    subject: &Subject,
    instance: &str,
    args: &Args,
    out: &mut Output,
) -> anyhow::Result<Exit> {
    let config = serve::config_file(&args.config)?;
    let instance = found(subject, &config, instance)?;
    let input = args.with.as_deref().map(serde_json::from_str::<Value>).transpose();
    let input = input.map_err(|error| Usage(format!("--with is no JSON: {error}")))?;
    if input.is_some() && args.action.len() != 1 {
        return Err(Usage("--with is for one --action".to_owned()).into());
    }
    let tries = tries(subject, instance, args, input.as_ref())?;
    if tries.is_empty() {
        let text = "there is nothing to try: acts take --act, and reads that tell a third party are named with --action";
        return Err(Usage(text.to_owned()).into());
    }
    let acts: Vec<&Try<'_>> =
        tries.iter().filter(|t| t.action.effect != EffectClass::Read).collect();
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    if !acts.is_empty() {
        say(instance, &acts);
        for act in &acts {
            runtime.block_on(permitted(subject, instance, &config, &act.action))?;
        }
        if !args.yes {
            ask()?;
        }
    }
    let tape = Tape::default();
    let hands = hands(subject, instance).with_tape(tape.clone());
    let mut reports = Vec::new();
    for each in &tries {
        let drill = Drill {
            manifest: &subject.manifest,
            action: each.action.clone(),
            key: each.key.clone(),
        };
        let report = runtime.block_on(contract::live(&hands, &drill, Some(&tape)));
        if !args.format.json {
            show(each, &report, out)?;
        }
        if let Some(folder) = &args.record {
            record(folder, subject, instance, each, &report)?;
        }
        reports.push(report);
    }
    if args.format.json {
        out.json(&as_json(&tries, &reports))?;
    }
    let ok = reports.iter().all(Report::is_ok);
    if reports.iter().any(|report| report.left_behind) {
        output::note("LEFT BEHIND: an act could not be seen to be taken back; look at the target");
    }
    Ok(if ok { Exit::Done } else { Exit::No })
}

fn found<'a>(subject: &Subject, config: &'a Config, name: &str) -> anyhow::Result<&'a Instance> {
    let connector = &subject.manifest.connector;
    let of_it = || config.connectors.iter().filter(|instance| instance.connector == *connector);
    let Some(instance) = of_it().find(|instance| instance.name == name) else {
        let known: Vec<&str> = of_it().map(|instance| instance.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let text =
            format!("no instance `{name}` of `{connector}` is configured; there are {known}");
        return Err(NotFound(text).into());
    };
    if subject.manifest.transport == Transport::Builtin {
        let text = format!("`{connector}` is answered by Stanch itself: there is no target to try");
        return Err(Usage(text).into());
    }
    let is_kept = |reference: &String| reference.starts_with("secret:");
    if instance.credential.as_ref().is_some_and(is_kept) {
        let text = "the credential is in the server's store, which only the server opens: for the test give it by env:NAME or file:PATH";
        return Err(Usage(text.to_owned()).into());
    }
    stanch_connector::instance::check(instance, &subject.manifest)
        .map_err(|error| Usage(error.to_string()))?;
    Ok(instance)
}

fn tries<'a>(
    subject: &'a Subject,
    instance: &Instance,
    args: &Args,
    input: Option<&Value>,
) -> anyhow::Result<Vec<Try<'a>>> {
    let mut tries = Vec::new();
    for (name, action) in &subject.manifest.actions {
        let is_named = args.action.contains(name);
        let left_out = match action.effect {
            EffectClass::Read => action.discloses && !is_named,
            EffectClass::Reversible => !args.act,
            // What cannot be taken back is not done because somebody said "all".
            EffectClass::Irreversible => !args.act || !is_named,
        };
        if !args.wants(name) || left_out {
            continue;
        }
        for (number, example) in action.examples.iter().enumerate() {
            let input = input.unwrap_or(&example.input);
            let planned =
                contract::planned(&subject.manifest, name, &instance.name, input, Some(EXPIRES));
            let action = planned.map_err(|why| Usage(format!("{name}: {why}")))?;
            let key = format!("stanch-test-{}/{name}-{number}", std::process::id());
            tries.push(Try { title: &example.title, example, action, key });
            if args.with.is_some() {
                break;
            }
        }
    }
    Ok(tries)
}

fn say(instance: &Instance, acts: &[&Try<'_>]) {
    output::note(&format!("at `{}` ({}):", instance.name, instance.base_url));
    for Try { action, .. } in acts {
        let target = action.target.as_ref().map(ToString::to_string).unwrap_or_default();
        let after = match &action.undo {
            Some(undo) => format!("taken back at once: {undo}"),
            None => "CANNOT BE UNDONE".to_owned(),
        };
        output::note(&format!("  {} {target} with {}; {after}", action.title, action.input));
    }
}

fn ask() -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(Usage("nobody is there to say yes: add --yes".to_owned()).into());
    }
    output::note("type yes to do it:");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("reading the answer")?;
    if line.trim() == "yes" { Ok(()) } else { Err(Usage("nothing was done".to_owned()).into()) }
}

/// Asks the guard, with the policy of the configuration, in an engine that exists for this question.
async fn permitted(
    subject: &Subject,
    instance: &Instance,
    config: &Config,
    action: &PlannedAction,
) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("stanch-connector-test-{}", std::process::id()));
    let asked = decision(&folder, subject, instance, config, action).await;
    fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    match asked? {
        Decision::Refuse { reasons } | Decision::Hold { reasons, .. } => {
            let why: Vec<String> = reasons.into_iter().map(|reason| reason.text).collect();
            let target = action.target.as_ref().map(ToString::to_string).unwrap_or_default();
            let text = format!("the guard refuses {} {target}: {}", action.title, why.join("; "));
            Err(Usage(text).into())
        }
        Decision::Allow { .. } | Decision::Ask { .. } => Ok(()),
    }
}

async fn decision(
    folder: &Path,
    subject: &Subject,
    instance: &Instance,
    config: &Config,
    action: &PlannedAction,
) -> anyhow::Result<Decision> {
    let expires = match action.expires {
        Some(expires) => format!("    expires: {}\n", duration::format(expires)),
        None => "    approve: { count: 1, within: 1h }\n".to_owned(),
    };
    let playbook = format!(
        "playbook: connector-test\ntitle: Try an act\nmax_mode: assist\nsteps:\n  - id: act\n    do: {}.{}\n    with: {}\n{expires}",
        instance.name, action.action, action.input
    );
    let engine = Engine::open(Options {
        data: folder.to_owned(),
        config: Config {
            connectors: vec![instance.clone()],
            policy: config.policy.clone(),
            secrets: SecretsConfig::shut(),
            ..Config::default()
        },
        content: Content {
            manifests: vec![subject.text.clone()],
            playbooks: vec![("the act".to_owned(), playbook)],
            ..Content::default()
        },
        secrets: serve::secrets(),
        network: Network::of_this_host(),
        scripts: scripts::of_this_host(),
        crash: None,
    });
    let engine = engine.await.context("asking the guard")?;
    if let Some(finding) = engine.library.findings.iter().find(|f| f.diagnostic.is_error()) {
        anyhow::bail!("the act cannot be planned: {}", finding.diagnostic.message);
    }
    let tenant = TenantId::default();
    let given = (json!({}), serde_json::Map::new());
    let plan = engine.runs.plan(&tenant, "connector-test", given, "connector test").await;
    let decisions = plan.context("asking the guard")?.decisions.into_iter();
    decisions.map(|planned| planned.decision).next().context("the guard said nothing")
}

fn hands(subject: &Subject, instance: &Instance) -> Hands {
    let manifest = subject.manifest.clone();
    let catalog = Catalog {
        manifests: [(manifest.connector.clone(), manifest)].into(),
        instances: [(instance.name.clone(), instance.clone())].into(),
        bindings: [].into(),
    };
    Hands::new(Arc::new(catalog), serve::secrets()).with_scripts(scripts::of_this_host())
}

fn show(each: &Try<'_>, report: &Report, out: &mut Output) -> std::io::Result<()> {
    let word = if report.is_ok() { "ok  " } else { "FAIL" };
    out.line(&format!("{word} {}: {}", each.action.action, each.title))?;
    for step in &report.steps {
        let word = if step.ok { "    " } else { "  ! " };
        out.line(&format!("{word}{:<12}{}", step.part.word(), step.text))?;
    }
    Ok(())
}

fn as_json(tries: &[Try<'_>], reports: &[Report]) -> Value {
    let item = |(each, report): (&Try<'_>, &Report)| {
        let steps = report.steps.iter();
        let steps: Vec<Value> = steps
            .map(|step| json!({ "part": step.part.word(), "ok": step.ok, "text": step.text }))
            .collect();
        json!({
            "action": each.action.action, "example": each.title, "ok": report.is_ok(),
            "left_behind": report.left_behind, "output": report.output, "steps": steps,
        })
    };
    json!({ "items": tries.iter().zip(reports).map(item).collect::<Vec<_>>() })
}

/// Writes what was said as a recording; one that failed would only record the failure.
fn record(
    folder: &Path,
    subject: &Subject,
    instance: &Instance,
    each: &Try<'_>,
    report: &Report,
) -> anyhow::Result<()> {
    if !report.is_ok() || each.action.input != each.example.input {
        output::note(&format!(
            "{}: not recorded; only what went well with an example's input is",
            each.action.action
        ));
        return Ok(());
    }
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let setting = Setting {
        key: each.key.clone(),
        expires: each.action.expires,
        config: instance.config.clone(),
    };
    #[expect(clippy::disallowed_methods, reason = "a recording says of which day it is")]
    let day = jiff::Timestamp::now().strftime("%Y-%m-%d");
    let of = format!("{} at {}, {day}", subject.manifest.title, instance.name);
    let text =
        contract::recorded(&each.action.action, each.title, &of, &setting, &report.exchanges);
    let title = each.title.to_ascii_lowercase();
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    let path = folder.join(format!("{}.{slug}.yaml", each.action.action));
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    output::note(&format!("wrote {}", path.display()));
    Ok(())
}
