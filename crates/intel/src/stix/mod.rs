//! STIX 2.1 bundles (OASIS, §4.7 *Indicator*, §5.2 *Sighting*, §7.2 *Data Markings*), and the envelopes of TAXII.
//!
//! Of an indicator its pattern is read ([`pattern`]), and each value that suffices by itself becomes a claim. What
//! cannot be matched so is named with the indicator's id. A marking that nobody here can read counts as
//! TLP:RED, so that what is said in confidence does not leave because we did not understand it.

mod marking;
mod object;
pub(crate) mod pattern;

use std::collections::BTreeMap;

use serde::Deserialize;
use stanch_model::Time;

use self::{
    marking::Markings,
    object::{Indicator, Item, Sighting},
};
use crate::{
    Meaning, Tlp,
    import::{self, Error, Import, Origin, json},
};

/// What it is called in errors.
const WHAT: &str = "a STIX 2.1 bundle";

/// A bundle, or an envelope of TAXII, which has no type.
#[derive(Deserialize)]
struct Bundle {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    objects: Option<Vec<Item>>,
}

/// Reads a bundle.
///
/// # Errors
/// A text that is none.
pub fn read(origin: &Origin, text: &str) -> Result<Import, Error> {
    let bundle: Bundle = json(WHAT, text)?;
    if let Some(kind) = bundle.kind.filter(|kind| kind != "bundle") {
        let why = format!("its `type` is `{kind}`; it should be `bundle`");
        return Err(Error::Form { what: WHAT, why });
    }
    let mut import = Import::default();
    let mut markings = Markings::default();
    let mut latest: BTreeMap<String, Indicator> = BTreeMap::new();
    let mut sightings: BTreeMap<String, Sighting> = BTreeMap::new();
    for item in bundle.objects.unwrap_or_default() {
        match item {
            Item::Indicator(indicator) => keep_latest(&mut latest, *indicator),
            Item::Sighting(sighting) => drop(sightings.insert(sighting.id.clone(), sighting)),
            Item::Marking(marking) => markings.add(marking),
            Item::Other(kind) => import.other(&kind),
            Item::Unreadable { place, reason } => import.leave_out(&place, reason),
        }
    }
    for indicator in latest.into_values() {
        claims(origin, &markings, indicator, &mut import);
    }
    for sighting in sightings.into_values().filter(|sighting| !sighting.revoked) {
        import.sightings.push(reported(origin.received_at, sighting));
    }
    Ok(import)
}

/// Of two versions of an object the one that was modified later counts.
fn keep_latest(latest: &mut BTreeMap<String, Indicator>, indicator: Indicator) {
    let is_older = latest.get(&indicator.id).is_some_and(|old| indicator.modified < old.modified);
    if !is_older {
        latest.insert(indicator.id.clone(), indicator);
    }
}

fn claims(origin: &Origin, markings: &Markings, indicator: Indicator, import: &mut Import) {
    let id = indicator.id.clone();
    if indicator.revoked {
        import.withdrawn.push(id);
        return;
    }
    if let Some(kind) = indicator.pattern_type.as_deref().filter(|kind| *kind != "stix") {
        import
            .leave_out(&id, format!("its pattern is of type `{kind}`, which is not matched here"));
        return;
    }
    let times = (indicator.valid_from, indicator.valid_until);
    if let (Some(from), Some(until)) = times
        && until <= from
    {
        import.leave_out(&id, "`valid_until` is not after `valid_from`");
        return;
    }
    let alternatives = match pattern::read(&indicator.pattern) {
        Ok(alternatives) => alternatives,
        Err(error) => return import.leave_out(&id, format!("its pattern cannot be read: {error}")),
    };
    let (tlp, unknown) = markings.of(indicator.marking_refs());
    for marking in &unknown {
        import.leave_out(&id, format!("{marking} is not known, so it counts as TLP:RED"));
    }
    let mut claim = origin.claim();
    claim.tlp = if unknown.is_empty() { tlp.or(origin.tlp) } else { Some(Tlp::Red) };
    claim.confidence = indicator.confidence.or(origin.confidence);
    (claim.valid_from, claim.valid_until) = times;
    claim.meaning = indicator.meaning();
    claim.tags = indicator.tags();
    claim.comment = indicator.name;
    claim.id = Some(id.clone());
    for reason in alternatives.refused {
        import.leave_out(&id, reason);
    }
    for value in alternatives.values {
        import.claim(&id, value, claim.clone());
    }
}

impl Indicator {
    fn meaning(&self) -> Meaning {
        let is_benign = self.indicator_types.iter().any(|kind| kind == "benign");
        if is_benign { Meaning::Benign } else { Meaning::Malicious }
    }
}

fn reported(received_at: Time, sighting: Sighting) -> import::Sighting {
    let told = sighting.last_seen.or(sighting.first_seen).or(sighting.modified);
    let last = told.map_or(received_at, |told| told.min(received_at));
    let first = sighting.first_seen.map_or(last, |first| first.min(last));
    let count = sighting.count.unwrap_or(1);
    import::Sighting { id: sighting.id, of: sighting.sighting_of_ref, count, first, last }
}
