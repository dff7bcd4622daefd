//! One file: split, parsed, checked, compiled.

use marked_yaml::{Node, types::MarkedMappingNode};
use rsigma_eval::{
    CompiledRule, compile_rule, compiler::compile_detection, correlation::compile_correlation,
};
use rsigma_parser::{CorrelationRule, FilterRule, SigmaCollection, parse_sigma_yaml};
use stanch_model::{Diagnostic, Span};

use crate::{
    check::{self, Kind},
    codes,
    yaml::{self, Document, FILE_BYTES_MAX},
};

/// What is left of a file after reading.
pub(super) struct File {
    pub(super) path: String,
    pub(super) items: Vec<Item>,
    pub(super) findings: Vec<Diagnostic>,
}

impl File {
    /// Whether some finding stops the file.
    pub(super) fn is_refused(&self) -> bool {
        self.findings.iter().any(Diagnostic::is_error)
    }
}

/// One document that compiles.
pub(super) struct Item {
    pub(super) body: Body,
    /// What its alerts and references name it by; empty for a filter without one.
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) title: String,
    /// Where the id stands.
    pub(super) id_span: Span,
    /// The rules that a correlation or filter refers to, and where.
    pub(super) refs: Vec<(String, Span)>,
}

/// What a document is.
pub(super) enum Body {
    Rule(Box<CompiledRule>),
    Correlation(Box<CorrelationRule>),
    Filter(Box<FilterRule>),
}

pub(super) fn read(path: &str, text: &str) -> File {
    let mut file = File { path: path.to_owned(), items: Vec::new(), findings: Vec::new() };
    if text.len() > FILE_BYTES_MAX {
        let message =
            format!("the file has {} bytes; at most {FILE_BYTES_MAX} are read", text.len());
        file.findings.push(codes::TOO_LARGE.at(Span::on_line(1, 1, 1), message));
        return file;
    }
    let text = text.trim_start_matches('\u{feff}');
    let documents = yaml::documents(text);
    if documents.is_empty() {
        file.findings.push(codes::NOT_A_RULE.at(Span::on_line(1, 1, 1), "the file is empty"));
    }
    for document in documents {
        match yaml::mapping(&document) {
            Ok(map) => {
                let (kind, findings) = check::document(&map);
                let is_sound = !findings.iter().any(Diagnostic::is_error);
                file.findings.extend(findings);
                if let Some(kind) = kind.filter(|_| is_sound) {
                    match compile(kind, &document, &map) {
                        Ok((item, warnings)) => {
                            file.items.push(item);
                            file.findings.extend(warnings);
                        }
                        Err(finding) => file.findings.push(*finding),
                    }
                }
            }
            Err(finding) => file.findings.push(*finding),
        }
    }
    file
}

/// rsigma's own reading of a document that passed the check. It returns `Ok` with `errors` filled, whether it
/// left the document out (a refusal here) or only some of its metadata (a warning).
fn compile(
    kind: Kind,
    document: &Document<'_>,
    map: &MarkedMappingNode,
) -> Result<(Item, Vec<Diagnostic>), Box<Diagnostic>> {
    let start = yaml::map_span(map);
    let refused = |text: String| Box::new(codes::REFUSED.at(start, text.to_lowercase()));
    let mut parsed = parse_sigma_yaml(document.text).map_err(|err| refused(err.to_string()))?;
    let body = match kind {
        Kind::Rule => rule(&mut parsed, map)?,
        Kind::Correlation => correlation(&mut parsed, start)?,
        Kind::Filter => filter(&mut parsed, map)?,
    };
    let errors = parsed.errors;
    let body = body.ok_or_else(|| refused(errors.join("; ")))?;
    let warnings = errors.into_iter().map(|text| codes::METADATA.at(start, text.to_lowercase()));
    let text = |key: &str| map.get_scalar(key).map(|scalar| scalar.trim().to_owned());
    // A correlation goes by its name, or else its title, where it has no id; a filter needs none.
    let names: &[&str] = if kind == Kind::Correlation { &["id", "name", "title"] } else { &["id"] };
    let id = names.iter().find_map(|key| text(key)).unwrap_or_default();
    let refs = match kind {
        Kind::Rule => Vec::new(),
        Kind::Correlation => refs(map.get_mapping("correlation")),
        Kind::Filter => refs(map.get_mapping("filter")),
    };
    let item = Item {
        body,
        id,
        name: text("name"),
        title: text("title").unwrap_or_default(),
        id_span: map.get_scalar("id").map_or(start, yaml::scalar_span),
        refs,
    };
    Ok((item, warnings.collect()))
}

fn rule(
    parsed: &mut SigmaCollection,
    map: &MarkedMappingNode,
) -> Result<Option<Body>, Box<Diagnostic>> {
    let Some(mut rule) = parsed.rules.pop() else { return Ok(None) };
    // Attributes of one's own have no effect here, and would be carried along with every match.
    rule.custom_attributes.clear();
    rule.description = None;
    rule.falsepositives.clear();
    let section = map.get_mapping("detection").unwrap_or(map);
    let compiled = compile_rule(&rule)
        .map_err(|err| Box::new(check::place::compile_error(&err, &rule.detection, section)))?;
    Ok(Some(Body::Rule(Box::new(compiled))))
}

fn correlation(parsed: &mut SigmaCollection, start: Span) -> Result<Option<Body>, Box<Diagnostic>> {
    let Some(mut rule) = parsed.correlations.pop() else { return Ok(None) };
    rule.custom_attributes.clear();
    compile_correlation(&rule)
        .map_err(|err| Box::new(codes::THRESHOLD.at(start, err.to_string().to_lowercase())))?;
    Ok(Some(Body::Correlation(Box::new(rule))))
}

fn filter(
    parsed: &mut SigmaCollection,
    map: &MarkedMappingNode,
) -> Result<Option<Body>, Box<Diagnostic>> {
    let Some(filter) = parsed.filters.pop() else { return Ok(None) };
    let section = map.get_mapping("filter").unwrap_or(map);
    let mut detections = filter.detection.named.values();
    match detections.find_map(|detection| compile_detection(detection).err()) {
        Some(err) => Err(Box::new(check::place::compile_error(&err, &filter.detection, section))),
        None => Ok(Some(Body::Filter(Box::new(filter)))),
    }
}

fn refs(section: Option<&MarkedMappingNode>) -> Vec<(String, Span)> {
    let nodes: Vec<&Node> = match section.and_then(|section| section.get_node("rules")) {
        Some(Node::Sequence(list)) => list.iter().collect(),
        Some(node) => vec![node],
        None => Vec::new(),
    };
    let scalars = nodes.into_iter().filter_map(Node::as_scalar);
    scalars.map(|scalar| (scalar.as_str().to_owned(), yaml::scalar_span(scalar))).collect()
}
