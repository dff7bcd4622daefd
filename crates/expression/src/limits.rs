//! What an expression may cost: each limit with its reason.
//!
//! The sum of the limits before parsing is what keeps the parser, which recurses, on a stack of
//! 2 MiB (the default of a Rust thread) in an unoptimised build; `tests/hostile.rs` stands on them.

/// Bytes of one expression. The longest in our own content has 180; the parser's time grows with
/// the square of the length on hostile input.
pub const BYTES_MAX: usize = 2048;

/// Words, numbers, texts, operators and brackets of one expression. The parser recurses once for
/// each term of `1 + 1 + …` and aborts the process near 3,000 of them.
pub const TOKENS_MAX: usize = 400;

/// Open brackets at one place. Each costs the parser about 170 KiB of stack in an unoptimised build
/// (measured: 12 abort a thread of 2 MiB).
pub const NESTING_MAX: usize = 6;

/// `?` of conditionals.
pub const CONDITIONALS_MAX: usize = 16;

/// Nodes of the tree; what [`TOKENS_MAX`] lets through is below it unless the parser changes.
pub const NODES_MAX: usize = 512;

/// Levels of the tree. Checking and evaluating recurse once for each; `a + b + …` has one level
/// for each term.
pub const DEPTH_MAX: usize = 64;

/// `all`, `exists`, `map` and `filter` inside one another. Three loops over lists of
/// [`LIST_MAX`] would be 10⁹ turns.
pub const COMPREHENSIONS_MAX: usize = 2;

/// Elements of a list that a comprehension walks or an expression builds.
pub const LIST_MAX: usize = 1000;

/// What one evaluation may spend: one for each node visited, for each JSON value copied or
/// compared, and for each [`BYTES_PER_UNIT`] bytes of text copied, compared or searched. It bounds
/// the memory of one evaluation to about 25 MB and its time to some ten milliseconds.
pub const COST_MAX: u64 = 250_000;

/// Bytes of text that cost one unit.
pub const BYTES_PER_UNIT: u64 = 16;

/// Units that a regular expression costs before it has read a byte: it is compiled each time.
pub const REGEX_COST: u64 = 500;

/// Bytes of a regular expression. Its compiled form grows with counted repetition.
pub const REGEX_BYTES_MAX: usize = 256;

/// Bytes of a text with `${{ }}` parts.
pub const TEMPLATE_BYTES_MAX: usize = 16 * 1024;

/// `${{ }}` parts of one text.
pub const TEMPLATE_PARTS_MAX: usize = 64;

/// Levels of a JSON value whose leaves are rendered.
pub const VALUE_DEPTH_MAX: usize = 32;
