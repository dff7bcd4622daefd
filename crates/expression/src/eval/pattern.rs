//! Regular expressions, by the `cel` crate's own `matches`.

use std::sync::{Arc, LazyLock};

use crate::limits::REGEX_BYTES_MAX;

static STANDARD: LazyLock<Arc<cel::Env>> = LazyLock::new(|| Arc::new(cel::Env::stdlib()));

/// RE2-like search by the `cel` crate's own `matches`, in time linear in the text.
pub(super) fn matches(text: &str, pattern: &str) -> Result<bool, String> {
    if pattern.len() > REGEX_BYTES_MAX {
        return Err(format!("pattern has more than {REGEX_BYTES_MAX} bytes"));
    }
    let program = STANDARD.compile("text.matches(pattern)");
    let program = program.map_err(|_unread| "invariant: the program is CEL".to_owned())?;
    let mut context = cel::Context::with_env(Arc::clone(&STANDARD));
    context.add_variable_from_value("text", text);
    context.add_variable_from_value("pattern", pattern);
    match program.execute(&context) {
        Ok(cel::Value::Bool(found)) => Ok(found),
        _ => Err("pattern cannot be read as a regular expression".to_owned()),
    }
}

/// Why a pattern is none, if so.
pub(crate) fn pattern_fault(pattern: &str) -> Option<String> {
    matches("", pattern).err()
}
