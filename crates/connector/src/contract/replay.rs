//! A recording replayed: the manifest's requests against the recorded ones, the recorded answers
//! read as a run would read them.

use serde_json::{Map, Value, json};
use stanch_model::{
    Diagnostic,
    manifest::{ActionManifest, Call, Example, HttpFirst, Instance, Manifest},
};

use super::{
    Exchange, Part, Recording, planned,
    rendered::{rendered, rendered_first},
};
use crate::{
    Secret,
    hands::{Found, output},
    manifest::{Findings, codes, source::Path},
    outcome::{Verdict, verdict},
    render::Context,
};

/// What of `recording` is not as `manifest` has it, with places in the recording's text.
#[must_use]
pub fn replay(manifest: &Manifest, recording: &Recording) -> Vec<Diagnostic> {
    let mut findings = Findings { source: &recording.source, list: Vec::new() };
    if let Some((action, example)) = found(manifest, recording, &mut findings) {
        story(manifest, action, example, recording, &mut findings);
    }
    findings.list
}

fn found<'a>(
    manifest: &'a Manifest,
    recording: &Recording,
    findings: &mut Findings<'_>,
) -> Option<(&'a ActionManifest, &'a Example)> {
    let top = Path::default();
    let Some(action) = manifest.actions.get(&recording.action) else {
        let names = manifest.actions.keys().map(String::as_str);
        findings.error(
            codes::RECORDED_WHAT,
            &top.key("action"),
            format!(
                "connector `{}` has no action `{}`",
                manifest.connector,
                crate::outside::quote(&recording.action)
            ),
            stanch_expression::suggest::help(&recording.action, names),
        );
        return None;
    };
    let example = action.examples.iter().find(|example| example.title == recording.example);
    if example.is_none() {
        let titles = action.examples.iter().map(|example| example.title.as_str());
        findings.error(
            codes::RECORDED_WHAT,
            &top.key("example"),
            format!("`{}` has no example with this title", recording.action),
            stanch_expression::suggest::help(&recording.example, titles),
        );
    }
    Some((action, example?))
}

fn story(
    manifest: &Manifest,
    action: &ActionManifest,
    example: &Example,
    recording: &Recording,
    findings: &mut Findings<'_>,
) {
    let instance = instance(manifest, recording);
    let found = Found { manifest, action, instance: &instance };
    let planned = planned(
        manifest,
        &recording.action,
        &instance.name,
        &example.input,
        recording.setting.expires,
    );
    let planned = match planned {
        Ok(planned) => planned,
        Err(why) => {
            let help = "correct the example in the manifest";
            return findings.error(
                codes::RECORDED_WHAT,
                &Path::default().key("example"),
                why,
                help,
            );
        }
    };
    let context = found.context(&planned, &recording.setting.key);
    // What a recording shows where a secret was sent.
    let shown = context.references().iter();
    let shown = shown.map(|of| (of.stand_in.clone(), Secret::from(format!("secret:{}", of.name))));
    let context = context.revealing(shown.collect());
    let mut replay = Replay { found, example, acted: None, context, findings };
    for (index, exchange) in recording.exchanges.iter().enumerate() {
        replay.exchange(exchange, &Path::default().key("exchanges").item(index));
    }
}

fn instance(manifest: &Manifest, recording: &Recording) -> Instance {
    serde_json::from_value(json!({
        "name": "recorded", "connector": manifest.connector, "config": recording.setting.config,
    }))
    .expect("invariant: an instance needs no more")
}

struct Replay<'a, 'f, 's> {
    found: Found<'a>,
    example: &'a Example,
    /// What the act returned; nothing before it.
    acted: Option<Value>,
    context: Context,
    findings: &'f mut Findings<'s>,
}

