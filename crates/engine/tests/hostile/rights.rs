//! People, and who may do what: lines, read one after the other.

use serde_json::{Value, json};
use stanch_guard::facts::{Party, PartyKind};
use stanch_model::people::Role;

use super::{
    assets,
    dice::Dice,
    past::{Act, fits},
};

/// Somebody who publishes, starts or approves.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) is_token: bool,
    pub(crate) role: Option<Role>,
    pub(crate) groups: &'static [&'static str],
}

pub(crate) fn everybody() -> Vec<Person> {
    let person = |name, role, groups| Person { name, is_token: false, role, groups };
    vec![
        person("ann", Some(Role::Responder), &["SOC"]),
        person("bob", Some(Role::Responder), &[]),
        person("dora", Some(Role::Admin), &["soc"]),
        person("carl", Some(Role::Viewer), &[]),
        person("eve", None, &["soc"]),
        person("mallory", Some(Role::Admin), &["interns"]),
        Person { is_token: true, ..person("robot", Some(Role::Responder), &["interns"]) },
    ]
}

impl Person {
    pub(crate) fn party(&self) -> Party {
        Party {
            kind: if self.is_token { PartyKind::Token } else { PartyKind::Person },
            name: self.name.to_owned(),
            role: self.role,
            groups: self.groups.iter().map(|group| (*group).to_owned()).collect(),
        }
    }
}

