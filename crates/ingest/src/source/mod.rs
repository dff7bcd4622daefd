//! The sources, in the order in which a record is recognised: the particular before the general.
//!
//! A new source is a folder here and a line in [`SOURCES`].

mod auditd;
mod cef;
mod cloudtrail;
mod contract;
mod device;
mod entra;
mod gelf;
mod journald;
mod json;
mod leef;
mod m365;
mod ocsf;
mod osquery;
mod sshd;
mod suricata;
mod syslog;
mod sysmon_linux;
mod windows;
mod zeek;

pub(crate) use contract::log_source;
pub use contract::{Draft, Source};

/// All sources. `json` is last: it reads any object.
pub static SOURCES: &[&dyn Source] = &[
    &suricata::Suricata,
    &sysmon_linux::SysmonLinux,
    &windows::Windows,
    &ocsf::Ocsf,
    &zeek::Zeek,
    &cloudtrail::CloudTrail,
    &entra::Entra,
    &m365::M365,
    &osquery::Osquery,
    &journald::Journald,
    &auditd::Auditd,
    &cef::Cef,
    &leef::Leef,
    &sshd::Sshd,
    &syslog::Syslog,
    &gelf::Gelf,
    &json::Json,
];
