//! What was done before: every act whose intent is on disk, what became of it, and whose acts count together.

use stanch_model::{ObservableKind, Time, plan::PlannedAction};

use super::assets;

/// An act that somebody is about to do, or did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act<'a> {
    pub(crate) run: usize,
    pub(crate) playbook: &'a str,
    pub(crate) class: &'a str,
    pub(crate) action: &'a PlannedAction,
}

impl Act<'_> {
    pub(crate) fn target(&self) -> String {
        self.action.target.as_ref().map(|target| target.value.to_lowercase()).unwrap_or_default()
    }

    pub(crate) fn is_on_host(&self) -> bool {
        self.action.target.as_ref().is_some_and(|target| target.kind == ObservableKind::Host)
    }

    /// Where it counts: acts at the practice target only with each other.
    pub(crate) fn pools(&self, scope: &str) -> Vec<String> {
        let asset = assets::of(&self.target());
        let pools = match scope {
            "playbook" => vec![self.playbook.to_owned()],
            "instance" => vec![self.action.instance.clone()],
            "site" => vec![asset.site().unwrap_or_default()],
            "group" if asset.groups.is_empty() => vec![String::new()],
            "group" => asset.groups(),
            _ => vec!["all".to_owned()],
        };
        let practice = self.action.practice;
        pools.into_iter().map(|pool| format!("{practice} {pool}")).collect()
    }
}

/// Whether a class is meant by `*`, `edr.*` or its own name.
pub(crate) fn fits(pattern: &str, class: &str) -> bool {
    let kind = |text: &str| text.split('.').next().map(str::to_owned);
    match pattern {
        "*" => true,
        of if of.ends_with(".*") => kind(of) == kind(class),
        of => of == class,
    }
}

/// What became of an act, and when that was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Pending,
    Done(Time),
    Failed(Time),
    Unknown(Time),
}

/// An act whose intent is on disk.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) run: usize,
    pub(crate) playbook: String,
    pub(crate) class: String,
    pub(crate) action: PlannedAction,
    pub(crate) at: Time,
    /// The target took it; whether the effect is there is still to be seen.
    pub(crate) accepted: bool,
    pub(crate) end: End,
    /// When a person took it back.
    pub(crate) undone_at: Option<Time>,
}

impl Deed {
    pub(crate) fn new(act: &Act<'_>, at: Time) -> Self {
        Self {
            run: act.run,
            playbook: act.playbook.to_owned(),
            class: act.class.to_owned(),
            action: act.action.clone(),
            at,
            accepted: false,
            end: End::Pending,
            undone_at: None,
        }
    }

    pub(crate) fn act(&self) -> Act<'_> {
        let Self { run, playbook, class, action, .. } = self;
        Act { run: *run, playbook, class, action }
    }

    pub(crate) fn is_in(&self, scope: &str, pool: &str) -> bool {
        self.act().pools(scope).iter().any(|own| own == pool)
    }

    pub(crate) fn settled_at(&self) -> Option<Time> {
        match self.end {
            End::Pending => None,
            End::Done(at) | End::Failed(at) | End::Unknown(at) => Some(at),
        }
    }

    pub(crate) fn failed_at(&self) -> Option<Time> {
        match self.end {
            End::Failed(at) | End::Unknown(at) => Some(at),
            End::Pending | End::Done(_) => None,
        }
    }

    pub(crate) fn went_wrong(&self) -> bool {
        self.failed_at().is_some() || self.undone_at.is_some()
    }
}
