//! Reading a policy file: all that is wrong with it in one go, each at its place.
//!
//! A file of its own begins with `policy: NAME`. In the configuration the same keys stand below `policy:`, and such a file
//! can be read here as well; its other keys are none of ours. The configuration's own reader gives the same policy, but
//! stops at the first fault, and rights that it reads have no lines to name.

pub mod codes;
mod meaning;
mod yaml;

use marked_yaml::{
    Node,
    types::{MarkedMappingNode, MarkedScalarNode},
};
use serde::Deserialize;
use stanch_model::{Diagnostic, Span};

use crate::{Policy, policy::Right, rights::Rights};

/// The keys of a policy file, in the order in which they are described.
pub const KEYS: [&str; 13] = [
    "policy",
    "title",
    "protected",
    "shared",
    "budgets",
    "fleet",
    "approval",
    "freeze",
    "breakers",
    "canaries",
    "rights",
    "promotion",
    "loosening",
];

/// Reads a policy. It is there only if no finding is an error; findings are in the order of the text.
#[must_use]
pub fn load(text: &str) -> (Option<Policy>, Vec<Diagnostic>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = match yaml::parse(text) {
        Ok(tree) => tree,
        Err(finding) => return (None, vec![*finding]),
    };
    let Some(top) = tree.as_mapping() else { return (None, vec![yaml::no_mapping()]) };
    let mut reader = Reader { text, findings: Vec::new(), places: Places::default() };
    let policy = reader.policy(section(top));
    if !reader.findings.iter().any(Diagnostic::is_error) {
        meaning::check(&policy, &reader.places, &mut reader.findings);
    }
    let mut findings = reader.findings;
    findings.sort_by_key(|finding| finding.span);
    let refused = findings.iter().any(Diagnostic::is_error);
    ((!refused).then_some(policy), findings)
}

/// Reads the policy of a configuration; none if it has no `policy` section. What else stands in the configuration is
/// for others to judge.
#[must_use]
pub fn in_configuration(text: &str) -> Option<(Option<Policy>, Vec<Diagnostic>)> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = yaml::parse(bare).ok()?;
    tree.as_mapping()?.get_mapping("policy").map(|_| load(text))
}

/// What of the file is the policy.
fn section(top: &MarkedMappingNode) -> &MarkedMappingNode {
    top.get_mapping("policy").unwrap_or(top)
}

/// Where the entries of lists stand.
#[derive(Debug, Default)]
struct Places {
    protected: Vec<Span>,
    budgets: Vec<Span>,
    freeze: Vec<Span>,
    breakers: Vec<Span>,
    canaries: Vec<Span>,
    rights: Vec<Span>,
}

struct Reader<'t> {
    text: &'t str,
    findings: Vec<Diagnostic>,
    places: Places,
}

impl Reader<'_> {
    fn policy(&mut self, map: &MarkedMappingNode) -> Policy {
        let mut policy = Policy::default();
        for (key, node) in map.iter() {
            match key.as_str() {
                "policy" => self.one(node, &mut policy.policy),
                "title" => self.one(node, &mut policy.title),
                "protected" => (policy.protected, self.places.protected) = self.many(node),
                "shared" => (policy.shared, _) = self.many(node),
                "budgets" => (policy.budgets, self.places.budgets) = self.many(node),
                "fleet" => self.one(node, &mut policy.fleet),
                "approval" => self.one(node, &mut policy.approval),
                "freeze" => (policy.freeze, self.places.freeze) = self.many(node),
                "breakers" => (policy.breakers, self.places.breakers) = self.many(node),
                "canaries" => (policy.canaries, self.places.canaries) = self.many(node),
                "rights" => policy.rights = self.rights(node),
                "promotion" => self.one(node, &mut policy.promotion),
                "loosening" => self.one(node, &mut policy.loosening),
                _ => self.unknown(key),
            }
        }
        policy
    }

    /// A value that is there once.
    fn one<'n, T: Deserialize<'n>>(&mut self, node: &'n Node, into: &mut T) {
        match marked_yaml::from_node(node) {
            Ok(value) => *into = value,
            Err(error) => self.refuse(&error, yaml::place(node)),
        }
    }

    /// The entries of a list that can be read, and where each stands.
    fn many<'n, T: Deserialize<'n>>(&mut self, node: &'n Node) -> (Vec<T>, Vec<Span>) {
        let nothing = node.as_scalar().is_some_and(|s| s.may_coerce() && s.as_str().is_empty());
        if nothing {
            return (Vec::new(), Vec::new());
        }
        let Some(list) = node.as_sequence() else {
            let help = "begin each entry on a line of its own, with `- `";
            let message = "here stands a list";
            self.findings.push(Diagnostic::error(codes::VALUE, yaml::place(node), message, help));
            return (Vec::new(), Vec::new());
        };
        let mut read = (Vec::new(), Vec::new());
        for node in list.iter() {
            let place = yaml::place(node);
            match marked_yaml::from_node(node) {
                Ok(entry) => {
                    read.0.push(entry);
                    read.1.push(place);
                }
                Err(error) => self.refuse(&error, place),
            }
        }
        read
    }

    fn rights(&mut self, node: &Node) -> Rights {
        let (mut list, places): (Vec<Right>, _) = self.many(node);
        for (right, place) in list.iter_mut().zip(&places) {
            right.line = Some(place.line);
        }
        let rights = Rights::new(list).unwrap_or_else(|(index, error)| {
            let place = places.get(index).copied().unwrap_or_default();
            let help = "write it as in `permit: { who: { group: responders }, what: edr.* }`";
            let finding = Diagnostic::error(codes::VALUE, place, error.to_string(), help);
            self.findings.push(finding);
            Rights::default()
        });
        self.places.rights = places;
        rights
    }

    fn unknown(&mut self, key: &MarkedScalarNode) {
        let name = key.as_str();
        let message = format!("a policy has no key `{}`", yaml::shown(name));
        let at = key.span().start().map(yaml::marker).unwrap_or_default();
        let span = yaml::word(self.text, at);
        let finding = Diagnostic::error(codes::UNKNOWN_KEY, span, message, yaml::keys(&KEYS));
        self.findings.push(finding);
    }

    fn refuse(&mut self, error: &marked_yaml::FromNodeError, entry: Span) {
        self.findings.push(yaml::refusal(self.text, error, entry));
    }
}
