//! osquery's event tables, by the columns of a row.

use crate::fields::Fields;

/// A kind of table: columns that its rows have, Sigma's category, and Sigma's names.
pub(super) struct Table {
    columns: &'static [&'static str],
    pub(super) category: &'static str,
    names: &'static [(&'static str, &'static str)],
}

/// The first whose columns are all there.
const TABLES: &[Table] = &[
    // socket_events, bpf_socket_events, process_open_sockets.
    Table {
        columns: &["remote_address", "remote_port"],
        category: "network_connection",
        names: CONNECTED,
    },
    // process_events, bpf_process_events, es_process_events, windows' process_etw_events.
    Table {
        columns: &["path", "cmdline", "pid", "parent"],
        category: "process_creation",
        names: PROCESS,
    },
    Table {
        columns: &["path", "cmdline", "pid", "ppid"],
        category: "process_creation",
        names: PROCESS,
    },
    // file_events, ntfs_journal_events.
    Table {
        columns: &["target_path", "action"],
        category: "file_event",
        names: &[("columns.target_path", "TargetFilename")],
    },
    // es_process_file_events, process_file_events.
    Table {
        columns: &["filename", "event_type", "pid"],
        category: "file_event",
        names: &[("columns.filename", "TargetFilename"), ("columns.path", "Image")],
    },
];

/// A socket that this host opened, or whose opener the row does not tell.
const CONNECTED: &[(&str, &str)] = &[
    ("columns.path", "Image"),
    ("columns.local_address", "SourceIp"),
    ("columns.local_port", "SourcePort"),
    ("columns.remote_address", "DestinationIp"),
    ("columns.remote_port", "DestinationPort"),
];

/// A socket that was opened from outside.
const ACCEPTED: &[(&str, &str)] = &[
    ("columns.path", "Image"),
    ("columns.remote_address", "SourceIp"),
    ("columns.remote_port", "SourcePort"),
    ("columns.local_address", "DestinationIp"),
    ("columns.local_port", "DestinationPort"),
];

const PROCESS: &[(&str, &str)] = &[
    ("columns.path", "Image"),
    ("columns.cmdline", "CommandLine"),
    ("columns.cwd", "CurrentDirectory"),
    ("columns.pid", "ProcessId"),
    ("columns.parent", "ParentProcessId"),
    ("columns.ppid", "ParentProcessId"),
    ("columns.parent_path", "ParentImage"),
    ("columns.parent_cmdline", "ParentCommandLine"),
    ("columns.username", "User"),
];

impl Table {
    /// Adds Sigma's names.
    pub(super) fn alias(&self, fields: &mut Fields) {
        let is_socket = self.category == "network_connection";
        let opener = match fields.text("columns.action").filter(|_| is_socket) {
            Some("accept") => Some(false),
            Some("connect") => Some(true),
            Some(_) | None => None,
        };
        fields.set_some("Initiated", opener);
        for (from, to) in if opener == Some(false) { ACCEPTED } else { self.names } {
            fields.alias(from, to);
        }
    }
}

/// The table that a row is of.
pub(super) fn of(fields: &Fields) -> Option<&'static Table> {
    let has = |column: &&str| fields.value(&format!("columns.{column}")).is_some();
    TABLES.iter().find(|table| table.columns.iter().all(has))
}

/// Decorations that name the operating system, and what they call it.
const PLATFORMS: &[(&str, &str)] = &[
    ("windows", "windows"),
    ("darwin", "macos"),
    ("macos", "macos"),
    ("linux", "linux"),
    ("ubuntu", "linux"),
    ("debian", "linux"),
    ("rhel", "linux"),
    ("centos", "linux"),
    ("fedora", "linux"),
    ("amzn", "linux"),
    ("sles", "linux"),
    ("arch", "linux"),
];

/// Columns that only one system's tables have.
const TELLTALES: &[(&str, &str)] = &[
    ("columns.auid", "linux"),
    ("columns.syscall", "linux"),
    ("columns.seq_num", "macos"),
    ("columns.signing_id", "macos"),
    ("columns.token_elevation_type", "windows"),
];

/// Sigma's product, where the record tells the operating system.
pub(super) fn product(fields: &Fields) -> Option<&'static str> {
    const NAMES: &[&str] = &[
        "decorations.platform",
        "decorations.build_platform",
        "decorations.os",
        "decorations.os_name",
        "columns.platform",
    ];
    let said = fields.text_of(NAMES).map(str::to_lowercase);
    let said = said.and_then(|said| {
        PLATFORMS.iter().find(|(word, _)| said.starts_with(word)).map(|(_, product)| *product)
    });
    said.or_else(|| {
        let told = TELLTALES.iter().find(|(name, _)| fields.value(name).is_some());
        told.map(|(_, product)| *product)
    })
}
