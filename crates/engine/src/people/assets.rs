//! Who answers for what: the owners of assets, as the configuration names them.

use std::collections::BTreeSet;

use stanch_guard::{names, policy::Pattern};
use stanch_model::plan::Plan;

use crate::{Error, config::AssetConfig};

/// What is known of assets.
#[derive(Debug, Default)]
pub struct Assets {
    owned: Vec<(Pattern, String)>,
}

impl Assets {
    /// Those of the configuration.
    ///
    /// # Errors
    /// A value that names nothing of its kind.
    pub fn of(configured: &[AssetConfig]) -> Result<Self, Error> {
        let owned = configured.iter().map(|asset| {
            let pattern = Pattern::new(asset.kind, &asset.value)
                .map_err(|error| Error::Content(format!("configuration: assets: {error}")))?;
            Ok((pattern, asset.owner.clone()))
        });
        Ok(Self { owned: owned.collect::<Result<_, Error>>()? })
    }

    /// Login names of whoever answers for what the plan acts on.
    #[must_use]
    pub fn owners(&self, plan: &Plan) -> BTreeSet<String> {
        let targets = || plan.actions.iter().filter_map(|action| action.target.as_ref());
        let is_hit = |pattern: &Pattern| targets().any(|target| names(pattern, target));
        let hit = self.owned.iter().filter(|(pattern, _)| is_hit(pattern));
        hit.map(|(_, owner)| owner.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stanch_model::{Observable, ObservableKind};

    use super::*;

    fn plan(targets: &[(ObservableKind, &str)]) -> Plan {
        let action = |(kind, value): &(ObservableKind, &str)| {
            let target = Observable { kind: *kind, value: (*value).to_owned() };
            json!({ "key": "a", "name": "n", "title": "t", "instance": "i", "connector": "c",
                "action": "a", "practice": false, "manifest_digest": "", "effect": "reversible",
                "target": target, "input": {}, "undo": null, "expires": null })
        };
        let actions: Vec<_> = targets.iter().map(action).collect();
        let plan = json!({ "tenant": "default", "playbook": "p", "playbook_digest": "",
            "actions": actions, "evidence": [], "stops_at": null });
        serde_json::from_value(plan).unwrap()
    }

    #[test]
    fn the_owner_of_what_would_be_hit_is_known_whatever_it_is_called() {
        use ObservableKind::{Host, Ip, User};
        let configured: Vec<AssetConfig> = serde_json::from_value(json!([
            { "kind": "ip", "value": "203.0.113.0/24", "owner": "ann" },
            { "kind": "ip", "value": "203.0.113.7", "owner": "ben" },
            { "kind": "host", "value": "*.ot.corp.test", "owner": "cleo" },
            { "kind": "host", "value": "dc-01", "owner": "dana" },
            { "kind": "user", "value": "CORP\\ceo", "owner": "eve" },
        ]))
        .unwrap();
        let assets = Assets::of(&configured).unwrap();
        for (targets, expect) in [
            (&[(Ip, "203.0.113.7")][..], &["ann", "ben"][..]),
            (&[(Ip, "::ffff:203.0.113.8")], &["ann"]),
            (&[(Ip, "198.51.100.1")], &[]),
            (&[(Host, "plc-3.ot.corp.test"), (User, "ceo@corp.test")], &["cleo", "eve"]),
            (&[(Host, "dc-01.corp.test")], &["dana"]),
            (&[], &[]),
        ] {
            let owners: Vec<String> = assets.owners(&plan(targets)).into_iter().collect();
            assert_eq!(owners, expect, "{targets:?}");
        }
        let wrong = json!([{ "kind": "ip", "value": "203.0.113.0/99", "owner": "ann" }]);
        let wrong: Vec<AssetConfig> = serde_json::from_value(wrong).unwrap();
        let error = Assets::of(&wrong).unwrap_err().to_string();
        assert!(error.starts_with("configuration: assets: `203.0.113.0/99` names no"), "{error}");
    }
}