impl Replay<'_, '_, '_> {
    fn exchange(&mut self, exchange: &Exchange, at: &Path) {
        let Some((call, done)) = part(self.found.action, exchange.part) else {
            let part = exchange.part.word();
            return self.findings.error(
                codes::RECORDED_WHAT,
                &at.key("part"),
                format!("the action has no `{part}`"),
                "remove the exchange, or add it to the manifest",
            );
        };
        let context = match exchange.part {
            Part::Call => self.context.clone(),
            // Before the act nobody knows its output, and after a crash neither.
            Part::Probe => self.context.clone().with_output(&Value::Null),
            Part::Verify | Part::Undo | Part::UndoVerify => {
                let output = self.acted.clone().unwrap_or_else(|| self.example.output.clone());
                self.context.clone().with_output(&output)
            }
        };
        let context = self.first(exchange, call, context, at);
        self.request(exchange, call, &context, at);
        let response = complete(&exchange.response);
        if !self.accepted(call, &response, at) {
            return;
        }
        let context = context.with_response(response);
        match (exchange.part, done) {
            (Part::Call, _) => self.returned(&context, at),
            (_, Some(done)) => self.checked(exchange, done, &context, at),
            (_, None) => {}
        }
    }

    /// What comes before the request.
    fn first(&mut self, exchange: &Exchange, call: &Call, context: Context, at: &Path) -> Context {
        let asked: &[HttpFirst] = if let Call::Http(call) = call { &call.first } else { &[] };
        if asked.len() != exchange.first.len() {
            self.findings.error_at_key(
                codes::RECORDED_REQUEST,
                &at.key("first"),
                format!(
                    "{} requests come before this one, and {} were recorded",
                    asked.len(),
                    exchange.first.len()
                ),
                "record it again, or correct `first:` here",
            );
        }
        let (mut context, mut answers) = (context, Vec::new());
        for (number, (asked, recorded)) in asked.iter().zip(&exchange.first).enumerate() {
            let at = at.key("first").item(number);
            let sent = rendered_first(asked, &context);
            self.compare(&recorded.request, sent, &at.key("request"));
            answers.push(complete(&recorded.response));
            context = context.with_first(answers.clone());
        }
        context
    }

    fn request(&mut self, exchange: &Exchange, call: &Call, context: &Context, at: &Path) {
        self.compare(&exchange.request, rendered(call, context), &at.key("request"));
    }

    fn compare(&mut self, recorded: &Value, sent: Result<Value, String>, at: &Path) {
        let help = "record it again, or correct the manifest";
        match sent {
            Ok(sent) => {
                for (path, message) in differences(recorded, &sent, at) {
                    self.findings.error(codes::RECORDED_REQUEST, &path, message, help);
                }
            }
            Err(why) => {
                let message = format!("the request cannot be filled in: {why}");
                self.findings.error(codes::RECORDED_REQUEST, at, message, help);
            }
        }
    }

    /// Whether the manifest takes the recorded answer for one.
    fn accepted(&mut self, call: &Call, response: &Value, at: &Path) -> bool {
        let number = |name: &str| response.get(name).and_then(Value::as_u64);
        let refused = match call {
            Call::Http(call) => {
                let status = number("status").and_then(|status| u16::try_from(status).ok());
                match status {
                    Some(status) if verdict(status, &call.accept, false) == Verdict::Accepted => {
                        None
                    }
                    Some(status) => Some(format!("the manifest does not accept status {status}")),
                    None => Some("the answer has no `status`".to_owned()),
                }
            }
            Call::Ssh(_) if number("exit") != Some(0) => {
                Some("the command did not end with exit status 0".to_owned())
            }
            _ => None,
        };
        let Some(message) = refused else { return true };
        let help = "add it to `accept`, or record an answer that is one";
        self.findings.error(codes::RECORDED_ANSWER, &at.key("response"), message, help);
        false
    }

    fn returned(&mut self, context: &Context, at: &Path) {
        let at = at.key("response");
        let output = match output(&self.found, context) {
            Ok(output) => output,
            Err(why) => {
                let message = format!("the output cannot be made of this answer: {why}");
                let help = "correct `returns`, or the schema of the output";
                return self.findings.error(codes::RECORDED_ANSWER, &at, message, help);
            }
        };
        for (path, message) in differences(&self.example.output, &output, &Path::default()) {
            let place = path.text();
            let what =
                if place.is_empty() { "the output".to_owned() } else { format!("`{place}`") };
            self.findings.error(
                codes::RECORDED_ANSWER,
                &at,
                format!("{what} of the example: {message}"),
                "correct `returns`, or the output of the example",
            );
        }
        self.acted = Some(output);
    }

    fn checked(&mut self, exchange: &Exchange, done: &str, context: &Context, at: &Path) {
        let part = exchange.part.word();
        let message = match context.condition(done) {
            Ok(truth) if Some(truth) == exchange.done => return,
            Ok(truth) => format!("{part} takes this answer for {truth}"),
            Err(why) => format!("{part} cannot read this answer: {why}"),
        };
        let help = "correct `done` in the manifest, or here if the recording says it wrongly";
        self.findings.error(codes::RECORDED_ANSWER, &at.key("done"), message, help);
    }
}

