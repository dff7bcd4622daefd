//! Names, arity and argument types of functions.

use serde_json::Value;

use super::Checker;
use crate::{
    error::FindingKind,
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
        name: &'a str,
        at: Range,
        target: Option<&'a Node>,
        arguments: &'a [Node],
    ) -> Type {
        let operands: Vec<&'a Node> = target.into_iter().chain(arguments).collect();
        let types: Vec<Type> = operands.iter().map(|node| self.infer(node)).collect();
        let Some(signature) = Signature::of(name) else {
            self.unknown(name, at);
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
        self.arguments(signature, &operands, &types);
        signature.function.result()
    }

    fn unknown(&mut self, name: &str, at: Range) {
        let message = format!("there is no function `{name}`");
        let help = match name {
            _ if LoopKind::of(name).is_some() || name == "has" => {
                format!("`{name}` is called on a list: `list.{name}(x, …)`")
            }
            "len" | "length" | "count" => "write `size(list)`".to_owned(),
            "toLowerCase" | "lower" | "toLower" => "write `text.lowerAscii()`".to_owned(),
            _ => suggest::help(name, FUNCTIONS.iter().map(|signature| signature.name)),
        };
        self.find(FindingKind::UnknownFunction, at, message, help);
    }

    fn arguments(&mut self, signature: &Signature, operands: &[&'a Node], types: &[Type]) {
        for (index, (node, found)) in operands.iter().zip(types).enumerate() {
            let wanted = signature.function.wants(index);
            if !wanted.iter().any(|wanted| wanted.accepts(found)) {
                let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
                let name = signature.name;
                let message = format!("`{name}` takes {} here, not {found}", names.join(" or "));
                let help = match (signature.function, found) {
                    (Function::Contains, Type::List(_)) => {
                        "for lists write `value in list`".to_owned()
                    }
                    _ => format!("write `{}`", signature.example),
                };
                self.wrong(node.range, message, help);
            }
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
