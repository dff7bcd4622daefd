//! Every name and type of an expression against what is known of the data.
//!
//! The checker says only what would go wrong with any data: where a schema is silent the type is
//! [`Type::Any`], and about that nothing is complained. One slip gives one finding: what was wrong
//! counts as any value from there on.

mod env;
mod functions;
mod operators;

use serde_json::Value;

pub use env::TypeEnv;

use crate::{
    error::{FindingKind, TypeFinding},
    suggest,
    syntax::tree::{Kind, Loop, LoopKind, Node, Range, Unary},
    types::{self, ObjectType, Type},
};

pub(crate) fn check(text: &str, tree: &Node, env: &TypeEnv) -> (Type, Vec<TypeFinding>) {
    let mut checker = Checker { text, env, locals: Vec::new(), findings: Vec::new() };
    let found = checker.infer(tree);
    let mut findings = checker.findings;
    findings.sort_by_key(|finding| finding.offset);
    (found, findings)
}

struct Checker<'a> {
    text: &'a str,
    env: &'a TypeEnv,
    locals: Vec<(&'a str, Type)>,
    findings: Vec<TypeFinding>,
}

impl<'a> Checker<'a> {
    fn find(
        &mut self,
        kind: FindingKind,
        at: Range,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(TypeFinding {
            kind,
            message: message.into(),
            offset: at.start,
            length: at.length(),
            help: help.into(),
        });
    }

    fn wrong(&mut self, at: Range, message: impl Into<String>, help: impl Into<String>) -> Type {
        self.find(FindingKind::WrongType, at, message, help);
        Type::Any
    }

