//! Types of operators.

use serde_json::Value;
use stanch_model::Severity;

use super::Checker;
use crate::{
    error::FindingKind,
    suggest,
    syntax::tree::{Binary, Kind, Node, Range},
    types::Type,
};

impl<'a> Checker<'a> {
    pub(super) fn binary(
        &mut self,
        sign: Binary,
        left: &'a Node,
        right: &'a Node,
        range: Range,
    ) -> Type {
        match sign {
            Binary::Or | Binary::And => {
                let wanted_by = format!("`{}`", sign.sign());
                self.condition(left, &wanted_by);
                self.condition(right, &wanted_by);
                Type::Bool
            }
            Binary::Equal | Binary::NotEqual => {
                self.equality(sign, left, right, range);
                Type::Bool
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                self.order(sign, left, right, range);
                Type::Bool
            }
            Binary::In => {
                self.membership(left, right, range);
                Type::Bool
            }
            Binary::Add => self.addition(left, right, range),
            Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
                self.arithmetic(sign, left, right, range)
            }
        }
    }

    fn equality(&mut self, sign: Binary, left: &'a Node, right: &'a Node, range: Range) {
        let (a, b) = (self.infer(left), self.infer(right));
        if a == Type::Null || b == Type::Null {
            return;
        }
        if !a.accepts(&b) {
            let never = if sign == Binary::Equal { "never" } else { "always" };
            let message = format!("{a} and {b} are compared; `{}` {never} holds", sign.sign());
            let help = severity_help(left).or_else(|| severity_help(right));
            self.wrong(range, message, help.unwrap_or_else(|| convert_help(&a, &b)));
            return;
        }
        self.choice(&a, right);
        self.choice(&b, left);
    }

    /// A literal text beside a value that can only be one of some others.
    fn choice(&mut self, of: &Type, node: &Node) {
        let (Type::Choice(allowed), Kind::Literal(Value::String(text))) = (of, &node.kind) else {
            return;
        };
        if !allowed.contains(text) {
            let message = format!("the value is never `{text}`");
            let help = suggest::help(text, allowed.iter().map(String::as_str));
            self.find(FindingKind::WrongValue, node.range, message, help);
        }
    }

    fn order(&mut self, sign: Binary, left: &'a Node, right: &'a Node, range: Range) {
        let (a, b) = (self.infer(left), self.infer(right));
        let orderable = |t: &Type| t.is_number() || t.is_string() || *t == Type::Bool;
        let any = |t: &Type| *t == Type::Any;
        let fits = (any(&a) || orderable(&a)) && (any(&b) || orderable(&b)) && a.accepts(&b);
        if !fits {
            let message = format!("`{}` cannot compare {a} with {b}", sign.sign());
            let help = severity_help(left).or_else(|| severity_help(right));
            self.wrong(range, message, help.unwrap_or_else(|| convert_help(&a, &b)));
        }
    }

    fn membership(&mut self, left: &'a Node, right: &'a Node, range: Range) {
        let (element, container) = (self.infer(left), self.infer(right));
        match &container {
            Type::Any => {}
            Type::List(of) if of.accepts(&element) => self.choice(of, left),
            Type::List(of) => {
                let message = format!("a {container} never holds {element}");
                self.wrong(range, message, convert_help(&element, of));
            }
            Type::Object(_) if Type::String.accepts(&element) => {}
            Type::Object(_) => {
                let message = format!("names of properties are strings, not {element}");
                self.wrong(left.range, message, "put the name in quotes");
            }
            other if other.is_string() => {
                let (part, whole) = (self.written(left.range), self.written(right.range));
                let help = format!("to search in a text write `{whole}.contains({part})`");
                self.wrong(right.range, "`in` takes a list, not string", help);
            }
            other => {
                let message = format!("`in` takes a list, not {other}");
                self.wrong(right.range, message, "compare with `==`");
            }
        }
    }

    fn addition(&mut self, left: &'a Node, right: &'a Node, range: Range) -> Type {
        match (self.infer(left), self.infer(right)) {
            (Type::Any, other) | (other, Type::Any) => match other {
                Type::Choice(_) => Type::String,
                Type::List(_) => Type::list(Type::Any),
                Type::Int | Type::Number | Type::String | Type::Any => {
                    if other == Type::Int {
                        Type::Number
                    } else {
                        other
                    }
                }
                other => self.wrong(
                    range,
                    format!("`+` cannot add {other}"),
                    "add numbers, strings or lists",
                ),
            },
            (a, b) if a.is_string() && b.is_string() => Type::String,
            (a, b) if a.is_number() && b.is_number() => a.joined(b),
            (Type::List(a), Type::List(b)) => Type::list((*a).clone().joined((*b).clone())),
            (a, b) => {
                let message = format!("`+` cannot add {a} and {b}");
                self.wrong(range, message, convert_help(&a, &b))
            }
        }
    }

    fn arithmetic(&mut self, sign: Binary, left: &'a Node, right: &'a Node, range: Range) -> Type {
        let (a, b) = (self.infer(left), self.infer(right));
        let number = |t: &Type| *t == Type::Any || t.is_number();
        if !number(&a) || !number(&b) {
            let message = format!("`{}` takes numbers, not {a} and {b}", sign.sign());
            return self.wrong(range, message, convert_help(&a, &b));
        }
        if a == Type::Int && b == Type::Int { Type::Int } else { Type::Number }
    }
}

/// A severity written as a text where a number is.
fn severity_help(node: &Node) -> Option<String> {
    let Kind::Literal(Value::String(word)) = &node.kind else { return None };
    let severity: Severity = word.parse().ok()?;
    Some(format!("severities are numbers: write `SEVERITY.{severity}`"))
}

fn convert_help(a: &Type, b: &Type) -> String {
    if a.is_number() && b.is_string() || a.is_string() && b.is_number() {
        return "turn one side into the other's type: `string(…)` or `int(…)`".to_owned();
    }
    match (a, b) {
        (Type::List(_), _) | (_, Type::List(_)) => "ask for an element with `in`".to_owned(),
        (Type::Bool, _) | (_, Type::Bool) => "a bool stands alone: `x` or `!x`".to_owned(),
        _ => "use values of one type on both sides".to_owned(),
    }
}
