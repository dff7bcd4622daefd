//! Names, arity and argument types of functions.

use serde_json::Value;

use super::Checker;
use crate::{
    error::{Edit, FindingKind},
    eval::{
        functions::{FUNCTIONS, Function, Signature},
        pattern::pattern_fault,
    },
    suggest,
    syntax::tree::{Kind, LoopKind, Node, Range},
    types::Type,
};

impl<'a> Checker<'a> {
    pub(super) fn call(
        &mut self,
        (name, at, range): (&'a str, Range, Range),
        target: Option<&'a Node>,
        arguments: &'a [Node],
    ) -> Type {
        let operands: Vec<&'a Node> = target.into_iter().chain(arguments).collect();
        let types: Vec<Type> = operands.iter().map(|node| self.infer(node)).collect();
        let Some(signature) = Signature::of(name) else {
            self.unknown_function(name, at);
            return Type::Any;
        };
        if !signature.takes(target.is_some(), arguments.len()) {
            let message = format!("`{name}` is not called this way");
            self.find(
                FindingKind::WrongArity,
                at,
                message,
                format!("write `{}`", signature.example),
            );
            return signature.function.result();
        }
        self.arguments(signature, range, &operands, &types);
        match (signature.function, types.as_slice()) {
            (Function::List, [list @ Type::List(_)]) => list.clone(),
            (Function::List, [Type::Any]) => Type::list(Type::Any),
            (Function::List, [single]) => Type::list(single.clone()),
            (function, _) => function.result(),
        }
    }

    fn unknown_function(&mut self, name: &str, at: Range) {
        let message = format!("there is no function `{name}`");
        let (help, instead) = match name {
            _ if LoopKind::of(name).is_some() || name == "has" => {
                (format!("`{name}` is called on a list: `list.{name}(x, …)`"), None)
            }
            "len" | "length" | "count" => ("write `size(list)`".to_owned(), Some("size")),
            "toLowerCase" | "lower" | "toLower" => {
                ("write `text.lowerAscii()`".to_owned(), Some("lowerAscii"))
            }
            _ => {
                let names = || FUNCTIONS.iter().map(|signature| signature.name);
                (suggest::help(name, names()), suggest::nearest(name, names()))
            }
        };
        let edit = instead.map(|instead| Edit::new(at.start, at.length(), instead));
        self.find_with(FindingKind::UnknownFunction, at, message, help, edit);
    }

    fn arguments(
        &mut self,
        signature: &Signature,
        range: Range,
        operands: &[&'a Node],
        types: &[Type],
    ) {
        for (index, (node, found)) in operands.iter().zip(types).enumerate() {
            let wanted = signature.function.wants(index);
            if wanted.iter().any(|wanted| self.env.fits(wanted, found)) {
                continue;
            }
            if wanted.iter().any(|wanted| wanted.accepts(found)) {
                self.unconverted(node, found, wanted.last(), &format!("`{}`", signature.name));
                continue;
            }
            let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            let name = signature.name;
            let message = format!("`{name}` takes {} here, not {found}", names.join(" or "));
            let (help, edit) = match (signature.function, found, operands) {
                (Function::Contains, Type::List(_), [list, value]) => {
                    let (list, value) = (self.written(list.range), self.written(value.range));
                    let text = format!("({value} in {list})");
                    let edit = Edit::new(range.start, range.length(), text);
                    ("for lists write `value in list`".to_owned(), Some(edit))
                }
                (_, found, _) if found.is_number() && wanted.contains(&Type::String) => {
                    let text = format!("string({})", self.written(node.range));
                    let edit = Edit::new(node.range.start, node.range.length(), text);
                    (format!("write `{}`", signature.example), Some(edit))
                }
                _ => (format!("write `{}`", signature.example), None),
            };
            self.find_with(FindingKind::WrongType, node.range, message, help, edit);
        }
        if signature.function == Function::Matches
            && let Some(Node { kind: Kind::Literal(Value::String(pattern)), range }) =
                operands.last()
            && let Some(fault) = pattern_fault(pattern)
        {
            let help = "patterns are RE2: no look-around, no back references; write a backslash as \\\\ or use r'…'";
            self.find(FindingKind::WrongValue, *range, fault, help);
        }
    }
}
