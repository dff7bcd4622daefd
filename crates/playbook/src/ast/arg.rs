//! Values of `with`, `set` and `outputs`.

use serde_json::{Map, Value};
use stanch_expression::Template;
use stanch_model::Span;

use super::Spanned;

/// A JSON value whose string leaves may hold `${{ }}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A number, boolean or null, as written.
    Literal(Spanned<Value>),
    /// A text; constant if it holds no `${{ }}`.
    Text(Spanned<Template>),
    /// A list.
    List(Spanned<Vec<Arg>>),
    /// A mapping.
    Map(Spanned<Vec<(Spanned<String>, Arg)>>),
}

impl Arg {
    /// Where it stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        match self {
            Self::Literal(v) => v.span,
            Self::Text(v) => v.span,
            Self::List(v) => v.span,
            Self::Map(v) => v.span,
        }
    }

    /// All templates in it, with their places.
    pub fn templates<'a>(&'a self, found: &mut Vec<&'a Spanned<Template>>) {
        match self {
            Self::Literal(_) => {}
            Self::Text(text) => found.push(text),
            Self::List(list) => list.value.iter().for_each(|arg| arg.templates(found)),
            Self::Map(map) => map.value.iter().for_each(|(_, arg)| arg.templates(found)),
        }
    }

    /// The value, if it holds no expression.
    #[must_use]
    pub fn constant(&self) -> Option<Value> {
        match self {
            Self::Literal(literal) => Some(literal.value.clone()),
            Self::Text(text) if text.value.is_literal() => Some(Value::from(text.value.text())),
            Self::Text(_) => None,
            Self::List(list) => list.value.iter().map(Self::constant).collect(),
            Self::Map(map) => {
                let entry = |(name, arg): &(Spanned<String>, Self)| {
                    Some((name.value.clone(), arg.constant()?))
                };
                map.value.iter().map(entry).collect::<Option<Map<_, _>>>().map(Value::Object)
            }
        }
    }

    /// The name of the secret that it is, if it is nothing but `${{ secrets.NAME }}`.
    #[must_use]
    pub fn secret(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        let (expression, _) = text.value.single()?;
        let name = expression.text().strip_prefix("secrets.")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(plain)).then_some(name)
    }
}
