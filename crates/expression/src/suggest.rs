//! Did you mean …? The nearest of the known names, for the help of a diagnostic.

/// The candidate nearest to `word` by edit distance, if it is near enough to be a slip: at most a
/// third of the word's length, and at least one edit allowed. The first of equals wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit || same_letters(word, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help of an unknown name: the nearest candidate, or the first twelve of them.
pub fn help<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(word, candidates.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    list(&candidates)
}

/// `known are: a, b, c`, the first twelve.
#[must_use]
pub fn list(candidates: &[&str]) -> String {
    const SHOWN: usize = 12;
    if candidates.is_empty() {
        return "there are none to choose from".to_owned();
    }
    let shown: Vec<String> = candidates.iter().take(SHOWN).map(|c| format!("`{c}`")).collect();
    let more = if candidates.len() > SHOWN { ", …" } else { "" };
    format!("known are: {}{more}", shown.join(", "))
}

/// Whether two names differ in case and in `_`, `-` alone.
fn same_letters(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    letters(a) == letters(b)
}

/// Optimal string alignment: inserts, deletes, substitutes and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    const WORD_MAX: usize = 64;
    let a: Vec<char> = a.chars().take(WORD_MAX).collect();
    let b: Vec<char> = b.chars().take(WORD_MAX).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = vec![i.saturating_add(1)];
        for (j, &to) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let next = j.saturating_add(1);
            let mut best = at(&above, j).saturating_add(usize::from(from != to));
            best = best.min(at(&above, next).saturating_add(1));
            best = best.min(at(&row, j).saturating_add(1));
            let swapped = i > 0
                && j > 0
                && a.get(i.wrapping_sub(1)) == Some(&to)
                && b.get(j.wrapping_sub(1)) == Some(&from);
            if swapped {
                best = best.min(at(&before, j.wrapping_sub(1)).saturating_add(1));
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["host_id", "verdict", "confidence", "id"];
        for (word, expect) in [
            ("hostid", Some("host_id")),
            ("verdct", Some("verdict")),
            ("Confidence", Some("confidence")),
            ("di", Some("id")),
            ("banana", None),
        ] {
            assert_eq!(nearest(word, known), expect, "{word}");
        }
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