/// The call of a part, and the condition of a check.
pub(super) fn part(action: &ActionManifest, part: Part) -> Option<(&Call, Option<&str>)> {
    let undo = action.undo.as_ref();
    Some(match part {
        Part::Call => (&action.call, None),
        Part::Probe => action.probe.as_ref().map(|of| (&of.call, Some(of.done.as_str())))?,
        Part::Verify => action.verify.as_ref().map(|of| (&of.call, Some(of.done.as_str())))?,
        Part::Undo => (&undo?.call, None),
        Part::UndoVerify => (&undo?.verify.call, Some(undo?.verify.done.as_str())),
    })
}

/// The answer with what the client would add to it: a recording may leave that out.
pub(super) fn complete(response: &Value) -> Value {
    let mut response = response.clone();
    let Value::Object(map) = &mut response else { return response };
    let added = if map.contains_key("status") {
        vec![("body", Value::Null), ("etag", "".into()), ("location", "".into())]
    } else if map.contains_key("exit") {
        let stdout = map.get("stdout").and_then(Value::as_str).unwrap_or_default();
        let body = serde_json::from_str(stdout).unwrap_or_default();
        vec![("stdout", "".into()), ("stderr", "".into()), ("body", body)]
    } else {
        Vec::new()
    };
    for (name, value) in added {
        map.entry(name.to_owned()).or_insert(value);
    }
    response
}

/// Where two values differ, and how, in words about `sent`.
pub(super) fn differences(recorded: &Value, sent: &Value, at: &Path) -> Vec<(Path, String)> {
    match (recorded, sent) {
        (Value::Object(recorded), Value::Object(sent)) => objects(recorded, sent, at),
        (Value::Array(recorded), Value::Array(sent)) if recorded.len() == sent.len() => {
            let pairs = recorded.iter().zip(sent).enumerate();
            pairs
                .flat_map(|(n, (recorded, sent))| differences(recorded, sent, &at.item(n)))
                .collect()
        }
        _ if is_same(recorded, sent) => Vec::new(),
        _ => {
            let message = format!("here stands {}, now it is {}", short(recorded), short(sent));
            vec![(at.clone(), message)]
        }
    }
}

fn objects(
    recorded: &Map<String, Value>,
    sent: &Map<String, Value>,
    at: &Path,
) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    for (name, value) in recorded {
        let at = at.key(name);
        match sent.get(name) {
            Some(sent) => found.extend(differences(value, sent, &at)),
            None => found.push((at, format!("`{name}` is not there any more"))),
        }
    }
    for (name, value) in sent.iter().filter(|(name, _)| !recorded.contains_key(*name)) {
        found.push((at.clone(), format!("`{name}` is there as well: {}", short(value))));
    }
    found
}

/// Whole numbers are the same whether or not they were written with a point.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}

fn short(value: &Value) -> String {
    crate::outside::quote(&value.to_string())
}
