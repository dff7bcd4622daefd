//! The word that somebody probably meant.

/// How many letters may differ.
const DISTANCE_MAX: usize = 2;

/// The nearest of `words` to `typed`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    typed: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let near = words.into_iter().map(|word| (distance(typed, word), word)).min()?;
    (near.0 <= DISTANCE_MAX && near.0 < typed.chars().count()).then_some(near.1)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, (y, pair)) in b.iter().zip(row.windows(2)).enumerate() {
            let substituted = pair[0] + usize::from(x != *y);
            next.push(substituted.min(pair[1] + 1).min(next[j] + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        for (typed, expect) in [
            ("levle", Some("level")),
            ("level", Some("level")),
            ("contain", Some("contains")),
            ("simulation", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, ["level", "contains", "title"]), expect, "{typed}");
        }
    }
}
