//! One expression: compiled once, checked before it is trusted, evaluated as often as needed.

use std::{fmt, str::FromStr, sync::Arc};

use serde_json::Value;

use crate::{
    check::{self, TypeEnv},
    error::{CompileError, EvalError, TypeFinding},
    eval,
    references::{self, Reference},
    scope::Scope,
    syntax::{self, tree::Node},
    types::Type,
};

/// A compiled expression. Cheap to clone; two are equal if their texts are.
#[derive(Clone, Debug)]
pub struct Expression {
    text: Arc<str>,
    tree: Arc<Node>,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Expression {
    type Err = CompileError;
    fn from_str(text: &str) -> Result<Self, CompileError> {
        Self::compile(text)
    }
}

impl Expression {
    /// Reads a CEL expression within [`crate::limits`] (CEL language definition; what is left out
    /// is said on the crate's page).
    ///
    /// Needs less than 2 MiB of stack, whatever the text.
    ///
    /// # Errors
    /// What is no expression, and what is too large to be one.
    pub fn compile(text: &str) -> Result<Self, CompileError> {
        let tree = syntax::parse(text)?;
        Ok(Self { text: text.into(), tree: Arc::new(tree) })
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Works out its value. The same scope gives the same value, always; whole numbers stay whole.
    ///
    /// # Errors
    /// Missing names, values of the wrong type, overflow, and more work than
    /// [`crate::limits::COST_MAX`].
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, EvalError> {
        eval::evaluate(&self.tree, scope)
    }

    /// Every dotted path that begins at a variable, in the order of the text. The variables of
    /// `all`, `map` and their kin, and the constant `SEVERITY`, are not among them.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        references::of(&self.tree)
    }

    /// Everything that would go wrong at evaluation whatever the data, as far as `env` tells.
    #[must_use]
    pub fn check(&self, env: &TypeEnv) -> Vec<TypeFinding> {
        check::check(&self.text, &self.tree, env).1
    }

    /// The type of its value, as far as `env` tells; [`Type::Any`] where it does not.
    #[must_use]
    pub fn infer(&self, env: &TypeEnv) -> Type {
        check::check(&self.text, &self.tree, env).0
    }
}
