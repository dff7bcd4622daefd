//! Which log a JSON record is of, where it does not say so: Zeek writes one file a log and leaves
//! the name to the file.

use serde_json::{Map, Value};

use crate::fields::Fields;

/// A log, and fields that its records have and others do not; the first whose fields are all
/// there.
const LOGS: &[(&str, &[&str])] = &[
    ("notice", &["note", "msg"]),
    ("conn", &["conn_state", "proto"]),
    ("dns", &["query", "proto"]),
    ("dns", &["qtype_name"]),
    ("dns", &["rcode_name", "trans_id"]),
    ("smb_files", &["action", "path", "name", "times.modified"]),
    ("http", &["trans_depth", "method"]),
    ("http", &["method", "uri"]),
    ("http", &["trans_depth", "status_code"]),
    ("ssl", &["established"]),
    ("ssl", &["server_name", "version"]),
    ("x509", &["certificate.serial"]),
    ("files", &["fuid", "source"]),
    ("files", &["fuid", "analyzers"]),
    ("smb_mapping", &["share_type"]),
    ("dce_rpc", &["endpoint", "operation"]),
    ("kerberos", &["request_type"]),
    ("ntlm", &["hostname", "domainname"]),
    ("rdp", &["cookie", "security_protocol"]),
    ("rdp", &["client_build"]),
    ("ssh", &["auth_attempts"]),
    ("ssh", &["hassh"]),
    ("smtp", &["helo", "mailfrom"]),
    ("ftp", &["command", "reply_code"]),
    ("dhcp", &["msg_types"]),
    ("software", &["software_type"]),
    ("tunnel", &["tunnel_type", "action"]),
    ("weird", &["name", "notice", "peer"]),
];

/// Whether an object is a record of Zeek's.
pub(super) fn is_zeek(object: &Map<String, Value>) -> bool {
    let has = |name: &str| object.contains_key(name);
    let has_ends = has("id.orig_h") && has("id.resp_h");
    has("ts")
        && (has_ends
            || (has("_path") && (has("uid") || has("_write_ts") || has("_system_name")))
            || (has("fuid") && (has("analyzers") || has("source")))
            || (has("note") && has("actions") && has("suppress_for"))
            || (has("certificate.serial") && has("fingerprint"))
            || (has("certificate.serial") && has("id")))
}

/// The log by its fields.
pub(super) fn guess(fields: &Fields) -> Option<&'static str> {
    let has = |name: &&str| fields.value(name).is_some();
    LOGS.iter().find(|(_, names)| names.iter().all(has)).map(|(log, _)| *log)
}
