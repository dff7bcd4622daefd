//! The schema that every right is validated against, and every question as well.

use std::sync::LazyLock;

use cedar_policy::Schema;

/// Parents stand for what the facts say: a person's groups and roles, a target's tags, groups and site. A
/// `Selector` is a right's `value`, which our own patterns have matched: Cedar knows no canonical names.
const TEXT: &str = r"
entity Group;
entity Role;
entity Tag;
entity AssetGroup;
entity Site;
entity Selector;
entity Person in [Group, Role];
entity Token in [Group, Role];
entity Playbook;
entity Connector;
entity Target in [Tag, AssetGroup, Site, Selector] {
    kind: String,
    criticality: String,
    practice: Bool,
};
action act appliesTo {
    principal: [Person, Token, Playbook, Connector],
    resource: [Target],
    context: { class: String },
};
";

/// Read once: it is the same for every policy.
static SCHEMA: LazyLock<Result<Schema, String>> = LazyLock::new(|| {
    let read = Schema::from_cedarschema_str(TEXT);
    read.map(|(schema, _)| schema).map_err(|error| error.to_string())
});

pub(super) fn schema() -> Result<Schema, String> {
    SCHEMA.clone()
}
