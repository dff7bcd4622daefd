//! Which TLP a marking means: those of the standard by their ids, and those that a bundle defines itself.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::Marking;
use crate::Tlp;

/// Markings that everybody has. TLP 1: STIX 2.1 §7.2.1.4. TLP 2.0: the OASIS extension definition
/// `extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d`.
const STANDARD: [(&str, Tlp); 9] = [
    ("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::Clear),
    ("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::Green),
    ("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp::Amber),
    ("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::Red),
    ("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::Clear),
    ("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::Green),
    ("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::Amber),
    ("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::AmberStrict),
    ("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::Red),
];

/// Markings that a bundle defines.
#[derive(Debug, Default)]
pub(super) struct Markings {
    own: BTreeMap<String, Meant>,
}

/// What a marking says.
#[derive(Clone, Copy, Debug)]
enum Meant {
    Tlp(Tlp),
    /// A statement, which says nothing of how far it may go.
    Statement,
    Unknown,
}

impl Markings {
    pub(super) fn add(&mut self, marking: Marking) {
        let meant = meant(&marking);
        self.own.insert(marking.id, meant);
    }

    /// The strictest of some markings, and those whose meaning is not known.
    pub(super) fn of<'a>(
        &self,
        refs: impl Iterator<Item = &'a str>,
    ) -> (Option<Tlp>, Vec<&'a str>) {
        let (mut strictest, mut unknown) = (None, Vec::new());
        for id in refs {
            let standard = STANDARD.iter().find(|(standard, _)| *standard == id);
            let own = || self.own.get(id).copied().unwrap_or(Meant::Unknown);
            match standard.map_or_else(own, |(_, tlp)| Meant::Tlp(*tlp)) {
                Meant::Tlp(tlp) => strictest = strictest.max(Some(tlp)),
                Meant::Statement => {}
                Meant::Unknown => unknown.push(id),
            }
        }
        (strictest, unknown)
    }
}

fn meant(marking: &Marking) -> Meant {
    let extensions = marking.extensions.as_object().into_iter().flatten();
    let second = extensions.filter_map(|(_, extension)| extension.get("tlp_2_0")?.as_str()).next();
    let first = marking.definition.get("tlp").and_then(Value::as_str);
    match (second.or(first), marking.definition_type.as_deref()) {
        (Some(word), _) => word.parse().map_or(Meant::Unknown, Meant::Tlp),
        (None, Some("statement")) => Meant::Statement,
        (None, _) => Meant::Unknown,
    }
}
