//! The `cel` crate's tree into ours: spans from the words, caps on nodes, depth and loops.

use cel::{
    IdedExpr,
    common::ast::{
        CallExpr, EntryExpr, Expr, LiteralValue, MapExpr, SelectExpr, SourceInfo, operators,
    },
};
use serde_json::Value;

use super::{
    scan::{TokenKind, Tokens},
    tree::{Binary, Kind, Loop, LoopKind, Node, Range, Unary},
};
use crate::{
    error::CompileError,
    limits::{COMPREHENSIONS_MAX, DEPTH_MAX, NODES_MAX},
};

pub(crate) fn lower(
    text: &str,
    tokens: &Tokens,
    tree: &IdedExpr,
    places: &SourceInfo,
) -> Result<Node, CompileError> {
    let mut lowering = Lowering { text, tokens, places, nodes: 0, depth: 0, loops: 0 };
    lowering.node(tree)
}

struct Lowering<'a> {
    text: &'a str,
    tokens: &'a Tokens,
    places: &'a SourceInfo,
    nodes: usize,
    depth: usize,
    loops: usize,
}

type Lowered = Result<Node, CompileError>;

impl Lowering<'_> {
    fn node(&mut self, tree: &IdedExpr) -> Lowered {
        self.nodes = self.nodes.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        if self.nodes > NODES_MAX || self.depth > DEPTH_MAX {
            return Err(CompileError::new(
                0,
                self.text.len(),
                format!(
                    "expression is more than {DEPTH_MAX} levels deep or {NODES_MAX} parts long"
                ),
                "compute parts of it in `set` steps, or use `in` with a list",
            ));
        }
        let index = self.index(tree.id);
        let node = match &tree.expr {
            Expr::Literal(literal) => self.literal(index, literal),
            Expr::Ident(name) => self.name(index, name),
            Expr::Select(select) => self.select(index, select),
            Expr::Call(call) => self.call(index, call),
            Expr::List(list) => {
                let elements =
                    list.elements.iter().map(|e| self.node(e)).collect::<Result<_, _>>()?;
                Ok(Node { range: self.bracketed(index), kind: Kind::List(elements) })
            }
            Expr::Map(map) => self.map(index, map),
            Expr::Struct(_) => Err(self.refuse(
                self.bracketed(index),
                "typed messages are not supported",
                "write a map: {'name': value}",
            )),
            Expr::Comprehension(_) | Expr::Unspecified => Err(self.refuse(
                self.range(index),
                "part cannot be read",
                "write it in a simpler way",
            )),
        };
        self.depth = self.depth.saturating_sub(1);
        node
    }

    fn refuse(&self, range: Range, message: &str, help: &str) -> CompileError {
        CompileError::new(range.start, range.length(), message, help)
    }

    /// The word that the parser remembers for a node.
    fn index(&self, id: u64) -> usize {
        let start = self.places.offset_for(id).map_or(0, |(start, _)| start);
        usize::try_from(start).ok().and_then(|s| self.tokens.index_at(s)).unwrap_or(0)
    }

    fn range(&self, index: usize) -> Range {
        let end = self.text.len();
        self.tokens.list.get(index).map_or(Range { start: 0, end }, |token| token.range)
    }

    /// From a bracket to the one that closes it.
    fn bracketed(&self, index: usize) -> Range {
        let open = self.range(index);
        match self.tokens.list.get(index).map(|token| token.kind) {
            Some(TokenKind::Open(close)) => Range { start: open.start, end: self.range(close).end },
            _ => open,
        }
    }

    fn literal(&self, index: usize, literal: &LiteralValue) -> Lowered {
        let mut range = self.range(index);
        let value = match literal {
            LiteralValue::Boolean(b) => Value::from(*b.inner()),
            LiteralValue::Double(d) => Value::from(*d.inner()),
            LiteralValue::Int(i) => {
                if *i.inner() < 0 {
                    range.start = self.range(index.saturating_sub(1)).start;
                }
                Value::from(*i.inner())
            }
            LiteralValue::Null => Value::Null,
            LiteralValue::String(s) => Value::from(s.inner()),
            LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
                return Err(self.refuse(
                    range,
                    "value has no JSON form",
                    "write a number or a text",
                ));
            }
        };
        Ok(Node { range, kind: Kind::Literal(value) })
    }

    fn name(&self, index: usize, name: &str) -> Lowered {
        let range = self.range(index);
        if name.starts_with('.') {
            return Err(self.refuse(range, "names do not begin with a dot", "remove the dot"));
        }
        Ok(Node { range, kind: Kind::Name(name.to_owned()) })
    }

    fn select(&mut self, dot: usize, select: &SelectExpr) -> Lowered {
        let of = Box::new(self.node(&select.operand)?);
        let at = self.range(dot.saturating_add(1));
        let range = Range { start: of.range.start, end: at.end };
        Ok(Node { range, kind: Kind::Select { of, field: select.field.clone(), at } })
    }

    fn map(&mut self, index: usize, map: &MapExpr) -> Lowered {
        let mut entries = Vec::with_capacity(map.entries.len());
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let key = self.node(&entry.key)?;
            if let Kind::Literal(value) = &key.kind
                && !value.is_string()
            {
                return Err(self.refuse(key.range, "map keys are texts", "put the key in quotes"));
            }
            entries.push((key, self.node(&entry.value)?));
        }
        Ok(Node { range: self.bracketed(index), kind: Kind::Map(entries) })
    }

    fn call(&mut self, index: usize, call: &CallExpr) -> Lowered {
        if let ([operand], None) = (call.args.as_slice(), &call.target)
            && let Some(sign) = unary(&call.func_name)
        {
            let operand = Box::new(self.node(operand)?);
            let range = Range { start: self.range(index).start, end: operand.range.end };
            return Ok(Node { range, kind: Kind::Unary(sign, operand) });
        }
        if let ([left, right], None) = (call.args.as_slice(), &call.target) {
            if let Some(sign) = binary(&call.func_name) {
                let left = Box::new(self.node(left)?);
                let right = Box::new(self.node(right)?);
                let range = Range { start: left.range.start, end: right.range.end };
                return Ok(Node { range, kind: Kind::Binary(sign, left, right) });
            }
            if call.func_name == operators::INDEX {
                let of = Box::new(self.node(left)?);
                let by = Box::new(self.node(right)?);
                let range = Range { start: of.range.start, end: self.bracketed(index).end };
                return Ok(Node { range, kind: Kind::Index { of, by } });
            }
        }
        if let ([condition, then, otherwise], operators::CONDITIONAL) =
            (call.args.as_slice(), call.func_name.as_str())
        {
            let condition = Box::new(self.node(condition)?);
            let then = Box::new(self.node(then)?);
            let otherwise = Box::new(self.node(otherwise)?);
            let range = Range { start: condition.range.start, end: otherwise.range.end };
            return Ok(Node { range, kind: Kind::Conditional(condition, then, otherwise) });
        }
        self.function(index, call)
    }

    /// `name(…)` and `target.name(…)`; `index` is the opening bracket.
    fn function(&mut self, index: usize, call: &CallExpr) -> Lowered {
        let at = self.range(index.saturating_sub(1));
        let end = self.bracketed(index).end;
        if let (Some(kind), Some(target)) = (LoopKind::of(&call.func_name), &call.target) {
            return self.comprehension(kind, target, call, Range { start: at.start, end });
        }
        let target = call.target.as_deref().map(|t| self.node(t)).transpose()?.map(Box::new);
        let start = target.as_ref().map_or(at.start, |t| t.range.start);
        let range = Range { start, end };
        let arguments: Vec<Node> =
            call.args.iter().map(|a| self.node(a)).collect::<Result<_, _>>()?;
        if call.func_name == "has" && target.is_none() {
            return match <[Node; 1]>::try_from(arguments) {
                Ok([Node { kind: Kind::Select { of, field, .. }, .. }]) => {
                    Ok(Node { range, kind: Kind::Has { of, field } })
                }
                _ => Err(self.refuse(
                    range,
                    "`has` takes one property",
                    "write `has(alert.file)`: a variable, a dot and a name",
                )),
            };
        }
        let name = call.func_name.clone();
        Ok(Node { range, kind: Kind::Call { name, at, target, arguments } })
    }

    fn comprehension(
        &mut self,
        kind: LoopKind,
        target: &IdedExpr,
        call: &CallExpr,
        written: Range,
    ) -> Lowered {
        let name = &call.func_name;
        let over = self.node(target)?;
        let range = Range { start: over.range.start, end: written.end };
        let (variable, condition, body) = match (kind, call.args.as_slice()) {
            (LoopKind::Map, [variable, condition, body]) => (variable, Some(condition), body),
            (_, [variable, body]) => (variable, None, body),
            _ => {
                return Err(self.refuse(
                    written,
                    &format!("`{name}` takes a name and an expression"),
                    &format!("write `list.{name}(x, …)`, where x stands for each element"),
                ));
            }
        };
        let Expr::Ident(variable) = &variable.expr else {
            return Err(self.refuse(
                written,
                &format!("the first argument of `{name}` is no plain name"),
                &format!("write `list.{name}(x, …)`, where x stands for each element"),
            ));
        };
        self.loops = self.loops.saturating_add(1);
        if self.loops > COMPREHENSIONS_MAX {
            return Err(self.refuse(
                written,
                &format!("loops are nested more than {COMPREHENSIONS_MAX} deep"),
                "compute the inner list in a `set` step",
            ));
        }
        let condition = condition.map(|c| self.node(c)).transpose()?;
        let body = self.node(body)?;
        self.loops = self.loops.saturating_sub(1);
        let name = variable.clone();
        Ok(Node { range, kind: Kind::Loop(Box::new(Loop { kind, over, name, condition, body })) })
    }
}

fn unary(name: &str) -> Option<Unary> {
    match name {
        operators::LOGICAL_NOT => Some(Unary::Not),
        operators::NEGATE => Some(Unary::Negate),
        _ => None,
    }
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::LOGICAL_OR => Binary::Or,
        operators::LOGICAL_AND => Binary::And,
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::NotEqual,
        operators::LESS => Binary::Less,
        operators::LESS_EQUALS => Binary::LessEqual,
        operators::GREATER => Binary::Greater,
        operators::GREATER_EQUALS => Binary::GreaterEqual,
        operators::IN => Binary::In,
        operators::ADD => Binary::Add,
        operators::SUBSTRACT => Binary::Subtract,
        operators::MULTIPLY => Binary::Multiply,
        operators::DIVIDE => Binary::Divide,
        operators::MODULO => Binary::Remainder,
        _ => return None,
    })
}