    /// What was written at a place, for messages.
    fn written(&self, range: Range) -> &'a str {
        self.text.get(range.start..range.end).unwrap_or_default()
    }

    fn infer(&mut self, node: &'a Node) -> Type {
        match &node.kind {
            Kind::Literal(value) => types::of_value(value),
            Kind::Name(name) => self.name(node.range, name),
            Kind::Select { of, field, at } => {
                let of_type = self.infer(of);
                self.property(of, &of_type, field, *at)
            }
            Kind::Has { of, field } => {
                let of_type = self.infer(of);
                self.property(of, &of_type, field, node.range);
                Type::Bool
            }
            Kind::Index { of, by } => self.index(of, by),
            Kind::List(elements) => {
                let types = elements.iter().map(|element| self.infer(element));
                Type::list(types.reduce(Type::joined).unwrap_or(Type::Any))
            }
            Kind::Map(entries) => self.map(entries),
            Kind::Unary(sign, operand) => self.unary(*sign, operand, node.range),
            Kind::Binary(sign, left, right) => self.binary(*sign, left, right, node.range),
            Kind::Conditional(condition, then, otherwise) => {
                self.condition(condition, "`?`");
                let then = self.infer(then);
                then.joined(self.infer(otherwise))
            }
            Kind::Call { name, at, target, arguments } => {
                self.call(name, *at, target.as_deref(), arguments)
            }
            Kind::Loop(inner) => self.comprehension(inner),
        }
    }

    fn name(&mut self, range: Range, name: &str) -> Type {
        let local = self.locals.iter().rev().find(|(local, _)| *local == name);
        if let Some((_, found)) = local {
            return found.clone();
        }
        if let Some(found) = self.env.get(name) {
            return found.clone();
        }
        let env = self.env;
        let known = self.locals.iter().map(|(local, _)| *local).chain(env.names());
        let help = suggest::help(name, known);
        self.find(FindingKind::UnknownName, range, format!("`{name}` is not known here"), help);
        Type::Any
    }

    /// `of.field`; `at` is where the field is written.
    fn property(&mut self, of: &Node, of_type: &Type, field: &str, at: Range) -> Type {
        let owner = self.written(of.range);
        match of_type {
            Type::Any => Type::Any,
            Type::Object(object) => self.property_of(object, owner, field, at),
            Type::List(_) => self.wrong(
                at,
                format!("`{owner}` is a list, and has no property `{field}`"),
                format!(
                    "take one element: `{owner}[0].{field}`, or all: `{owner}.map(x, x.{field})`"
                ),
            ),
            other => self.wrong(
                at,
                format!("`{owner}` is {}, and has no property `{field}`", article(other)),
                format!("use `{owner}` itself"),
            ),
        }
    }

    fn property_of(&mut self, object: &ObjectType, owner: &str, field: &str, at: Range) -> Type {
        if let Some(found) = object.properties.get(field).or(object.rest.as_ref()) {
            return found.clone();
        }
        let help = suggest::help(field, object.properties.keys().map(String::as_str));
        let message = format!("`{owner}` has no property `{field}`");
        self.find(FindingKind::UnknownProperty, at, message, help);
        Type::Any
    }

    fn index(&mut self, of: &'a Node, by: &'a Node) -> Type {
        let of_type = self.infer(of);
        let by_type = self.infer(by);
        match (&of_type, &by.kind) {
            (Type::Any, _) => Type::Any,
            (Type::Object(_), Kind::Literal(Value::String(field))) => {
                self.property(of, &of_type, field, by.range)
            }
            (Type::Object(_), _) if Type::String.accepts(&by_type) => Type::Any,
            (Type::List(element), _) if Type::Int.accepts(&by_type) => (**element).clone(),
            (Type::Object(_), _) => {
                let message = format!("an object is indexed by string, not by {by_type}");
                self.wrong(by.range, message, "put the property's name in quotes")
            }
            (Type::List(_), _) => {
                let message = format!("a list is indexed by int, not by {by_type}");
                self.wrong(by.range, message, "write the element's number, from 0")
            }
            (other, _) => {
                let message = format!(
                    "`{}` is {}, and cannot be indexed",
                    self.written(of.range),
                    article(other)
                );
                self.wrong(of.range, message, "index a list by number, or an object by name")
            }
        }
    }

    fn map(&mut self, entries: &'a [(Node, Node)]) -> Type {
        let mut properties = std::collections::BTreeMap::new();
        let mut rest = None;
        for (key, value) in entries {
            let key_type = self.infer(key);
            let value_type = self.infer(value);
            match &key.kind {
                Kind::Literal(Value::String(name)) => {
                    properties.insert(name.clone(), value_type);
                }
                _ => {
                    rest = Some(Type::Any);
                    if !Type::String.accepts(&key_type) {
                        let message = format!("map keys are strings, not {key_type}");
                        self.wrong(key.range, message, "turn it into one: `string(…)`");
                    }
                }
            }
        }
        Type::Object(std::sync::Arc::new(ObjectType { properties, rest }))
    }

    fn unary(&mut self, sign: Unary, operand: &'a Node, range: Range) -> Type {
        match sign {
            Unary::Not => {
                self.condition(operand, "`!`");
                Type::Bool
            }
            Unary::Negate => match self.infer(operand) {
                found @ (Type::Int | Type::Number | Type::Any) => found,
                other => {
                    self.wrong(range, format!("`-` takes a number, not {other}"), "use a number")
                }
            },
        }
    }

    /// An operand that has to be true or false.
    fn condition(&mut self, node: &'a Node, wanted_by: &str) {
        let found = self.infer(node);
        if !Type::Bool.accepts(&found) {
            let written = self.written(node.range);
            let help = match &found {
                t if t.is_string() => format!("compare it: `{written} != ''`"),
                t if t.is_number() => format!("compare it: `{written} != 0`"),
                Type::List(_) => format!("ask for its size: `size({written}) > 0`"),
                _ => "write a comparison".to_owned(),
            };
            self.wrong(node.range, format!("{wanted_by} takes bool, not {found}"), help);
        }
    }

    fn comprehension(&mut self, inner: &'a Loop) -> Type {
        let over = self.infer(&inner.over);
        let element = match &over {
            Type::List(element) => (**element).clone(),
            Type::Object(_) => Type::String,
            Type::Any => Type::Any,
            other => {
                let message = format!(
                    "`{}` is {}, and has no elements",
                    self.written(inner.over.range),
                    article(other)
                );
                self.wrong(inner.over.range, message, "loops walk lists, and the names of objects")
            }
        };
        self.locals.push((&inner.name, element.clone()));
        if let Some(condition) = &inner.condition {
            self.condition(condition, "`map`'s condition");
        }
        let found = match inner.kind {
            LoopKind::Map => Type::list(self.infer(&inner.body)),
            LoopKind::Filter => {
                self.condition(&inner.body, "`filter`");
                Type::list(element)
            }
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => {
                self.condition(&inner.body, "the loop's condition");
                Type::Bool
            }
        };
        self.locals.pop();
        found
    }
}

/// `a string`, `an int`.
pub(crate) fn article(of: &Type) -> String {
    let name = of.to_string();
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'u']);
    match of {
        Type::Any | Type::Null => name,
        _ if vowel => format!("an {name}"),
        _ => format!("a {name}"),
    }
}
