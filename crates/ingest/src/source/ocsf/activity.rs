//! Activity classes, by the categories and names that Sigma rules use.

use stanch_model::event::LogSource;

use crate::fields::Fields;

/// Class, activity (any if `None`), and Sigma's category.
const CATEGORIES: &[(u64, Option<u64>, &str)] = &[
    (1001, Some(1), "file_event"),
    (1001, Some(3), "file_change"),
    (1001, Some(4), "file_delete"),
    (1001, Some(5), "file_rename"),
    (1007, Some(1), "process_creation"),
    (1007, Some(2), "process_termination"),
    (4001, None, "network_connection"),
    (4003, None, "dns_query"),
];

/// Sigma's names, by class.
const NAMES: &[(u64, &[(&str, &str)])] = &[
    (1001, &[("file.path", "TargetFilename"), ("actor.process.file.path", "Image")]),
    (
        1007,
        &[
            ("process.file.path", "Image"),
            ("process.cmd_line", "CommandLine"),
            ("process.parent_process.file.path", "ParentImage"),
            ("process.parent_process.cmd_line", "ParentCommandLine"),
            ("actor.process.file.path", "ParentImage"),
            ("actor.process.cmd_line", "ParentCommandLine"),
            ("process.working_directory", "CurrentDirectory"),
            ("actor.user.name", "User"),
        ],
    ),
    (
        4001,
        &[
            ("src_endpoint.ip", "SourceIp"),
            ("src_endpoint.port", "SourcePort"),
            ("dst_endpoint.ip", "DestinationIp"),
            ("dst_endpoint.port", "DestinationPort"),
            ("dst_endpoint.hostname", "DestinationHostname"),
            ("actor.process.file.path", "Image"),
        ],
    ),
    (4003, &[("query.hostname", "QueryName"), ("actor.process.file.path", "Image")]),
];

/// Product by the operating system of `device`, `ocsf` where it is unknown.
pub(super) fn log_source(fields: &Fields, class_uid: u64) -> LogSource {
    let system = fields.text("device.os.type").map(str::to_lowercase);
    let product = match system.as_deref() {
        Some("windows") => "windows",
        Some("linux") => "linux",
        Some("macos") => "macos",
        Some(_) | None => super::NAME,
    };
    let activity = fields.number("activity_id");
    let is_of = |(class, of, _): &&(u64, Option<u64>, &str)| {
        *class == class_uid && (of.is_none() || *of == activity)
    };
    let categories = CATEGORIES.iter().filter(is_of).map(|(.., category)| (*category).to_owned());
    LogSource { product: Some(product.to_owned()), service: None, categories: categories.collect() }
}

/// Adds Sigma's names beside OCSF's.
pub(super) fn alias(fields: &mut Fields, class_uid: u64) {
    let names = NAMES.iter().find(|(class, _)| *class == class_uid);
    for (from, to) in names.map_or(&[][..], |(_, names)| names) {
        fields.alias(from, to);
    }
}
