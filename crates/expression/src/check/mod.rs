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
    error::{Edit, FindingKind, TypeFinding},
    presence::{self, Presence},
    suggest,
    syntax::tree::{Kind, Loop, LoopKind, Node, Range, Unary},
    types::{self, ObjectType, Type},
};

pub(crate) fn check(text: &str, tree: &Node, env: &TypeEnv) -> (Type, Vec<TypeFinding>) {
    let present = env.present().clone();
    let mut checker = Checker { text, env, locals: Vec::new(), present, findings: Vec::new() };
    let found = checker.infer(tree);
    let mut findings = checker.findings;
    findings.sort_by_key(|finding| finding.offset);
    (found, findings)
}

struct Checker<'a> {
    text: &'a str,
    env: &'a TypeEnv,
    locals: Vec<(&'a str, Type)>,
    /// What is surely there at this place.
    present: Presence,
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
        self.find_with(kind, at, message, help, None);
    }

    fn find_with(
        &mut self,
        kind: FindingKind,
        at: Range,
        message: impl Into<String>,
        help: impl Into<String>,
        edit: Option<Edit>,
    ) {
        self.findings.push(TypeFinding {
            kind,
            message: message.into(),
            offset: at.start,
            length: at.length(),
            help: help.into(),
            edit,
        });
    }

    /// Whether something was found within a place: then its type is not known for that reason.
    fn said(&self, at: Range) -> bool {
        self.findings.iter().any(|found| (at.start..at.end).contains(&found.offset))
    }

    /// Checks something where more is known to be there.
    fn given<T>(&mut self, met: &Presence, check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.present.clone();
        self.present.extend(met);
        let checked = check(self);
        self.present = before;
        checked
    }

    /// A value that may be of any type, in a strict environment, where `wanted` is needed.
    fn unconverted(&mut self, node: &Node, found: &Type, wanted: Option<&Type>, by: &str) {
        let any = match found {
            Type::Any => true,
            Type::List(of) => **of == Type::Any,
            _ => false,
        };
        if !self.env.is_strict() || !any || self.said(node.range) {
            return;
        }
        let written = self.written(node.range);
        let instead = match (found, wanted) {
            (Type::List(_), _) => format!("{written}.map(x, string(x))"),
            (_, Some(Type::List(_) | Type::Object(_))) => format!("list({written})"),
            (_, Some(Type::Int)) => format!("int({written})"),
            (_, Some(Type::Number)) => format!("double({written})"),
            (_, Some(Type::Bool)) => format!("({written} == true)"),
            _ => format!("string({written})"),
        };
        let message = format!("`{written}` may be of any type, and {by} does not take all");
        let help = format!("write `{instead}`");
        let edit = Edit::new(node.range.start, node.range.length(), instead);
        self.find_with(FindingKind::Untyped, node.range, message, help, Some(edit));
    }

    /// A text in quotes, with another text in them.
    fn other_text(&self, range: Range, text: &str, other: &str) -> Option<Edit> {
        let written = self.written(range);
        let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        (written == format!("{quote}{text}{quote}"))
            .then(|| Edit::new(range.start, range.length(), format!("{quote}{other}{quote}")))
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
                let found = self.property(of, &of_type, field, *at);
                self.absent(node, of, &of_type, field);
                found
            }
            Kind::Has { of, field } => {
                self.asked(of, field, node.range);
                Type::Bool
            }
            Kind::Index { of, by } => self.index(node, of, by),
            Kind::List(elements) => {
                let types = elements.iter().map(|element| self.infer(element));
                Type::list(types.reduce(Type::joined).unwrap_or(Type::Any))
            }
            Kind::Map(entries) => self.map(entries),
            Kind::Unary(sign, operand) => self.unary(*sign, operand, node.range),
            Kind::Binary(sign, left, right) => self.binary(*sign, left, right, node.range),
            Kind::Conditional(condition, then, otherwise) => {
                self.condition(condition, "`?`");
                let met = presence::of(self.text, condition, true);
                let then = self.given(&met, |checker| checker.infer(then));
                let unmet = presence::of(self.text, condition, false);
                let otherwise = self.given(&unmet, |checker| checker.infer(otherwise));
                then.joined(otherwise)
            }
            Kind::Call { name, at, target, arguments } => {
                self.call((name, *at, node.range), target.as_deref(), arguments)
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
        let known = || self.locals.iter().map(|(local, _)| *local).chain(env.names());
        let help = suggest::help(name, known());
        let near = suggest::nearest(name, known());
        let edit = near.map(|near| Edit::new(range.start, range.length(), near));
        let message = format!("`{name}` is not known here");
        self.find_with(FindingKind::UnknownName, range, message, help, edit);
        Type::Any
    }

    /// What `has` asks for: what it would belong to need not be there.
    fn asked(&mut self, of: &'a Node, field: &str, range: Range) {
        let mut path = presence::path(self.text, of).unwrap_or_default();
        path.push(field.to_owned());
        let mut asked = Presence::default();
        asked.add(&path);
        let of_type = self.given(&asked, |checker| checker.infer(of));
        self.property(of, &of_type, field, range);
    }

    /// A property that no schema declares, and that nobody asked for.
    fn absent(&mut self, node: &Node, of: &Node, of_type: &Type, field: &str) {
        let declared = match of_type {
            Type::Object(object) => object.properties.contains_key(field) || object.rest.is_none(),
            Type::Any => false,
            _ => true,
        };
        let open = matches!(&of.kind, Kind::Name(name) if self.env.is_open(name));
        if !self.env.is_strict() || declared || open || self.said(node.range) {
            return;
        }
        let path = presence::path(self.text, node);
        if path.is_some_and(|path| self.present.has(&path)) {
            return;
        }
        let written = self.written(node.range);
        let asked = match &node.kind {
            Kind::Index { of, by } => {
                format!("{} in {}", self.written(by.range), self.written(of.range))
            }
            _ => format!("has({written})"),
        };
        let message = format!("`{written}` may not be there");
        let instead = format!("({asked} ? {written} : '')");
        let help = format!("ask first: `{instead}`, or in an `if` around it");
        let edit = Edit::new(node.range.start, node.range.length(), instead);
        self.find_with(FindingKind::Absent, node.range, message, help, Some(edit));
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
            other => {
                let message =
                    format!("`{owner}` is {}, and has no property `{field}`", article(other));
                let help = format!("use `{owner}` itself");
                let length = at.end.saturating_sub(of.range.end);
                let edit = (of.range.end <= at.start).then(|| Edit::new(of.range.end, length, ""));
                self.find_with(FindingKind::WrongType, at, message, help, edit);
                Type::Any
            }
        }
    }

    fn property_of(&mut self, object: &ObjectType, owner: &str, field: &str, at: Range) -> Type {
        if let Some(found) = object.properties.get(field).or(object.rest.as_ref()) {
            return found.clone();
        }
        let names = || object.properties.keys().map(String::as_str);
        let help = suggest::help(field, names());
        let message = format!("`{owner}` has no property `{field}`");
        let edit = suggest::nearest(field, names()).and_then(|near| self.renamed(at, field, near));
        self.find_with(FindingKind::UnknownProperty, at, message, help, edit);
        Type::Any
    }

    /// The last `field` within a place becomes `name`.
    fn renamed(&self, at: Range, field: &str, name: &str) -> Option<Edit> {
        let within = self.written(at).rfind(field)?;
        Some(Edit::new(at.start.saturating_add(within), field.len(), name))
    }

    fn index(&mut self, node: &'a Node, of: &'a Node, by: &'a Node) -> Type {
        let of_type = self.infer(of);
        let by_type = self.infer(by);
        match (&of_type, &by.kind) {
            // A number is the place of an element, and beyond the end of a list there is none to ask for.
            (Type::Any, _) if by_type.is_number() => {
                self.unconverted(of, &of_type, Some(&Type::list(Type::Any)), "`[ ]`");
                Type::Any
            }
            (Type::Any, _) => {
                self.absent(node, of, &of_type, "");
                Type::Any
            }
            (Type::Object(_), Kind::Literal(Value::String(field))) => {
                let found = self.property(of, &of_type, field, by.range);
                self.absent(node, of, &of_type, field);
                found
            }
            (Type::Object(_), _) if Type::String.accepts(&by_type) => {
                self.unconverted(by, &by_type, Some(&Type::String), "`[ ]`");
                self.computed(node, of);
                Type::Any
            }
            (Type::List(element), _) if Type::Int.accepts(&by_type) => {
                self.unconverted(by, &by_type, Some(&Type::Int), "`[ ]`");
                (**element).clone()
            }
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

    /// A property whose name is only known at evaluation.
    fn computed(&mut self, node: &Node, of: &Node) {
        let anything = Type::dynamic();
        self.absent(node, of, &anything, "");
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
                    self.unconverted(key, &key_type, Some(&Type::String), "a key");
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
                found @ (Type::Int | Type::Number | Type::Any) => {
                    self.unconverted(operand, &found, Some(&Type::Number), "`-`");
                    found
                }
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
            let (help, instead) = match &found {
                t if t.is_string() => ("compare it", format!("{written} != ''")),
                t if t.is_number() => ("compare it", format!("{written} != 0")),
                Type::List(_) => ("ask for its size", format!("size({written}) > 0")),
                _ => ("write a comparison", String::new()),
            };
            let message = format!("{wanted_by} takes bool, not {found}");
            if instead.is_empty() {
                self.wrong(node.range, message, help);
                return;
            }
            let help = format!("{help}: `{instead}`");
            let edit = Edit::new(node.range.start, node.range.length(), format!("({instead})"));
            self.find_with(FindingKind::WrongType, node.range, message, help, Some(edit));
        } else {
            self.unconverted(node, &found, Some(&Type::Bool), wanted_by);
        }
    }

    fn comprehension(&mut self, inner: &'a Loop) -> Type {
        let over = self.infer(&inner.over);
        let element = match &over {
            Type::List(element) => (**element).clone(),
            Type::Object(_) => Type::String,
            Type::Any => {
                self.unconverted(&inner.over, &over, Some(&Type::list(Type::Any)), "a loop");
                Type::Any
            }
            other => {
                let message = format!(
                    "`{}` is {}, and has no elements",
                    self.written(inner.over.range),
                    article(other)
                );
                self.wrong(inner.over.range, message, "loops walk lists, and the names of objects")
            }
        };
        let before = self.present.clone();
        self.present.forget(&[&inner.name]);
        if let (Type::Object(_), Some(mut path)) = (&over, presence::path(self.text, &inner.over)) {
            // The names of an object are in it.
            path.push(format!("[{}]", inner.name));
            self.present.add(&path);
        }
        self.locals.push((&inner.name, element.clone()));
        if let Some(condition) = &inner.condition {
            self.condition(condition, "`map`'s condition");
            let met = presence::of(self.text, condition, true);
            self.present.extend(&met);
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
        self.present = before;
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
