//! The top level of a document: keys that must be there, words that must be known.

use marked_yaml::{Node, types::MarkedMappingNode};
use rsigma_parser::{
    Level, SPEC_VERSION_SUPPORTED, Status, is_unsupported, version::major_from_str,
};
use stanch_model::Diagnostic;

use super::Kind;
use crate::{codes, nearest::nearest, yaml};

/// Keys that Sigma 2.1 knows at the top level of any document.
const KNOWN: [&str; 24] = [
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "generate",
    "sigma-version",
    "custom_attributes",
];

/// Bytes that a title may have (Sigma Specification 2.1, §Title).
const TITLE_BYTES_MAX: usize = 256;

/// Bytes that an id or a name may have.
const ID_BYTES_MAX: usize = 256;

pub(super) fn check(kind: Kind, map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    required(kind, map, findings);
    text(map, "title", TITLE_BYTES_MAX, findings);
    text(map, "id", ID_BYTES_MAX, findings);
    text(map, "name", ID_BYTES_MAX, findings);
    word::<Level>(map, "level", "informational, low, medium, high or critical", findings);
    word::<Status>(
        map,
        "status",
        "stable, test, experimental, deprecated or unsupported",
        findings,
    );
    version(map, findings);
    log_source(kind, map, findings);
    tags(map, findings);
    for key in map.keys() {
        if key.starts_with("rsigma.") {
            let message = format!("`{}` is not obeyed", key.as_str());
            findings.push(codes::ENGINE_KEY.at(yaml::scalar_span(key), message));
        } else if !KNOWN.contains(&key.as_str())
            && let Some(meant) = nearest(key, KNOWN)
        {
            let message = format!("unknown key `{}`: did you mean `{meant}`?", key.as_str());
            findings.push(codes::MISSPELT.at(yaml::scalar_span(key), message));
        }
    }
}

fn required(kind: Kind, map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let keys: &[&str] = match kind {
        Kind::Rule => &["title", "id", "logsource", "detection"],
        Kind::Correlation => &["title"],
        Kind::Filter => &["title", "logsource"],
    };
    if kind == Kind::Correlation && map.get_node("id").is_none() {
        findings.push(codes::NO_ID.at(yaml::map_span(map), "the correlation has no id"));
    }
    for key in keys.iter().filter(|key| map.get_node(key).is_none()) {
        let help = match *key {
            "id" => "add `id:` with a random UUID (version 4)",
            "title" => "add `title:` with a few words that say what is detected",
            "logsource" => "add `logsource:` with `product`, `service` or `category`",
            _ => "add `detection:` with a selection and a `condition`",
        };
        findings.push(codes::MISSING.helped(
            yaml::map_span(map),
            format!("`{key}` is missing"),
            help,
        ));
    }
}

fn text(map: &MarkedMappingNode, key: &str, bytes_max: usize, findings: &mut Vec<Diagnostic>) {
    let Some(node) = map.get_node(key) else { return };
    let fits = node.as_scalar().is_some_and(|s| {
        !s.trim().is_empty()
            && s.len() <= bytes_max
            && (key == "title" || !s.contains(char::is_whitespace))
    });
    if !fits {
        let message = format!("`{key}` must be a text of at most {bytes_max} bytes");
        findings.push(codes::SHAPE.at(yaml::span(node), message));
    }
}

fn word<T: std::str::FromStr>(
    map: &MarkedMappingNode,
    key: &str,
    words: &str,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(node) = map.get_node(key) else { return };
    if node.as_scalar().is_none_or(|scalar| scalar.parse::<T>().is_err()) {
        let written = node.as_scalar().map_or("this", |scalar| scalar.as_str());
        let message = format!("`{written}` is no {key}");
        findings.push(codes::SHAPE.helped(yaml::span(node), message, format!("write {words}")));
    }
}

/// `sigma-version` changes what brackets in field names mean; a version that is not known is refused.
fn version(map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let Some(node) = map.get_node("sigma-version") else { return };
    let major = node.as_scalar().and_then(|scalar| major_from_str(scalar));
    if major.is_none() || is_unsupported(major) {
        let help = format!("write a version up to {SPEC_VERSION_SUPPORTED}, or leave the key out");
        let message = "this version of Sigma is not known";
        findings.push(codes::SHAPE.helped(yaml::span(node), message, help));
    }
}

fn log_source(kind: Kind, map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let Some(node) = map.get_node("logsource") else { return };
    let Some(source) = node.as_mapping() else {
        findings.push(codes::SHAPE.at(yaml::span(node), "`logsource` must be a mapping"));
        return;
    };
    let mut named = 0;
    for (key, value) in source.iter() {
        let span = yaml::scalar_span(key);
        match (key.as_str(), value.as_scalar()) {
            ("product" | "service" | "category", Some(word)) if !word.trim().is_empty() => {
                named += 1
            }
            ("product" | "service" | "category", _) => {
                let message = format!("`{}` must be one word", key.as_str());
                findings.push(codes::SHAPE.at(yaml::span(value), message));
            }
            ("definition", _) => {}
            (other, _) => {
                let message = format!("`{other}` is no part of a log source");
                findings.push(codes::UNKNOWN_KEY.at(span, message));
            }
        }
    }
    if named == 0 && kind == Kind::Rule {
        let message = "the log source names no product, service or category";
        findings.push(codes::LOGSOURCE.at(yaml::span(node), message));
    }
}

fn tags(map: &MarkedMappingNode, findings: &mut Vec<Diagnostic>) {
    let tags = match map.get_node("tags") {
        Some(Node::Sequence(tags)) => tags.iter().collect(),
        Some(node) => vec![node],
        None => Vec::new(),
    };
    for node in tags {
        let Some(tag) = node.as_scalar() else {
            findings.push(codes::SHAPE.at(yaml::span(node), "a tag must be a word"));
            continue;
        };
        let digits = tag
            .strip_prefix("attack.t")
            .is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
        if digits && technique(tag).is_none() {
            let message = format!("`{}` names no technique", tag.as_str());
            findings.push(codes::TECHNIQUE.at(yaml::scalar_span(tag), message));
        }
    }
}

/// The ATT&CK technique id that a tag names: `attack.t1059.001` is `T1059.001`.
pub(crate) fn technique(tag: &str) -> Option<String> {
    let id = tag.strip_prefix("attack.t")?;
    let (number, sub) = id.split_once('.').unwrap_or((id, "000"));
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    (digits(number, 4) && digits(sub, 3)).then(|| format!("T{id}"))
}