#[derive(Debug)]
enum Who {
    Anybody,
    Person(&'static str),
    Token(&'static str),
    Group(&'static str),
    Role(Role),
    Playbook(&'static str),
    Connector(&'static str),
}

#[derive(Debug)]
enum On {
    Everything,
    Kind(&'static str),
    Address(&'static str),
    Tag(&'static str),
    Group(&'static str),
    Site(&'static str),
    Criticality(&'static str),
    Practice(bool),
}

/// It permits, or it forbids.
#[derive(Debug)]
pub(crate) struct Line {
    permits: bool,
    who: Who,
    what: &'static str,
    on: On,
}

const fn permit(who: Who, what: &'static str, on: On) -> Line {
    Line { permits: true, who, what, on }
}

const fn forbid(who: Who, what: &'static str, on: On) -> Line {
    Line { permits: false, who, what, on }
}

static LINES: &[Line] = &[
    permit(Who::Role(Role::Responder), "*", On::Everything),
    permit(Who::Group("soc"), "edr.*", On::Everything),
    permit(Who::Group("soc"), "*", On::Kind("ip")),
    permit(Who::Person("dora"), "*", On::Everything),
    permit(Who::Person("*"), "*", On::Practice(true)),
    permit(Who::Playbook("*"), "edr.*", On::Everything),
    permit(Who::Playbook("root"), "*", On::Everything),
    permit(Who::Connector("*"), "*", On::Everything),
    permit(Who::Connector("lab"), "*", On::Everything),
    permit(Who::Anybody, "*", On::Practice(true)),
    forbid(Who::Anybody, "*", On::Tag("server")),
    forbid(Who::Anybody, "edr.*", On::Site("plant")),
    forbid(Who::Anybody, "*", On::Group("floor")),
    forbid(Who::Anybody, "directory.disable_account", On::Criticality("high")),
    forbid(Who::Person("mallory"), "*", On::Everything),
    forbid(Who::Token("*"), "*", On::Kind("host")),
    forbid(Who::Group("interns"), "*", On::Everything),
    forbid(Who::Playbook("callee-b"), "firewall.*", On::Everything),
    forbid(Who::Playbook("root"), "edr.isolate_host", On::Practice(false)),
    forbid(Who::Connector("edge"), "*", On::Address("203.0.113.2")),
    forbid(Who::Connector("*"), "*", On::Address("203.0.113.2")),
];

/// Somebody in whose name an act is done.
enum By<'a> {
    Person(&'a Person),
    Playbook(&'a str),
    Connector(&'a str),
}

impl Line {
    fn policy(&self) -> Value {
        let who = match self.who {
            Who::Anybody => json!("anybody"),
            Who::Person(name) => json!({ "person": name }),
            Who::Token(name) => json!({ "token": name }),
            Who::Group(name) => json!({ "group": name }),
            Who::Role(role) => json!({ "role": role }),
            Who::Playbook(name) => json!({ "playbook": name }),
            Who::Connector(name) => json!({ "connector": name }),
        };
        let on = match self.on {
            On::Everything => json!({}),
            On::Kind(kind) => json!({ "kind": kind }),
            On::Address(value) => json!({ "kind": "ip", "value": value }),
            On::Tag(tag) => json!({ "tag": tag }),
            On::Group(group) => json!({ "group": group }),
            On::Site(site) => json!({ "site": site }),
            On::Criticality(level) => json!({ "criticality": level }),
            On::Practice(practice) => json!({ "practice": practice }),
        };
        let effect = if self.permits { "permit" } else { "forbid" };
        json!({ effect: { "who": who, "what": self.what, "on": on } })
    }

    /// Whether it is about parties of that kind; people and tokens are one kind.
    fn is_about(&self, by: &By<'_>) -> bool {
        match self.who {
            Who::Anybody => true,
            Who::Person(_) | Who::Token(_) | Who::Group(_) | Who::Role(_) => {
                matches!(by, By::Person(_))
            }
            Who::Playbook(_) => matches!(by, By::Playbook(_)),
            Who::Connector(_) => matches!(by, By::Connector(_)),
        }
    }

    fn names(&self, by: &By<'_>) -> bool {
        let is = |own: &str, name: &str| own == "*" || own == name;
        match (&self.who, by) {
            (Who::Anybody, _) => true,
            (Who::Person(own), By::Person(p)) => !p.is_token && is(own, p.name),
            (Who::Token(own), By::Person(p)) => p.is_token && is(own, p.name),
            (Who::Group(own), By::Person(p)) => {
                p.groups.iter().any(|group| group.to_lowercase() == *own)
            }
            (Who::Role(least), By::Person(p)) => p.role.is_some_and(|role| role >= *least),
            (Who::Playbook(own), By::Playbook(name))
            | (Who::Connector(own), By::Connector(name)) => is(own, name),
            _ => false,
        }
    }

    fn covers(&self, act: &Act<'_>) -> bool {
        let target = act.target();
        let asset = assets::of(&target);
        // Who is not listed has no tags, groups or site.
        let listed = asset.listed;
        let on = match self.on {
            On::Everything => true,
            On::Kind(kind) => act.action.target.as_ref().is_some_and(|t| t.kind.word() == kind),
            On::Address(value) => {
                // Another name of the target takes a right away, and gives none.
                let also = asset.also.iter().any(|(_, name)| *name == value);
                target == value || (also && !self.permits)
            }
            On::Tag(tag) => listed && asset.tags().iter().any(|own| own == tag),
            On::Group(group) => listed && asset.groups().iter().any(|own| own == group),
            On::Site(site) => listed && asset.site().as_deref() == Some(site),
            On::Criticality(level) => asset.criticality.is_some_and(|own| own.word() == level),
            On::Practice(practice) => act.action.practice == practice,
        };
        on && fits(self.what, act.class)
    }
}

/// A few of the lines; mostly none.
pub(crate) fn roll(dice: &mut Dice) -> Vec<&'static Line> {
    let many = *dice.one(&[0, 0, 0, 0, 0, 1, 2, 3]);
    let mut lines: Vec<&'static Line> = Vec::new();
    for _ in 0..many {
        lines.push(&LINES[dice.below(LINES.len())]);
    }
    lines
}

pub(crate) fn policy(lines: &[&Line]) -> Value {
    lines.iter().map(|line| line.policy()).collect()
}

/// Whether one party may do it: nothing forbids it, and where its kind is limited, something permits it.
fn has(lines: &[&Line], by: &By<'_>, act: &Act<'_>) -> bool {
    let meant = |line: &&&Line| line.names(by) && line.covers(act);
    let mut meant_lines = lines.iter().filter(meant);
    let is_limited = lines.iter().any(|line| line.permits && line.is_about(by));
    let is_permitted = lines.iter().filter(meant).any(|line| line.permits);
    meant_lines.all(|line| line.permits) && (is_permitted || !is_limited)
}

pub(crate) fn may(lines: &[&Line], person: &Person, act: &Act<'_>) -> bool {
    has(lines, &By::Person(person), act)
}

/// Who of playbook and connector may not.
pub(crate) fn lacks(lines: &[&Line], act: &Act<'_>) -> Option<String> {
    let playbook = has(lines, &By::Playbook(act.playbook), act);
    let connector = has(lines, &By::Connector(&act.action.instance), act);
    match (playbook, connector) {
        (false, _) => Some(format!("playbook {} has no right to it", act.playbook)),
        (_, false) => Some(format!("connector {} has no right to it", act.action.instance)),
        (true, true) => None,
    }
}
