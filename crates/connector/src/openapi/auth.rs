//! How the document's API wants to be shown a credential.

use serde_json::{Map, Value};

use super::document::Document;
use crate::{
    manifest::auth::is_header,
    yaml::{Entry, Node},
};

/// `auth` of the manifest, with what a person should read about it.
pub(super) fn auth(document: &Document) -> Entry {
    let schemes = document.root().pointer("/components/securitySchemes");
    let schemes = schemes.and_then(Value::as_object);
    let wanted = document.root().get("security").and_then(Value::as_array);
    let wanted = wanted.into_iter().flatten().filter_map(Value::as_object);
    let wanted: Vec<&String> = wanted.flat_map(Map::keys).collect();
    let none = Map::new();
    let schemes = schemes.unwrap_or(&none);
    let first = wanted
        .first()
        .map(|name| name.as_str())
        .or_else(|| schemes.keys().next().map(String::as_str));
    let Some(name) = first else {
        let comment = "The document says nothing of credentials.".to_owned();
        return Entry::new("auth", scheme("none", None, None)).with_comments([comment]);
    };
    let mut comments = Vec::new();
    let others: Vec<String> = schemes
        .keys()
        .filter(|other| *other != name)
        .map(|other| crate::outside::quote(other))
        .collect();
    if !others.is_empty() {
        let name = crate::outside::quote(name);
        comments.push(format!("`{name}` of the document; there are also: {}.", others.join(", ")));
    }
    let found = schemes.get(name).and_then(|scheme| document.resolved(scheme));
    let (node, comment) = of(found.unwrap_or(&Value::Null));
    comments.extend(comment);
    Entry::new("auth", node).with_comments(comments)
}

fn of(security: &Value) -> (Node, Option<String>) {
    let text = |key: &str| security.get(key).and_then(Value::as_str).unwrap_or_default();
    let kind = (text("type"), text("in"), text("scheme").to_ascii_lowercase());
    match (kind.0, kind.1, kind.2.as_str()) {
        ("http", _, "bearer") => (scheme("bearer", None, None), None),
        ("http", _, "basic") => {
            let comment = "The credential is USER:PASSWORD.".to_owned();
            (scheme("basic", None, None), Some(comment))
        }
        ("http", _, other) if other.chars().all(|c| c.is_ascii_graphic()) => {
            let other = crate::outside::quote(other);
            let comment =
                format!("The document wants `Authorization: {other} …`: see whether this is it.");
            (scheme("header", Some("Authorization"), Some(&format!("{other} "))), Some(comment))
        }
        ("apiKey", "header", _) if is_header(text("name")) => {
            (scheme("header", Some(text("name")), None), None)
        }
        ("apiKey", "query", _) if !text("name").is_empty() => {
            let comment =
                "The credential stands in the address, and so in the target's logs.".to_owned();
            (scheme("query", Some(text("name")), None), Some(comment))
        }
        ("oauth2" | "openIdConnect", ..) => {
            let comment =
                "The document wants OAuth: give the instance a token that was issued for it."
                    .to_owned();
            (scheme("bearer", None, None), Some(comment))
        }
        (other, place, _) => {
            let other = crate::outside::quote(&format!("{other} {place}"));
            let comment =
                format!("The document wants `{}`, which manifests do not do.", other.trim());
            (scheme("none", None, None), Some(comment))
        }
    }
}

fn scheme(word: &str, name: Option<&str>, prefix: Option<&str>) -> Node {
    let mut entries = vec![Entry::new("scheme", word)];
    entries.extend(name.map(|name| Entry::new("name", name)));
    entries.extend(prefix.map(|prefix| Entry::new("prefix", prefix)));
    Node::Map(entries)
}
