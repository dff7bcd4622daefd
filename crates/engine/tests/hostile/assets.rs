//! What there is: the inventory, and under which other names its targets are known.

use stanch_model::{ObservableKind, guard::Criticality};

/// A host, an account or an address.
#[derive(Debug, Default)]
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) tags: &'static [&'static str],
    pub(crate) groups: &'static [&'static str],
    pub(crate) site: Option<&'static str>,
    pub(crate) criticality: Option<Criticality>,
    /// What else it is called.
    pub(crate) also: &'static [(ObservableKind, &'static str)],
    pub(crate) listed: bool,
}

const fn asset(name: &'static str) -> Asset {
    Asset { name, tags: &[], groups: &[], site: None, criticality: None, also: &[], listed: true }
}

/// Upper and lower case as people write them.
static ASSETS: &[Asset] = &[
    Asset { site: Some("HQ"), groups: &["Sales"], ..asset("ws-01") },
    Asset { site: Some("plant"), groups: &["sales", "floor"], ..asset("ws-02") },
    Asset { site: Some("hq"), tags: &["workstation", "Server "], ..asset("ws-07") },
    Asset { also: &[(ObservableKind::Ip, "203.0.113.2")], listed: false, ..asset("ws-08") },
    Asset { tags: &["Domain-Controller"], site: Some("hq"), ..asset("ws-04") },
    Asset { groups: &["sales", " Executives"], ..asset("ws-05") },
    Asset { criticality: Some(Criticality::Critical), ..asset("ws-06") },
    Asset { also: &[(ObservableKind::Ip, "192.0.2.254")], listed: false, ..asset("gw-01") },
    Asset { also: &[(ObservableKind::Ip, "192.0.2.53")], listed: false, ..asset("ns-01") },
    Asset { also: &[(ObservableKind::Ip, "198.51.100.9")], listed: false, ..asset("cdn-01") },
    Asset { also: &[(ObservableKind::Ip, "192.0.2.1")], listed: false, ..asset("soar-01") },
    Asset { also: &[(ObservableKind::Host, "dc-01")], listed: false, ..asset("jump-01") },
    Asset { groups: &["executives"], ..asset("cfo") },
    Asset { groups: &["floor"], criticality: Some(Criticality::High), ..asset("ann") },
    Asset { also: &[(ObservableKind::User, "ceo")], listed: false, ..asset("boss@example.test") },
    Asset { site: Some("Plant"), criticality: Some(Criticality::Low), ..asset("203.0.113.2") },
];

static UNKNOWN: Asset = Asset {
    name: "",
    tags: &[],
    groups: &[],
    site: None,
    criticality: None,
    also: &[],
    listed: false,
};

/// What is known of a target; nothing of one that nobody keeps.
pub(crate) fn of(target: &str) -> &'static Asset {
    ASSETS.iter().find(|asset| asset.name == target).unwrap_or(&UNKNOWN)
}

fn plain(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.trim().to_lowercase()).collect()
}

impl Asset {
    pub(crate) fn tags(&self) -> Vec<String> {
        plain(self.tags)
    }

    pub(crate) fn groups(&self) -> Vec<String> {
        plain(self.groups)
    }

    pub(crate) fn site(&self) -> Option<String> {
        self.site.map(str::to_lowercase)
    }
}

/// How many hosts there are at a site.
pub(crate) fn hosts_at(site: Option<&str>) -> u32 {
    match site {
        Some("hq") => 60,
        Some("plant") => 150,
        _ => 20,
    }
}
