//! Expressions: CEL with a budget, references, types, and `${{ }}` templates.
