//! What an installation runs on: manifests, rules, playbooks, lists; loaded and checked at the start.

use std::{collections::BTreeMap, sync::Arc};

use stanch_connector::manifest;
use stanch_detect::RuleSet;
use stanch_intel::{IndicatorSet, Intel, Meaning};
use stanch_model::{
    Diagnostic,
    manifest::{Catalog, ResolveError},
};

use crate::{
    Error,
    config::Config,
    runs::{Loaded, Playbooks},
};

/// Texts to load, each with the path that messages name.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Connector manifests.
    pub manifests: Vec<(String, String)>,
    /// Sigma rules.
    pub rules: Vec<(String, String)>,
    /// Playbooks.
    pub playbooks: Vec<(String, String)>,
    /// Indicator lists: what being on it means, name, text.
    pub lists: Vec<(Meaning, String, String)>,
}

/// A finding and the file it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFinding {
    /// The file.
    pub path: String,
    /// The finding.
    pub diagnostic: Diagnostic,
}

/// Everything loaded.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// What steps can name.
    pub catalog: Arc<Catalog>,
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// The playbooks.
    pub playbooks: Arc<Playbooks>,
    /// The indicator lists.
    pub intel: Arc<Intel>,
    /// What was found wrong; what it refuses is not loaded, the rest is.
    pub findings: Vec<FileFinding>,
}

impl Library {
    /// Loads `content` as `config` binds it.
    ///
    /// # Errors
    /// A configuration that names what is not there: it would leave people without the hands that
    /// they rely on.
    pub fn load(content: &Content, config: &Config) -> Result<Self, Error> {
        let mut findings = Vec::new();
        let catalog = load_catalog(content, config, &mut findings)?;
        let (rules, refused) = stanch_detect::load(&content.rules);
        findings.extend(
            refused.into_iter().map(|f| FileFinding { path: f.path, diagnostic: f.diagnostic }),
        );
        let mut playbooks = Playbooks::default();
        for (path, text) in &content.playbooks {
            let found = match Loaded::new(text, &catalog) {
                Ok((loaded, found)) => {
                    playbooks.insert(loaded);
                    found
                }
                Err(found) => found,
            };
            let named = |diagnostic| FileFinding { path: path.clone(), diagnostic };
            findings.extend(found.into_iter().map(named));
        }
        Ok(Self {
            catalog: Arc::new(catalog),
            rules: Arc::new(rules),
            playbooks: Arc::new(playbooks),
            intel: Arc::new(load_lists(content)?),
            findings,
        })
    }
}

fn load_catalog(
    content: &Content,
    config: &Config,
    findings: &mut Vec<FileFinding>,
) -> Result<Catalog, Error> {
    let mut catalog = Catalog { bindings: config.bindings.clone(), ..Catalog::default() };
    for (path, text) in &content.manifests {
        let (manifest, found) = manifest::load(text);
        let refused = found.iter().any(Diagnostic::is_error);
        let named = |diagnostic| FileFinding { path: path.clone(), diagnostic };
        findings.extend(found.into_iter().map(named));
        if let Some(manifest) = manifest.filter(|_| !refused) {
            catalog.manifests.insert(manifest.connector.clone(), manifest);
        }
    }
    let mut instances = BTreeMap::new();
    for instance in &config.connectors {
        if !catalog.manifests.contains_key(&instance.connector) {
            let known: Vec<&str> = catalog.manifests.keys().map(String::as_str).collect();
            return Err(Error::Content(format!(
                "configuration: connector `{}` is of kind `{}`, which is not there; there are {}",
                instance.name,
                instance.connector,
                known.join(", ")
            )));
        }
        if instances.insert(instance.name.clone(), instance.clone()).is_some() {
            let name = &instance.name;
            return Err(Error::Content(format!(
                "configuration: two connectors are named `{name}`"
            )));
        }
    }
    catalog.instances = instances;
    for (capability, instance) in &config.bindings {
        bound(&catalog, capability, instance)?;
    }
    Ok(catalog)
}

fn bound(catalog: &Catalog, capability: &str, instance: &str) -> Result<(), Error> {
    if !catalog.instances.contains_key(instance) {
        return Err(Error::Content(format!(
            "configuration: `{capability}` is bound to `{instance}`, which is no connector here"
        )));
    }
    match catalog.resolve(capability) {
        Ok(found) if found.instance == instance => Ok(()),
        Ok(_) | Err(ResolveError::Unbound(_) | ResolveError::Unknown(_)) => Err(Error::Content(
            format!("configuration: connector `{instance}` does not offer `{capability}`"),
        )),
    }
}

fn load_lists(content: &Content) -> Result<Intel, Error> {
    let mut intel = Intel::default();
    for (meaning, name, text) in &content.lists {
        let is_warninglist = text.trim_start().starts_with('{');
        let (set, findings) = match is_warninglist {
            true => IndicatorSet::load_warninglist(text)
                .map_err(|error| Error::Content(format!("indicator list {name}: {error}")))?,
            false => IndicatorSet::load(name, text),
        };
        for finding in findings {
            tracing::warn!(list = %name, ?finding, "a line of an indicator list was left out");
        }
        intel.add(*meaning, set);
    }
    Ok(intel)
}
