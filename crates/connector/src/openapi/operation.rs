//! One operation as one action.

use serde_json::{Map, Value, json};

use super::{document::Document, names::Names, parameters, responses};
use crate::yaml::{Entry, Node};

/// Methods that a manifest can use, as paths of a document name them.
pub(super) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 80;

/// An operation of the document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation<'a> {
    /// Upper case.
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// What stands at the path.
    pub(super) item: &'a Value,
    pub(super) operation: &'a Value,
}

impl<'a> Operation<'a> {
    fn text(&self, key: &str) -> &'a str {
        self.operation.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its id in the document; empty if it has none.
    pub(super) fn id(&self) -> &'a str {
        self.text("operationId")
    }

    /// `GET /hosts/{id}`.
    pub(super) fn place(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The action, named by `names`.
    ///
    /// # Errors
    /// A read whose answer nobody here could read.
    pub(super) fn action(&self, document: &Document, names: &mut Names) -> Result<Entry, String> {
        let taken = parameters::taken(document, self.path, self.method, self.item, self.operation);
        let given = responses::given(document, self.operation);
        let is_read = self.method == "GET";
        if let (true, Some(kind)) = (is_read, &given.unreadable) {
            return Err(format!("the answer is {kind}, which manifests do not read"));
        }
        let name = names.give(self.id(), &self.place());
        let mut entries = vec![Entry::new("title", self.title())];
        if !is_read {
            entries.push(Entry::new("draft", true).with_comments(open_questions(self.method)));
        }
        entries.push(Entry::new("effect", if is_read { "read" } else { "irreversible" }));
        if is_read {
            entries.push(Entry::new("discloses", true));
        }
        // Two of the same are one, says RFC 9110 §9.2.2 of these; a target may say otherwise.
        let is_natural = matches!(self.method, "GET" | "PUT" | "DELETE");
        entries.push(Entry::new("idempotency", if is_natural { "natural" } else { "none" }));
        entries.push(Entry::new("input", input(&taken)));
        entries.push(Entry::new("output", output(given.body.as_ref())));
        entries.push(Entry::new("call", call(self.method, &taken, &given.accept)));
        if given.body.is_some() {
            entries.push(Entry::new("returns", json!({ "body": "response.body" })));
        }
        let place = format!("{}.", crate::outside::quote(&self.place()));
        let mut comments = vec![place];
        let notes = taken.notes.iter().chain(&given.notes);
        for note in notes.map(|note| format!("Note: {note}.")) {
            if !comments.contains(&note) {
                comments.push(note);
            }
        }
        Ok(Entry::new(name, Node::Map(entries)).with_comments(comments))
    }

    fn title(&self) -> String {
        let said = [self.text("summary"), self.text("description"), self.id()];
        let line = said.into_iter().map(crate::outside::quote).find(|line| !line.is_empty());
        let line = line.unwrap_or_else(|| crate::outside::quote(&self.place()));
        let short: String = line.trim_end_matches('.').chars().take(TITLE_CHARS_MAX).collect();
        short.trim().to_owned()
    }
}

/// What a document cannot say of an act.
fn open_questions(method: &str) -> Vec<String> {
    let twice = match method {
        "PUT" | "DELETE" => {
            "natural, as HTTP has it; find out whether this target does it again when it comes twice"
        }
        _ => {
            "`key` if the target recognises Idempotency-Key, `natural` if twice is once, else `none`"
        }
    };
    vec![
        "To decide before it can be used:".to_owned(),
        "- effect: `read` if it only asks; `reversible` if an undo can be written.".to_owned(),
        format!("- idempotency: {twice}."),
        "- target: which input says what is acted on; the guard decides by it.".to_owned(),
        "- probe: a question that shows whether the effect is there, before the act and after a crash.".to_owned(),
        "- verify: a question that shows that it was done; accepted is not done.".to_owned(),
        "- undo: how it is taken back, and how that is seen.".to_owned(),
    ]
}

fn input(taken: &parameters::Taken) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), json!(false));
    if !taken.required.is_empty() {
        schema.insert("required".to_owned(), json!(taken.required));
    }
    schema.insert("properties".to_owned(), Value::Object(taken.properties.clone()));
    Value::Object(schema)
}

fn output(body: Option<&Value>) -> Value {
    match body {
        Some(body) => {
            json!({ "type": "object", "required": ["body"], "properties": { "body": body } })
        }
        None => json!({ "type": "object" }),
    }
}

fn call(method: &str, taken: &parameters::Taken, accept: &[u16]) -> Value {
    let mut http = Map::new();
    http.insert("method".to_owned(), json!(method));
    http.insert("path".to_owned(), json!(taken.path));
    if !taken.query.is_empty() {
        http.insert("query".to_owned(), json!(taken.query));
    }
    if !taken.headers.is_empty() {
        http.insert("headers".to_owned(), json!(taken.headers));
    }
    if let Some(body) = &taken.body {
        http.insert("body".to_owned(), json!(body));
    }
    if !accept.is_empty() {
        http.insert("accept".to_owned(), json!(accept));
    }
    json!({ "http": http })
}
