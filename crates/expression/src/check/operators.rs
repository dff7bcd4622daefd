//! Types of operators.

use serde_json::Value;
use stanch_model::Severity;

use super::Checker;
use crate::{
    error::{Edit, FindingKind},
    presence, suggest,
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
                let met = presence::of(self.text, left, sign == Binary::And);
                self.given(&met, |checker| checker.condition(right, &wanted_by));
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

    /// Two operands whose types do not go together.
    fn mixed(
        &mut self,
        range: Range,
        message: String,
        (left, a): (&Node, &Type),
        (right, b): (&Node, &Type),
    ) -> Type {
        let help = severity_help(left).or_else(|| severity_help(right));
        let help = help.unwrap_or_else(|| convert_help(a, b));
        let edit = rewritten(left, b).or_else(|| rewritten(right, a));
        let edit = edit.or_else(|| self.as_text((left, a), b));
        let edit = edit.or_else(|| self.as_text((right, b), a));
        self.find_with(FindingKind::WrongType, range, message, help, edit);
        Type::Any
    }

    /// A number that goes with a text once it is one.
    fn as_text(&self, (node, of): (&Node, &Type), other: &Type) -> Option<Edit> {
        let text = format!("string({})", self.written(node.range));
        let edit = Edit::new(node.range.start, node.range.length(), text);
        (of.is_number() && other.is_string()).then_some(edit)
    }

    fn equality(&mut self, sign: Binary, left: &'a Node, right: &'a Node, range: Range) {
        let (a, b) = (self.infer(left), self.infer(right));
        if a == Type::Null || b == Type::Null {
            return;
        }
        if !a.accepts(&b) {
            let never = if sign == Binary::Equal { "never" } else { "always" };
            let message = format!("{a} and {b} are compared; `{}` {never} holds", sign.sign());
            self.mixed(range, message, (left, &a), (right, &b));
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
            let near = suggest::nearest(text, allowed.iter().map(String::as_str));
            let edit = near.and_then(|near| self.other_text(node.range, text, near));
            self.find_with(FindingKind::WrongValue, node.range, message, help, edit);
        }
    }

    fn order(&mut self, sign: Binary, left: &'a Node, right: &'a Node, range: Range) {
        let (a, b) = (self.infer(left), self.infer(right));
        let orderable = |t: &Type| t.is_number() || t.is_string() || *t == Type::Bool;
        let any = |t: &Type| *t == Type::Any;
        let fits = (any(&a) || orderable(&a)) && (any(&b) || orderable(&b)) && a.accepts(&b);
        if !fits {
            let message = format!("`{}` cannot compare {a} with {b}", sign.sign());
            self.mixed(range, message, (left, &a), (right, &b));
            return;
        }
        let by = format!("`{}`", sign.sign());
        self.unconverted(left, &a, Some(&b), &by);
        self.unconverted(right, &b, Some(&a), &by);
    }

    fn membership(&mut self, left: &'a Node, right: &'a Node, range: Range) {
        let (element, container) = (self.infer(left), self.infer(right));
        match &container {
            Type::Any => self.unconverted(right, &container, Some(&Type::list(Type::Any)), "`in`"),
            Type::List(of) if of.accepts(&element) => self.choice(of, left),
            Type::List(of) => {
                let message = format!("a {container} never holds {element}");
                let edit = rewritten(left, of).or_else(|| self.as_text((left, &element), of));
                let help = convert_help(&element, of);
                self.find_with(FindingKind::WrongType, range, message, help, edit);
            }
            Type::Object(_) if Type::String.accepts(&element) => {
                self.unconverted(left, &element, Some(&Type::String), "`in`");
            }
            Type::Object(_) => {
                let message = format!("names of properties are strings, not {element}");
                self.wrong(left.range, message, "put the name in quotes");
            }
            other if other.is_string() => {
                let (part, whole) = (self.written(left.range), self.written(right.range));
                let text = format!("{whole}.contains({part})");
                let help = format!("to search in a text write `{text}`");
                let edit = Some(Edit::new(range.start, range.length(), text));
                let message = "`in` takes a list, not string";
                self.find_with(FindingKind::WrongType, right.range, message, help, edit);
            }
            other => {
                let message = format!("`in` takes a list, not {other}");
                self.wrong(right.range, message, "compare with `==`");
            }
        }
    }

    fn addition(&mut self, left: &'a Node, right: &'a Node, range: Range) -> Type {
        let (a, b) = (self.infer(left), self.infer(right));
        match (&a, &b) {
            (Type::Any, other) | (other, Type::Any) => {
                self.unconverted(left, &a, Some(other), "`+`");
                self.unconverted(right, &b, Some(other), "`+`");
                match other {
                    Type::Choice(_) => Type::String,
                    Type::List(_) => Type::list(Type::Any),
                    Type::Int => Type::Number,
                    Type::Number | Type::String | Type::Any => other.clone(),
                    other => self.wrong(
                        range,
                        format!("`+` cannot add {other}"),
                        "add numbers, strings or lists",
                    ),
                }
            }
            (a, b) if a.is_string() && b.is_string() => Type::String,
            (a, b) if a.is_number() && b.is_number() => a.clone().joined(b.clone()),
            (Type::List(a), Type::List(b)) => Type::list((**a).clone().joined((**b).clone())),
            (a, b) => {
                let message = format!("`+` cannot add {a} and {b}");
                self.mixed(range, message, (left, a), (right, b))
            }
        }
    }

    fn arithmetic(&mut self, sign: Binary, left: &'a Node, right: &'a Node, range: Range) -> Type {
        let (a, b) = (self.infer(left), self.infer(right));
        let number = |t: &Type| *t == Type::Any || t.is_number();
        if !number(&a) || !number(&b) {
            let message = format!("`{}` takes numbers, not {a} and {b}", sign.sign());
            return self.mixed(range, message, (left, &a), (right, &b));
        }
        let by = format!("`{}`", sign.sign());
        self.unconverted(left, &a, Some(&Type::Number), &by);
        self.unconverted(right, &b, Some(&Type::Number), &by);
        if a == Type::Int && b == Type::Int { Type::Int } else { Type::Number }
    }
}

/// A literal written as one of the type of `other`.
fn rewritten(node: &Node, other: &Type) -> Option<Edit> {
    let text = match (&node.kind, other) {
        (Kind::Literal(Value::String(word)), other) if other.is_number() => {
            match word.parse::<Severity>() {
                Ok(severity) => format!("SEVERITY.{severity}"),
                Err(_) => word.parse::<i64>().ok()?.to_string(),
            }
        }
        (Kind::Literal(Value::String(word)), Type::Bool) => word.parse::<bool>().ok()?.to_string(),
        (Kind::Literal(Value::Number(number)), other) if other.is_string() => format!("'{number}'"),
        _ => return None,
    };
    Some(Edit::new(node.range.start, node.range.length(), text))
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
