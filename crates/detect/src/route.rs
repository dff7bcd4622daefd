//! Routing: which rules an event is for.
//!
//! Rules that share a log source share a shelf, and each shelf has its own index. An event belongs to one
//! product, one service and a *set* of categories, so it visits the shelves for every combination of
//! {none, its product} × {none, its service} × {none, each of its categories} and pays for nothing
//! else. A rule stands on exactly one shelf: no rule is asked twice, whatever the set.

use std::collections::{BTreeMap, BTreeSet};

use rsigma_eval::{CompiledRule, Engine, MatchDetailLevel};
use stanch_model::event::LogSource;

/// The number of a word that rules use in log sources; 0 stands for `not given`.
type Word = u32;

/// The shelves. Built once, shared by all detectors.
#[derive(Default)]
pub(crate) struct Router {
    words: BTreeMap<String, Word>,
    shelves: BTreeMap<[Word; 3], Engine>,
}

impl Router {
    /// Puts each rule on its shelf.
    pub(crate) fn build(rules: Vec<CompiledRule>) -> Self {
        let mut router = Self::default();
        let mut piles: BTreeMap<[Word; 3], Vec<CompiledRule>> = BTreeMap::new();
        for rule in rules {
            let source = &rule.logsource;
            let key = [&source.product, &source.service, &source.category]
                .map(|word| word.as_deref().map_or(0, |word| router.intern(word)));
            piles.entry(key).or_default().push(rule);
        }
        router.shelves = piles.into_iter().map(|(key, pile)| (key, shelf(pile))).collect();
        router
    }

    /// The shelves that an event of `source` is for.
    pub(crate) fn shelves(&self, source: &LogSource) -> impl Iterator<Item = &Engine> {
        let product = self.none_and(source.product.as_slice());
        let service = self.none_and(source.service.as_slice());
        let category = self.none_and(&source.categories);
        let mut keys = Vec::with_capacity(product.len() * service.len() * category.len());
        for p in &product {
            for s in &service {
                keys.extend(category.iter().map(|c| [*p, *s, *c]));
            }
        }
        keys.into_iter().filter_map(|key| self.shelves.get(&key))
    }

    /// Every rule, shelf by shelf.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &CompiledRule> {
        self.shelves.values().flat_map(Engine::rules)
    }

    /// 0 and the numbers of those `words` that some rule uses.
    fn none_and(&self, words: &[String]) -> BTreeSet<Word> {
        let known = |word: &String| match self.words.get(word) {
            Some(number) => Some(*number),
            None => self.words.get(&word.to_ascii_lowercase()).copied(),
        };
        std::iter::once(0).chain(words.iter().filter_map(known)).collect()
    }

    fn intern(&mut self, word: &str) -> Word {
        let next = Word::try_from(self.words.len() + 1).unwrap_or(Word::MAX);
        *self.words.entry(word.to_ascii_lowercase()).or_insert(next)
    }
}

fn shelf(pile: Vec<CompiledRule>) -> Engine {
    let mut engine = Engine::new();
    // Its Bloom filter is slower than its index here, and stays off; no memory is spent on it.
    engine.set_bloom_max_bytes(0);
    engine.set_match_detail(MatchDetailLevel::Summary);
    engine.extend_compiled_rules(pile);
    engine
}

/// Whether a rule written for `rule` applies to `source`: the same question, asked plainly.
pub(crate) fn applies(rule: &rsigma_parser::LogSource, source: &LogSource) -> bool {
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (None, _) => true,
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (Some(_), None) => false,
    };
    let in_set = rule
        .category
        .as_ref()
        .is_none_or(|wanted| source.categories.iter().any(|c| c.eq_ignore_ascii_case(wanted)));
    same(&rule.product, &source.product) && same(&rule.service, &source.service) && in_set
}
