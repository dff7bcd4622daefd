//! The inventory: what assets are, how much depends on them, and who answers for them.

use std::collections::BTreeSet;

use stanch_guard::{
    facts::{AssetFacts, AssetRecord, Fleet},
    names,
    policy::Pattern,
};
use stanch_model::{Observable, ObservableKind, plan::Plan};

use crate::{Error, config::AssetConfig};

/// What is known of assets.
#[derive(Debug, Default)]
pub struct Assets {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    pattern: Pattern,
    /// Whether it is one host, and not several by a pattern.
    is_host: bool,
    facts: AssetFacts,
}

impl Assets {
    /// Those of the configuration.
    ///
    /// # Errors
    /// A value that names nothing of its kind.
    pub fn of(configured: &[AssetConfig]) -> Result<Self, Error> {
        let entry = |asset: &AssetConfig| {
            let pattern = Pattern::new(asset.kind, &asset.value)
                .map_err(|error| Error::Content(format!("configuration: assets: {error}")))?;
            let AssetConfig { tags, groups, site, criticality, owner, .. } = asset.clone();
            Ok(Entry {
                pattern,
                is_host: asset.kind == ObservableKind::Host && !asset.value.contains('*'),
                facts: AssetFacts { tags, groups, site, criticality, owner },
            })
        };
        let entries = configured.iter().map(entry).collect::<Result<_, Error>>()?;
        Ok(Self { entries })
    }

    /// Login names of whoever answers for what the plan acts on.
    #[must_use]
    pub fn owners(&self, plan: &Plan) -> BTreeSet<String> {
        let targets = plan.actions.iter().filter_map(|action| action.target.as_ref());
        targets
            .flat_map(|target| self.of_target(target))
            .filter_map(|entry| entry.facts.owner.clone())
            .collect()
    }

    /// What is known of a target, all entries that name it together: every tag and group, the highest
    /// criticality, the first site and owner.
    #[must_use]
    pub fn record(&self, target: Option<&Observable>) -> AssetRecord {
        let mut entries = target.into_iter().flat_map(|target| self.of_target(target)).peekable();
        if entries.peek().is_none() {
            return AssetRecord::NotListed;
        }
        let mut asset = AssetFacts::default();
        for Entry { facts, .. } in entries {
            asset.tags.extend(facts.tags.iter().cloned());
            asset.groups.extend(facts.groups.iter().cloned());
            asset.site = asset.site.or_else(|| facts.site.clone());
            asset.criticality = asset.criticality.max(facts.criticality);
            asset.owner = asset.owner.or_else(|| facts.owner.clone());
        }
        AssetRecord::Known { asset }
    }

    /// How many hosts are listed, in all and at the target's site; unknown if none is.
    #[must_use]
    pub fn fleet(&self, record: &AssetRecord) -> Fleet {
        let hosts = || self.entries.iter().filter(|entry| entry.is_host);
        let count = |count: usize| u32::try_from(count).ok().filter(|count| *count > 0);
        let site = record.known().and_then(|asset| asset.site.as_deref());
        let here = hosts().filter(|entry| entry.facts.site.as_deref() == site).count();
        Fleet { hosts: count(hosts().count()), site_hosts: count(here) }
    }

    fn of_target<'a>(&'a self, target: &'a Observable) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| names(&entry.pattern, target))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stanch_model::guard::Criticality;

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

    #[test]
    fn what_several_entries_say_of_a_target_is_put_together() {
        let configured: Vec<AssetConfig> = serde_json::from_value(json!([
            { "kind": "host", "value": "dc-01", "tags": ["domain-controller"], "site": "berlin", "criticality": "critical" },
            { "kind": "host", "value": "*.it.test", "tags": ["server"], "groups": ["it"], "site": "all", "owner": "ann", "criticality": "high" },
            { "kind": "host", "value": "ws-07", "site": "berlin" },
            { "kind": "host", "value": "ws-08" },
        ]))
        .unwrap();
        let assets = Assets::of(&configured).unwrap();
        let host = |value: &str| Observable { kind: ObservableKind::Host, value: value.to_owned() };
        let record = assets.record(Some(&host("dc-01.it.test")));
        let known = record.known().unwrap();
        assert_eq!(known.tags, ["domain-controller", "server"].map(str::to_owned).into());
        assert_eq!(known.groups, ["it".to_owned()].into());
        assert_eq!((known.site.as_deref(), known.owner.as_deref()), (Some("berlin"), Some("ann")));
        assert_eq!(known.criticality, Some(Criticality::Critical));
        let fleet = assets.fleet(&record);
        assert_eq!((fleet.hosts, fleet.site_hosts), (Some(3), Some(2)));
        for unknown in [Some(host("ws-99")), None] {
            let record = assets.record(unknown.as_ref());
            assert_eq!(record, AssetRecord::NotListed);
            assert_eq!(assets.fleet(&record).hosts, Some(3));
        }
        assert_eq!(Assets::default().fleet(&record), Fleet::default());
    }
}
