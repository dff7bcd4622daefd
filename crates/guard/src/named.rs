//! Whether a pattern means a target, whatever it is called.

use stanch_model::Observable;

use crate::{policy::Pattern, subject::Subject};

/// Whether `pattern` means `target`, in any of its spellings.
#[must_use]
pub fn names(pattern: &Pattern, target: &Observable) -> bool {
    Subject::all(target).iter().any(|subject| subject.matches(pattern))
}
