//! Reading a test file.

use marked_yaml::{
    LoaderOptions, Node,
    types::{MarkedMappingNode, MarkedScalarNode},
};
use serde_json::{Map, Value};
use stanch_model::{Diagnostic, Span};

use crate::{
    codes,
    yaml::{self, Document},
};

/// How often one event may be repeated.
const REPEAT_MAX: u64 = 10_000;

/// What a case wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    Some,
    None,
    Exactly(u64),
}

/// One case.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) format: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) events: Vec<Record>,
    pub(super) expect: Expect,
}

/// One event as it is written in the case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    Text(String),
    Json(Map<String, Value>),
}

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// The cases of a test file.
pub(super) fn cases(text: &str) -> Result<Vec<Case>> {
    let document = Document { line: 1, text };
    let node = yaml::parse(&document, LoaderOptions::default().toplevel_sequence())
        .map_err(|found| Box::new(codes::TEST_SHAPE.at(found.span, found.message.clone())))?;
    let list = node.as_sequence().ok_or_else(|| wrong(&node, "the file is no list of cases"))?;
    if list.is_empty() {
        return Err(wrong(&node, "the file has no cases"));
    }
    list.iter().map(case).collect()
}

fn case(node: &Node) -> Result<Case> {
    let map = node.as_mapping().ok_or_else(|| wrong(node, "a case is a mapping"))?;
    let known = ["name", "format", "rule", "events", "match"];
    if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
        let message = format!("`{}` is no key of a case", key.as_str());
        return Err(Box::new(codes::TEST_SHAPE.at(yaml::scalar_span(key), message)));
    }
    let name = need(node, map, "name")?;
    let name = name.as_scalar().ok_or_else(|| wrong(name, "`name` is a text"))?;
    let text = |key: &str| map.get_scalar(key).map(|scalar| scalar.as_str().to_owned());
    let events = need(node, map, "events")?;
    let list = events.as_sequence().ok_or_else(|| wrong(events, "`events` is a list"))?;
    let mut records = Vec::new();
    for event in list.iter() {
        record(event, &mut records)?;
    }
    if records.is_empty() {
        return Err(wrong(events, "a case without events proves nothing"));
    }
    Ok(Case {
        name: name.as_str().to_owned(),
        span: yaml::scalar_span(name),
        format: text("format"),
        rule: text("rule"),
        events: records,
        expect: expect(need(node, map, "match")?)?,
    })
}

fn need<'a>(node: &Node, map: &'a MarkedMappingNode, key: &str) -> Result<&'a Node> {
    map.get_node(key).ok_or_else(|| wrong(node, format!("`{key}` is missing")))
}

fn expect(node: &Node) -> Result<Expect> {
    let scalar = node.as_scalar();
    if let Some(wanted) = scalar.and_then(MarkedScalarNode::as_bool) {
        return Ok(if wanted { Expect::Some } else { Expect::None });
    }
    scalar
        .and_then(MarkedScalarNode::as_u64)
        .map(Expect::Exactly)
        .ok_or_else(|| wrong(node, "`match` is true, false or a number"))
}

fn record(node: &Node, records: &mut Vec<Record>) -> Result<()> {
    let (one, times) = match node {
        Node::Scalar(text) => (Record::Text(text.as_str().to_owned()), 1),
        Node::Mapping(map) => match (map.get_node("event"), map.get_scalar("repeat")) {
            (Some(event), Some(times)) if map.len() == 2 => {
                let times = times.as_u64().filter(|times| *times <= REPEAT_MAX);
                let times = times.ok_or_else(|| wrong(node, "`repeat` is a number up to 10000"))?;
                let mut inner = Vec::new();
                record(event, &mut inner)?;
                let one = inner.pop().ok_or_else(|| wrong(event, "`event` is one record"))?;
                (one, times)
            }
            _ => (Record::Json(object(map)), 1),
        },
        Node::Sequence(_) => return Err(wrong(node, "an event is a text or a mapping")),
    };
    for _ in 0..times {
        records.push(one.clone());
    }
    Ok(())
}

fn object(map: &MarkedMappingNode) -> Map<String, Value> {
    map.iter().map(|(key, node)| (key.as_str().to_owned(), json(node))).collect()
}

/// YAML's core schema: what is not quoted may be null, a boolean or a number.
fn json(node: &Node) -> Value {
    match node {
        Node::Mapping(map) => Value::Object(object(map)),
        Node::Sequence(list) => list.iter().map(json).collect(),
        Node::Scalar(scalar) => {
            if scalar.may_coerce() && matches!(scalar.as_str(), "" | "~" | "null") {
                return Value::Null;
            }
            let truth = scalar.as_bool().map(Value::from);
            let whole = || scalar.as_i64().map(Value::from);
            let number = || {
                let digits = scalar.starts_with(|c: char| c.is_ascii_digit() || c == '-');
                scalar.as_f64().filter(|n| digits && n.is_finite()).map(Value::from)
            };
            let text = || Value::String(scalar.as_str().to_owned());
            truth.or_else(whole).or_else(number).unwrap_or_else(text)
        }
    }
}

fn wrong(node: &Node, message: impl Into<String>) -> Box<Diagnostic> {
    Box::new(codes::TEST_SHAPE.at(yaml::span(node), message))
}
