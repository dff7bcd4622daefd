//! The manifest of a document: chosen operations, written, and held against the checker.

use serde_json::Value;
use stanch_model::Diagnostic;

use super::{
    Error, auth,
    document::Document,
    names::{self, Names},
    operation::{METHODS, Operation},
};
use crate::{
    manifest::{load_with_drafts, source::BYTES_MAX},
    yaml::{self, Entry, Node},
};

/// How many of the known operations an error names.
const NAMED_MAX: usize = 20;

/// What is wanted of a document.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The connector's name; made of the document's title if absent.
    pub name: Option<String>,
    /// Only these: an operation's id, or `GET /path`. All if empty.
    pub operations: Vec<String>,
}

/// What came of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// `connector.yaml`.
    pub text: String,
    /// How many actions it has.
    pub actions: usize,
    /// How many of them are drafts.
    pub drafts: usize,
    /// Operations that did not become actions, with the reason.
    pub left_out: Vec<String>,
}

/// Makes a manifest of an OpenAPI document, in JSON or YAML. What comes out passes the checker.
///
/// # Errors
/// A document that cannot be read, or is none; no such operation; more than a manifest holds.
pub fn manifest(text: &str, options: &Options) -> Result<Made, Error> {
    let document = Document::read(text)?;
    let chosen = chosen(&document, options)?;
    let head = head(&document, options);
    let mut names = Names::default();
    let (mut actions, mut left_out, mut drafts) = (Vec::new(), Vec::new(), 0);
    for operation in &chosen {
        let action = operation.action(&document, &mut names);
        let taken = action.and_then(|action| alone(&head, &action).map(|()| action));
        match taken {
            Ok(action) => {
                drafts += usize::from(operation.method != "GET");
                actions.push(action);
            }
            Err(why) => left_out.push(format!("{}: {why}", operation.place())),
        }
    }
    let actions_count = actions.len();
    if actions_count == 0 {
        return Err(Error::Nothing(left_out.join("; ")));
    }
    let text = whole(&head, actions);
    if text.len() > BYTES_MAX {
        return Err(Error::TooLong { operations: actions_count, bytes: BYTES_MAX });
    }
    refused(&text).map_err(Error::Refused)?;
    Ok(Made { text, actions: actions_count, drafts, left_out })
}

fn chosen<'a>(document: &'a Document, options: &Options) -> Result<Vec<Operation<'a>>, Error> {
    let all = all(document);
    let is = |operation: &Operation<'_>, wanted: &str| {
        operation.id() == wanted || operation.place().eq_ignore_ascii_case(wanted)
    };
    let missing = options.operations.iter().find(|wanted| !all.iter().any(|of| is(of, wanted)));
    if all.is_empty() || missing.is_some() {
        let known = all.iter().take(NAMED_MAX).map(|operation| match operation.id() {
            "" => operation.place(),
            id => id.to_owned(),
        });
        let known: Vec<String> = known.map(|name| crate::outside::quote(&name)).collect();
        return Err(Error::NoOperation {
            wanted: missing.map(|wanted| format!("`{wanted}`")).unwrap_or_default(),
            known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
        });
    }
    let wanted = |of: &Operation<'_>| options.operations.iter().any(|wanted| is(of, wanted));
    Ok(all.into_iter().filter(|of| options.operations.is_empty() || wanted(of)).collect())
}

fn all(document: &Document) -> Vec<Operation<'_>> {
    let paths = document.root().get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        let Some(item) = document.resolved(item) else { continue };
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let method = match method {
                    "get" => "GET",
                    "post" => "POST",
                    "put" => "PUT",
                    "patch" => "PATCH",
                    _ => "DELETE",
                };
                found.push(Operation { method, path, item, operation });
            }
        }
    }
    found
}

/// Everything but the actions.
fn head(document: &Document, options: &Options) -> Vec<Entry> {
    let title = crate::outside::quote(document.text("/info/title"));
    let title = if title.is_empty() { "API".to_owned() } else { title };
    let version = crate::outside::quote(document.text("/info/version"));
    let made = options.name.as_deref().and_then(names::name).or_else(|| names::name(&title));
    let mut comments = vec![
        format!("Made by `stanch connector from-openapi` of {title} {version}."),
        "Reads are said to disclose what they ask to a third party: plans and shadow runs do not make them.".to_owned(),
        "Remove `discloses` where the target is your own. What changes something is a draft.".to_owned(),
    ];
    let servers = document.root().get("servers").and_then(Value::as_array);
    for server in servers.into_iter().flatten().take(4) {
        let url = server.get("url").and_then(Value::as_str).unwrap_or_default();
        comments
            .push(format!("The document's server, for `base_url`: {}", crate::outside::quote(url)));
    }
    let about = crate::outside::quote(document.text("/info/description"));
    let about = if about.is_empty() { title.clone() } else { about };
    vec![
        Entry::new("connector", made.unwrap_or_else(|| "api".to_owned())).with_comments(comments),
        Entry::new("title", title),
        Entry::new("description", about),
        Entry::new("transport", "http"),
        auth::auth(document),
    ]
}

fn whole(head: &[Entry], actions: Vec<Entry>) -> String {
    let mut entries = head.to_vec();
    entries.push(Entry::new("actions", Node::Map(actions)));
    yaml::write(&Node::Map(entries))
}

/// Whether the checker takes the action.
fn alone(head: &[Entry], action: &Entry) -> Result<(), String> {
    refused(&whole(head, vec![action.clone()]))
}

fn refused(text: &str) -> Result<(), String> {
    let (_, findings) = load_with_drafts(text, &|_| None);
    match findings.iter().find(|finding| finding.is_error()) {
        None => Ok(()),
        Some(Diagnostic { code, message, .. }) => Err(format!("{code} {message}")),
    }
}
