//! The names that differ between the Security log and Sysmon, whose names Sigma rules use.

use crate::fields::Fields;

/// Names of an event of the Security log, and what Sigma's categories call them.
const SECURITY: &[(u64, &[(&str, &str)])] = &[
    (
        4688,
        &[
            ("NewProcessName", "Image"),
            ("ParentProcessName", "ParentImage"),
            ("SubjectLogonId", "LogonId"),
        ],
    ),
    (4689, &[("ProcessName", "Image")]),
    (4657, &[("ProcessName", "Image"), ("NewValue", "Details")]),
    (
        5156,
        &[
            ("Application", "Image"),
            ("SourceAddress", "SourceIp"),
            ("DestAddress", "DestinationIp"),
            ("DestPort", "DestinationPort"),
        ],
    ),
];

/// Mandatory labels (MS-DTYP §2.4.2.4) and Sysmon's words for them.
const INTEGRITY: &[(&str, &str)] = &[
    ("S-1-16-4096", "Low"),
    ("S-1-16-8192", "Medium"),
    ("S-1-16-8448", "Medium"),
    ("S-1-16-12288", "High"),
    ("S-1-16-16384", "System"),
];

/// Adds Sysmon's names beside the Security log's.
pub(super) fn apply(fields: &mut Fields, service: Option<&str>, event_id: u64) {
    if service != Some("security") {
        return;
    }
    let names = SECURITY.iter().find(|(id, _)| *id == event_id).map_or(&[][..], |(_, names)| names);
    for (from, to) in names {
        fields.alias(from, to);
    }
    if event_id == 4688 {
        let label = fields.text("MandatoryLabel");
        let word = INTEGRITY.iter().find(|(sid, _)| Some(*sid) == label).map(|(_, word)| *word);
        fields.set_some("IntegrityLevel", word);
        let user = fields.text("SubjectDomainName").zip(fields.text("SubjectUserName"));
        let user = user.map(|(domain, name)| format!("{domain}\\{name}"));
        fields.set_some("User", user);
    }
    if event_id == 4657 {
        let target = fields.text("ObjectName").map(registry_path);
        let target = target.map(|key| match fields.text("ObjectValueName") {
            Some(value) => format!("{key}\\{value}"),
            None => key,
        });
        fields.set_some("TargetObject", target);
    }
}

/// The kernel's path of a key as Sysmon writes it: `\REGISTRY\MACHINE\…` is `HKLM\…`.
fn registry_path(path: &str) -> String {
    let hives = [("\\REGISTRY\\MACHINE", "HKLM"), ("\\REGISTRY\\USER", "HKU")];
    let found = hives
        .iter()
        .find_map(|(kernel, hive)| path.strip_prefix(kernel).map(|rest| format!("{hive}{rest}")));
    found.unwrap_or_else(|| path.to_owned())
}
