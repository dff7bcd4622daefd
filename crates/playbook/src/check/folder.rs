//! Playbooks that call one another: what each takes and gives, and who calls whom.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stanch_expression::Type;
use stanch_model::manifest::Catalog;

use super::{context::Context, flow::Checker, ids, visit};
use crate::ast::{Playbook, StepKind};

/// How deep calls may go: a playbook that calls one that calls one is two deep.
pub const CALLS_MAX: usize = 5;

/// What a playbook takes and gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signature {
    /// JSON Schema of the object that `with` has to be.
    pub inputs: Value,
    /// What `steps.ID` of a call holds beside `ok`.
    pub outputs: BTreeMap<String, Type>,
    /// What it sees of what started the run: `alert`, `incident`, `finding`, `mail`, `webhook`; its own calls
    /// included.
    pub reads: BTreeSet<String>,
    /// The playbooks that it calls.
    pub calls: BTreeSet<String>,
}

/// Playbooks that may call one another, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folder {
    signatures: BTreeMap<String, Signature>,
}

impl Folder {
    /// Reads off what each playbook takes and gives. Of two with one name the first counts.
    #[must_use]
    pub fn new<'p>(playbooks: impl IntoIterator<Item = &'p Playbook>, catalog: &Catalog) -> Self {
        let mut all: BTreeMap<&str, &Playbook> = BTreeMap::new();
        for playbook in playbooks {
            all.entry(playbook.name.value.as_str()).or_insert(playbook);
        }
        let mut folder = Self::default();
        for name in all.keys() {
            folder.add(name, &all, catalog, &mut Vec::new());
        }
        folder
    }

    /// Adds a playbook after those that it calls. What is under way already is a cycle, and left out.
    fn add<'p>(
        &mut self,
        name: &'p str,
        all: &BTreeMap<&'p str, &'p Playbook>,
        catalog: &Catalog,
        under_way: &mut Vec<&'p str>,
    ) {
        let Some(playbook) = all.get(name) else { return };
        if self.signatures.contains_key(name) || under_way.contains(&name) {
            return;
        }
        under_way.push(name);
        for callee in calls(playbook) {
            self.add(callee, all, catalog, under_way);
        }
        under_way.pop();
        let signature = self.signature(playbook, catalog);
        self.signatures.insert(name.to_owned(), signature);
    }

    fn signature(&self, playbook: &Playbook, catalog: &Catalog) -> Signature {
        let context = Context::new(catalog).with_playbooks(self);
        let calls: BTreeSet<String> = calls(playbook).map(str::to_owned).collect();
        let mut reads = visit::causes(playbook);
        for callee in calls.iter().filter_map(|name| self.get(name)) {
            reads.extend(callee.reads.iter().cloned());
        }
        let outputs = Checker::new(playbook, &context).output_types();
        Signature { inputs: input_schema(playbook), outputs, reads, calls }
    }

    /// What the playbook of that name takes and gives.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Signature> {
        self.signatures.get(name)
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.signatures.keys().map(String::as_str)
    }

    /// The way from one playbook back to `target`, if its calls lead there.
    pub(super) fn way(&self, from: &str, target: &str) -> Option<Vec<String>> {
        let mut open = vec![vec![from.to_owned()]];
        let mut seen = BTreeSet::new();
        while let Some(way) = open.pop() {
            let last = way.last()?;
            if last == target {
                return Some(way);
            }
            if seen.insert(last.clone()) {
                let calls = self.get(last).into_iter().flat_map(|s| &s.calls);
                open.extend(
                    calls.map(|next| [way.as_slice(), std::slice::from_ref(next)].concat()),
                );
            }
        }
        None
    }

    /// How deep the calls of a playbook go, at least up to one more than allowed.
    pub(super) fn depth(&self, name: &str) -> usize {
        let mut depth = 0_usize;
        let mut level = BTreeSet::from([name]);
        while depth <= CALLS_MAX {
            level = level
                .iter()
                .filter_map(|name| self.get(name))
                .flat_map(|signature| signature.calls.iter().map(String::as_str))
                .collect();
            if level.is_empty() {
                break;
            }
            depth = depth.saturating_add(1);
        }
        depth
    }
}

/// The names after `call`.
fn calls(playbook: &Playbook) -> impl Iterator<Item = &str> {
    ids::all(&playbook.steps).into_iter().filter_map(|step| match &step.kind {
        StepKind::Call(call) => Some(call.playbook.value.as_str()),
        _ => None,
    })
}

/// JSON Schema of the object that a playbook takes.
#[must_use]
pub fn input_schema(playbook: &Playbook) -> Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for input in &playbook.inputs {
        let name = input.field.name.value.clone();
        let mut schema = input.field.schema.value.clone();
        match (&input.default, &mut schema) {
            (Some(default), Value::Object(schema)) => {
                schema.insert("default".to_owned(), default.value.clone());
            }
            _ => required.push(name.clone()),
        }
        properties.insert(name, schema);
    }
    json!({
        "type": "object", "additionalProperties": false,
        "properties": properties, "required": required,
    })
}
